//! Defines the Python classes for the progress bar of a window in the task bar.

use pyo3::prelude::*;

use crate::python::convert::{
    checked::Percent,
    enum_mirror::{Mirror as _, mirror},
    fields::Fields,
};

mirror!(
    /// What the progress bar shows.
    "transom.window",
    ProgressBarStatus => tauri::window::ProgressBarStatus {
        None, Normal, Indeterminate, Paused, Error,
    }
);

/// State of the progress bar; what is `None` stays as it is.
#[pyclass(frozen, module = "transom.window")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProgressBarState {
    #[pyo3(get)]
    status: Option<ProgressBarStatus>,
    /// Percent, 0 to 100.
    #[pyo3(get)]
    progress: Option<u64>,
}

#[pymethods]
impl ProgressBarState {
    #[new]
    #[pyo3(signature = (*, status = None, progress = None))]
    fn new(status: Option<ProgressBarStatus>, progress: Option<Percent>) -> Self {
        let progress = progress.map(|progress| progress.0);
        Self { status, progress }
    }
}

impl<'py> FromPyObject<'_, 'py> for ProgressBarState {
    type Error = PyErr;

    /// A dictionary will do.
    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(state) = object.cast::<Self>() {
            return Ok(*state.get());
        }
        let fields = Fields::of("ProgressBarState", &object)?;
        let state = Self::new(fields.take("status")?, fields.take("progress")?);
        fields.end()?;
        Ok(state)
    }
}

impl From<ProgressBarState> for tauri::window::ProgressBarState {
    fn from(state: ProgressBarState) -> Self {
        Self {
            status: state.status.map(Into::into),
            progress: state.progress,
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    ProgressBarStatus::register(module)?;
    module.add_class::<ProgressBarState>()
}
