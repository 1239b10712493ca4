//! Defines the Python classes for the progress bar of a window in the task bar.

use pyo3::prelude::*;

use super::{checked::Percent, enum_mirror::mirror};

mirror!(
    /// What the progress bar shows.
    "transom.window",
    ProgressBarStatus => tauri::window::ProgressBarStatus {
        None, Normal, Indeterminate, Paused, Error,
    }
);

/// The state of the progress bar. Values that are `None` do not change it.
#[pyclass(frozen, from_py_object, module = "transom.window")]
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

impl From<ProgressBarState> for tauri::window::ProgressBarState {
    fn from(state: ProgressBarState) -> Self {
        Self {
            status: state.status.map(Into::into),
            progress: state.progress,
        }
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ProgressBarStatus>()?;
    module.add_class::<ProgressBarState>()
}
