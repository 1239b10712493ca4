//! The progress bar in the task bar.

use pyo3::prelude::*;

use super::{mirror::mirror, window_values::Percent};

mirror!(
    /// What the progress bar shows.
    "transom.window",
    ProgressBarStatus => tauri::window::ProgressBarStatus {
        None, Normal, Indeterminate, Paused, Error,
    }
);

/// State of the progress bar; what is `None` stays as it is.
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

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ProgressBarStatus>()?;
    module.add_class::<ProgressBarState>()
}
