//! Decides which windows a command's `app_handle` may reach, and how long the handle is valid.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use pyo3::{exceptions::PyPermissionError, prelude::*};

use crate::actors::{Scope, System, WindowKey};
use crate::python::convert::errors::window_closed;

/// The windows that the handle of a command may reach: its own window, and those that the scope
/// entries grant. It ends with its own window.
#[derive(Debug)]
pub(crate) struct Reach {
    system: Weak<System>,
    window: WindowKey,
    scope: Arc<Scope>,
    everywhere: bool,
    /// Once it is closed, it stays closed.
    closed: AtomicBool,
}

impl Reach {
    pub(crate) fn new(system: &Arc<System>, window: WindowKey, scope: Arc<Scope>) -> Self {
        Self {
            system: Arc::downgrade(system),
            window,
            everywhere: scope.allows_every_window(),
            scope,
            closed: AtomicBool::new(false),
        }
    }

    /// Whether it belongs to this opening of a window and this scope.
    pub(crate) fn is_of(&self, window: &WindowKey, scope: &Arc<Scope>) -> bool {
        self.window == *window && Arc::ptr_eq(&self.scope, scope)
    }

    pub(crate) fn system(&self) -> Option<Arc<System>> {
        self.system.upgrade()
    }

    /// The label of its window.
    pub(crate) fn label(&self) -> &str {
        &self.window.label
    }

    /// Whether its window is open.
    pub(crate) fn is_open(&self) -> bool {
        if self.closed.load(Ordering::Relaxed) {
            return false;
        }
        let open = self
            .system()
            .is_some_and(|system| system.is_open(&self.window));
        if !open {
            self.closed.store(true, Ordering::Relaxed);
        }
        open
    }

    /// `WindowClosed` when its window is gone.
    pub(crate) fn check_open(&self, py: Python<'_>) -> PyResult<()> {
        if self.is_open() {
            return Ok(());
        }
        let label = self.label();
        Err(window_closed(
            py,
            format!(
                "the window `{label}`, for which this `app_handle` was made, is closed; what must \
                 go on without it uses `app_handle.app`, asked for in time"
            ),
        ))
    }

    /// Whether it includes all windows, present and future.
    pub(crate) fn is_everywhere(&self) -> bool {
        self.everywhere
    }

    pub(crate) fn includes(&self, label: &str) -> bool {
        self.everywhere || label == self.label() || self.scope.allows_window(label)
    }

    /// `PermissionError` for a window out of reach.
    pub(crate) fn check(&self, label: &str) -> PyResult<()> {
        if self.includes(label) {
            return Ok(());
        }
        Err(self.denied(label))
    }

    /// `PermissionError` unless it includes all windows.
    pub(crate) fn check_everywhere(&self) -> PyResult<()> {
        if self.everywhere {
            return Ok(());
        }
        Err(self.denied("*"))
    }

    fn denied(&self, label: &str) -> PyErr {
        PyPermissionError::new_err(self.scope.window_denied(self.label(), label))
    }
}
