//! Lets Python stop the clock of time limits while a debugger holds a thread.

use pyo3::prelude::*;

use crate::sync::clock;

/// Stops the clock of all time limits of this process, until `start_clock` was called as often.
#[pyfunction]
fn stop_clock() {
    clock::stop();
}

/// Takes one `stop_clock` back.
#[pyfunction]
fn start_clock() {
    clock::go_on();
}

pub(in crate::python) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(stop_clock, module)?)?;
    module.add_function(wrap_pyfunction!(start_clock, module)?)
}
