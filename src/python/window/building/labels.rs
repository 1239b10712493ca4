//! Prevents two threads from building windows with the same label at the same time.
//!
//! Tauri checks whether a label is free before it makes a window, and takes the label after that,
//! so two threads could both find it free.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

static BUILDING: Mutex<Vec<String>> = Mutex::new(Vec::new());
static CHANGED: Condvar = Condvar::new();

/// The right to build a window with this label.
#[derive(Debug)]
pub(crate) struct Claim(String);

impl Claim {
    /// Waits, without the GIL, while another thread builds a window with this label. `None`: that
    /// did not end by `until`.
    pub(crate) fn take(label: &str, until: Instant) -> Option<Self> {
        let patience = until.saturating_duration_since(Instant::now());
        let taken = |labels: &mut Vec<String>| labels.iter().any(|it| it == label);
        let (mut labels, waited) = CHANGED
            .wait_timeout_while(building(), patience, taken)
            .unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        labels.push(label.to_owned());
        Some(Self(label.to_owned()))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        building().retain(|it| *it != self.0);
        CHANGED.notify_all();
    }
}

fn building() -> MutexGuard<'static, Vec<String>> {
    BUILDING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::*;

    #[test]
    fn one_thread_at_a_time_builds_a_label() {
        let now = Instant::now();
        let claim = Claim::take("one at a time", now);
        assert!(claim.is_some());
        assert!(Claim::take("one at a time", now).is_none());
        assert!(Claim::take("another", now).is_some());
        let later = now + Duration::from_secs(60);
        let other = thread::spawn(move || Claim::take("one at a time", later).is_some());
        drop(claim);
        assert_eq!(other.join().ok(), Some(true));
    }
}
