//! Keeps the handler of one item, which ends with the item.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::{PyTraverseError, PyVisit, prelude::*};
use tauri::Wry;

use super::handlers::{self, ClickHandler};
use crate::python::{callbacks::callback::Callback, gil};

#[derive(Default)]
struct ClickState {
    func: Option<Py<PyAny>>,
    /// Whether the item has been put into a menu. Until then nobody can choose it.
    placed: bool,
    handler: Option<ClickHandler>,
}

/// The handler of one item.
#[derive(Default)]
pub(super) struct Click(Mutex<ClickState>);

impl Click {
    /// `TypeError` or `ValueError` if `func` cannot be called with an item.
    pub(super) fn new(func: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let click = Self::default();
        if let Some(func) = func {
            check(func)?;
            click.state().func = Some(func.clone().unbind());
        }
        Ok(click)
    }

    fn state(&self) -> MutexGuard<'_, ClickState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn func(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.state().func.as_ref().map(|func| func.clone_ref(py))
    }

    /// Replaces the handler of `item`.
    pub(super) fn set(
        &self,
        item: &Bound<'_, PyAny>,
        app: &tauri::AppHandle<Wry>,
        id: &str,
        func: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        func.map_or(Ok(()), check)?;
        let (before, placed) = {
            let mut state = self.state();
            let func = func.map(|func| func.clone().unbind());
            let before = (
                std::mem::replace(&mut state.func, func),
                state.handler.take(),
            );
            (before, state.placed)
        };
        // They may run code of their own when they go: never under the lock.
        drop(before);
        if placed {
            self.arm(item, app, id)
        } else {
            Ok(())
        }
    }

    /// Has the handler called from now on. Called when `item` is put into a menu.
    pub(super) fn arm(
        &self,
        item: &Bound<'_, PyAny>,
        app: &tauri::AppHandle<Wry>,
        id: &str,
    ) -> PyResult<()> {
        let py = item.py();
        {
            let mut state = self.state();
            state.placed = true;
            if state.func.is_none() || state.handler.is_some() {
                return Ok(());
            }
        }
        // It knows the item weakly: what is reached from a table of ours is never collected.
        let clicks = py.import("transom._app.clicks")?;
        let callback = Callback::new(&clicks.call_method1("weakly", (item,))?)?;
        gil::detach(py, || handlers::hook(app));
        let before = self
            .state()
            .handler
            .replace(handlers::on_click(id, callback));
        drop(before);
        Ok(())
    }

    pub(super) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0
            .try_lock()
            .map_or(Ok(()), |state| visit.call(&state.func))
    }

    pub(super) fn clear(&self) {
        let func = self.state().func.take();
        drop(func);
    }
}

fn check(func: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = func.py();
    py.import("transom._app.clicks")?
        .call_method1("check", (func,))
        .map(drop)
}
