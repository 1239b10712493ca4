//! The Python bindings: one noun per file. The only room that touches the interpreter.

mod constants;
#[cfg(feature = "wheel")]
pub(crate) mod context;
pub(crate) mod gil;

use pyo3::prelude::*;

/// The native half of the package `transom`.
#[pymodule(gil_used = false)]
mod _native {
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        constants::register(module)?;
        #[cfg(feature = "wheel")]
        context::register(module)?;
        Ok(())
    }
}
