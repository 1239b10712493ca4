//! Keeps the functions that run when a call is cancelled.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs once, on the thread that cancels, which may be the UI thread. It may only pass the news on.
pub type CancelHook = Box<dyn FnOnce() + Send>;

/// The hooks of one call. `None` after they have run.
pub(crate) struct CancelHooks(Mutex<Option<Vec<(u64, CancelHook)>>>);

impl Default for CancelHooks {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl CancelHooks {
    fn lock(&self) -> MutexGuard<'_, Option<Vec<(u64, CancelHook)>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs every hook, outside the lock.
    pub(crate) fn tell(&self) {
        let hooks = self.lock().take();
        let hooks = hooks.into_iter().flatten();
        hooks.for_each(|(_, hook)| hook());
    }

    /// Adds `hook` under `id`. Runs it at once when the others have run already.
    pub(crate) fn add(&self, id: u64, hook: CancelHook) {
        if let Some(hooks) = &mut *self.lock() {
            return hooks.push((id, hook));
        }
        hook();
    }

    /// Removes a hook, so that it does not run any more.
    pub(crate) fn remove(&self, id: u64) {
        if let Some(hooks) = &mut *self.lock() {
            hooks.retain(|(other, _)| *other != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    fn counting(count: &Arc<AtomicUsize>) -> CancelHook {
        let count = Arc::clone(count);
        Box::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        })
    }

    #[test]
    fn a_hook_is_told_once_before_or_after_the_cancel() {
        let (hooks, count) = (CancelHooks::default(), Arc::default());
        hooks.add(1, counting(&count));
        hooks.tell();
        hooks.tell();
        assert_eq!(count.load(Ordering::Relaxed), 1);
        hooks.add(2, counting(&count));
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_hook_that_was_taken_off_is_not_told() {
        let (hooks, count) = (CancelHooks::default(), Arc::default());
        hooks.add(1, counting(&count));
        hooks.remove(1);
        hooks.tell();
        assert_eq!(count.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_hook_that_races_with_the_cancel_is_told_once() {
        for _ in 0..2000 {
            let (hooks, count) = (Arc::new(CancelHooks::default()), Arc::default());
            let telling = Arc::clone(&hooks);
            let other = std::thread::spawn(move || telling.tell());
            hooks.add(1, counting(&count));
            let _ = other.join();
            assert_eq!(count.load(Ordering::Relaxed), 1);
        }
    }
}
