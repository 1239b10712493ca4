//! Makes Python enums, of Python's own class `enum.Enum`, that mirror an enum of Tauri.

use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyList, PyType},
};

/// An enum of Rust with a class in Python that has its values.
pub(crate) trait Mirror: Copy + 'static {
    const MODULE: &'static str;
    const NAME: &'static str;
    const DOC: &'static str;
    /// The values, each with its name.
    const VALUES: &'static [(&'static str, Self)];

    /// Where the class is kept once it is made.
    fn class_cell() -> &'static PyOnceLock<Py<PyType>>;

    /// The class in Python.
    fn class(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
        let class = Self::class_cell().get_or_try_init(py, || make::<Self>(py))?;
        Ok(class.bind(py))
    }

    /// Adds the class to a module.
    fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add(Self::NAME, Self::class(module.py())?)
    }

    /// Reads a member of the class. `TypeError` for anything else.
    fn read(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let class = Self::class(object.py())?;
        if !object.is_instance(class)? {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "expected {}, got {kind}",
                Self::NAME
            )));
        }
        let value = object.getattr("value")?;
        let value = value.extract::<String>()?;
        let found = Self::VALUES.iter().find(|(name, _)| *name == value);
        found
            .map(|(_, value)| *value)
            .ok_or_else(|| PyTypeError::new_err(format!("{} has no value {value:?}", Self::NAME)))
    }

    /// The member of the class with this name.
    fn member<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        Self::class(py)?.getattr(name)
    }
}

fn make<T: Mirror>(py: Python<'_>) -> PyResult<Py<PyType>> {
    let members = PyList::empty(py);
    for (name, _) in T::VALUES {
        // No annotation and no attribute can be spelt `None`.
        let spelt = if *name == "None" { "None_" } else { name };
        members.append((spelt, *name))?;
        if spelt != *name {
            members.append((*name, *name))?;
        }
    }
    let options = [("module", T::MODULE), ("qualname", T::NAME)];
    let options = pyo3::types::IntoPyDict::into_py_dict(options, py)?;
    let class = py
        .import("enum")?
        .getattr("Enum")?
        .call((T::NAME, members), Some(&options))?;
    class.setattr("__doc__", T::DOC)?;
    Ok(class.cast_into::<PyType>()?.unbind())
}

/// `mirror!(module, Name => tauri::Name { A, B })`: an enum that converts into Tauri's, from and into
/// a member of a Python enum `module.Name`. The name of each member is its value too.
macro_rules! mirror {
    ($(#[doc = $doc:literal])* $module:literal, $name:ident => $tauri:path { $($value:ident),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($value),* }

        impl crate::python::convert::enum_mirror::Mirror for $name {
            const MODULE: &'static str = $module;
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc),*).trim_ascii();
            const VALUES: &'static [(&'static str, Self)] = &[
                $((stringify!($value), Self::$value)),*
            ];

            fn class_cell() -> &'static pyo3::sync::PyOnceLock<pyo3::Py<pyo3::types::PyType>> {
                static CLASS: pyo3::sync::PyOnceLock<pyo3::Py<pyo3::types::PyType>> =
                    pyo3::sync::PyOnceLock::new();
                &CLASS
            }
        }

        impl<'py> pyo3::FromPyObject<'_, 'py> for $name {
            type Error = pyo3::PyErr;

            fn extract(object: pyo3::Borrowed<'_, 'py, pyo3::PyAny>) -> pyo3::PyResult<Self> {
                <Self as crate::python::convert::enum_mirror::Mirror>::read(&object)
            }
        }

        impl<'py> pyo3::IntoPyObject<'py> for $name {
            type Target = pyo3::PyAny;
            type Output = pyo3::Bound<'py, Self::Target>;
            type Error = pyo3::PyErr;

            fn into_pyobject(self, py: pyo3::Python<'py>) -> pyo3::PyResult<Self::Output> {
                let name = match self { $(Self::$value => stringify!($value)),* };
                <Self as crate::python::convert::enum_mirror::Mirror>::member(py, name)
            }
        }

        impl From<$name> for $tauri {
            fn from(value: $name) -> Self {
                match value { $($name::$value => <$tauri>::$value),* }
            }
        }
    };
}
pub(crate) use mirror;
