//! Lets Python wait until a window is gone, in a thread or on an event loop.

use std::sync::Arc;

use crossbeam_channel::bounded;
use pyo3::{exceptions::PyRuntimeError, prelude::*};

use super::{lifecycle::Lifecycle, webview::AnyWindow};
use crate::host::Host;
use crate::python::{
    executor::{call::PythonCall, waker::Waker},
    gil,
    host::{page::call::deadline, python_host::PythonHost},
    own::{Own, check_process},
};

/// The end of a window, for an event loop to watch.
#[pyclass(frozen, module = "transom._native")]
pub(crate) struct WindowEnd(Own<Watched>);

struct Watched {
    /// `None`: the window was gone already.
    life: Option<(Arc<Lifecycle>, u64)>,
    waker: Arc<Waker>,
}

#[pymethods]
impl WindowEnd {
    #[new]
    #[pyo3(signature = (window, /))]
    fn new(py: Python<'_>, window: AnyWindow) -> PyResult<Self> {
        check_process()?;
        let waker = Arc::new(Waker::new()?);
        let wake = Arc::clone(&waker);
        let life = gil::detach(py, || {
            window.0.life().map(|life| {
                let number = life.on_end(move || wake.wake());
                (life, number)
            })
        });
        Ok(Self(Own::new(Watched { life, waker })))
    }

    /// A descriptor that is readable once the window is gone.
    fn fileno(&self) -> PyResult<i64> {
        Ok(self.0.get()?.waker.handle())
    }

    /// Whether the window is gone.
    fn is_over(&self) -> PyResult<bool> {
        let life = self.0.get()?.life.as_ref();
        Ok(life.is_none_or(|(life, _)| life.is_over()))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some((life, number)) = &self.life {
            life.off_end(*number);
        }
    }
}

#[derive(Clone, Copy)]
enum WaitEnd {
    Gone,
    Cancelled,
}

#[pymethods]
impl PythonHost {
    /// Waits on this thread, without the GIL, until the window is gone. The wait ends after
    /// `timeout` seconds, or when `call` is cancelled. Returns `gone`, `timeout` or `cancelled`.
    /// `RuntimeError`: this is the UI thread.
    #[pyo3(signature = (window, timeout, call=None))]
    fn wait_window_end(
        &self,
        py: Python<'_>,
        window: AnyWindow,
        timeout: Option<f64>,
        call: Option<&PythonCall>,
    ) -> PyResult<&'static str> {
        let Host { bridge, system, .. } = &**self.get()?;
        if bridge.is_ui_thread() {
            return Err(PyRuntimeError::new_err(
                "`blocking_closed` cannot run on the UI thread: the window closes there, so it \
                 never would",
            ));
        }
        // One end and one cancel: nothing that is sent here ever waits.
        let (news, told) = bounded(2);
        let id = system.next_key();
        if let Some(call) = call {
            let tell = news.clone();
            let cancelled = move || tell.try_send(WaitEnd::Cancelled).unwrap_or_default();
            call.call().on_cancel(id, Box::new(cancelled));
        }
        let heard = gil::detach(py, || {
            let Some(life) = window.0.life() else {
                return Some(WaitEnd::Gone);
            };
            let number = life.on_end(move || news.try_send(WaitEnd::Gone).unwrap_or_default());
            let heard = match timeout.and_then(deadline) {
                Some(deadline) => told.recv_deadline(deadline).ok(),
                None => told.recv().ok(),
            };
            life.off_end(number);
            heard
        });
        if let Some(call) = call {
            call.call().off_cancel(id);
        }
        Ok(match heard {
            Some(WaitEnd::Gone) => "gone",
            Some(WaitEnd::Cancelled) => "cancelled",
            None => "timeout",
        })
    }
}
