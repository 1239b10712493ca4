//! What a command's `app_handle` may reach, and for how long.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicBool, Ordering},
};

use pyo3::{exceptions::PyPermissionError, prelude::*};

use super::errors::window_closed;
use crate::actors::{Scope, System, WindowKey};

/// The reach of what a command was given: its own window, and what the scope entries grant beside
/// it. It ends with that window.
#[derive(Debug)]
pub(crate) struct Reach {
    system: Weak<System>,
    window: WindowKey,
    scope: Arc<Scope>,
    everywhere: bool,
    /// Once closed, never open again.
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

    /// Whether it is the reach of this opening of a window, by this scope.
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

    /// Whether its window is there.
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

    /// Whether it takes in every window there is and will be.
    pub(crate) fn is_everywhere(&self) -> bool {
        self.everywhere
    }

    pub(crate) fn includes(&self, label: &str) -> bool {
        self.everywhere || label == self.label() || self.scope.allows_window(label)
    }

    /// `PermissionError` for a window beyond it.
    pub(crate) fn check(&self, label: &str) -> PyResult<()> {
        if self.includes(label) {
            return Ok(());
        }
        Err(self.denied(label))
    }

    /// `PermissionError` unless it takes in every window.
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
