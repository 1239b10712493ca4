//! Defines the Python enum `SameSite`, and converts cookies from and into dictionaries.

use pyo3::{exceptions::PyValueError, prelude::*, types::PyDict};
use tauri::webview::{
    Cookie as Native,
    cookie::{
        self, CookieBuilder, Expiration,
        time::{Duration, OffsetDateTime},
    },
};

use crate::python::convert::{
    checked::Text,
    enum_mirror::{Mirror as _, mirror},
    fields::Fields,
};

mirror!(
    /// With which requests of other sites a cookie is sent.
    "transom.webview",
    SameSite => cookie::SameSite { Strict, Lax, None }
);

impl From<cookie::SameSite> for SameSite {
    fn from(value: cookie::SameSite) -> Self {
        match value {
            cookie::SameSite::Strict => Self::Strict,
            cookie::SameSite::Lax => Self::Lax,
            cookie::SameSite::None => Self::None,
        }
    }
}

/// A cookie of a page. In Python a dictionary: `Cookie`.
#[derive(Debug)]
pub(crate) struct Cookie(pub(crate) Native<'static>);

impl<'py> FromPyObject<'_, 'py> for Cookie {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let fields = Fields::of("Cookie", &object)?;
        let text = |name| fields.take::<Text>(name);
        let (key, value): (Text, Text) = (fields.require("key")?, fields.require("value")?);
        let mut cookie = CookieBuilder::new(key.0, value.0);
        if let Some(seconds) = fields.take("max_age")? {
            cookie = cookie.max_age(Duration::seconds(seconds));
        }
        if let Some(moment) = fields.take::<CookieExpiry>("expires")? {
            cookie = cookie.expires(moment.0);
        }
        if let Some(path) = text("path")? {
            cookie = cookie.path(path.0);
        }
        if let Some(domain) = text("domain")? {
            cookie = cookie.domain(domain.0);
        }
        if let Some(on) = fields.take("secure")? {
            cookie = cookie.secure(on);
        }
        if let Some(on) = fields.take("httponly")? {
            cookie = cookie.http_only(on);
        }
        if let Some(site) = fields.take::<SameSite>("samesite")? {
            cookie = cookie.same_site(site.into());
        }
        if let Some(on) = fields.take("partitioned")? {
            cookie = cookie.partitioned(on);
        }
        fields.end()?;
        Ok(Self(cookie.build()))
    }
}

impl<'py> IntoPyObject<'py> for Cookie {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let (cookie, dict) = (self.0, PyDict::new(py));
        dict.set_item("key", cookie.name())?;
        dict.set_item("value", cookie.value())?;
        dict.set_item("max_age", cookie.max_age().map(Duration::whole_seconds))?;
        let expires = match cookie.expires() {
            Some(Expiration::DateTime(moment)) => Some(CookieExpiry(moment)),
            _ => None,
        };
        dict.set_item("expires", expires)?;
        dict.set_item("path", cookie.path())?;
        dict.set_item("domain", cookie.domain())?;
        dict.set_item("secure", cookie.secure())?;
        dict.set_item("httponly", cookie.http_only())?;
        dict.set_item("samesite", cookie.same_site().map(SameSite::from))?;
        dict.set_item("partitioned", cookie.partitioned())?;
        Ok(dict)
    }
}

/// A moment. In Python a `datetime`; one without a time zone is in local time.
struct CookieExpiry(OffsetDateTime);

impl<'py> FromPyObject<'_, 'py> for CookieExpiry {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let seconds: f64 = object.call_method0("timestamp")?.extract()?;
        // The text of a cookie has whole seconds.
        let moment = OffsetDateTime::from_unix_timestamp(seconds as i64);
        moment
            .map(Self)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

impl<'py> IntoPyObject<'py> for CookieExpiry {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let module = py.import("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        let class = module.getattr("datetime")?;
        class.call_method1("fromtimestamp", (self.0.unix_timestamp(), utc))
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    SameSite::register(module)
}
