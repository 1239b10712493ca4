//! Gives the parts of the bridge access to the app's actors, to its UI thread and to a clock.

use std::{
    sync::{Arc, OnceLock, Weak},
    thread::{self, ThreadId},
    time::Duration,
};

use crate::actors::System;

/// A weak link to the actors of an app, and the identity of its UI thread.
#[derive(Default)]
pub(super) struct AppContext {
    system: OnceLock<Weak<System>>,
    ui_thread: OnceLock<ThreadId>,
}

impl AppContext {
    /// Sets the actors, once.
    pub(super) fn bind(&self, system: &Arc<System>) {
        let _ = self.system.set(Arc::downgrade(system));
    }

    /// The actors, while the app lives.
    pub(super) fn system(&self) -> Option<Arc<System>> {
        self.system.get().and_then(Weak::upgrade)
    }

    /// Marks the current thread as the UI thread.
    pub(super) fn mark_ui_thread(&self) {
        self.ui_thread.get_or_init(|| thread::current().id());
    }

    /// Whether the current thread is the UI thread.
    pub(super) fn is_ui_thread(&self) -> bool {
        self.ui_thread.get() == Some(&thread::current().id())
    }
}

/// Calls `act` after `delay`, in a task of Tauri.
pub(super) fn later(delay: Duration, act: impl FnOnce() + Send + 'static) {
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(delay).await;
        act();
    });
}
