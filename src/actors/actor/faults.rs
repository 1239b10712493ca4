//! Makes actors panic, for tests.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

/// The moments in the handling of a message at which an actor can be made to panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::actors) enum FaultPoint {
    BeforeStep,
    AfterStep,
    BeforeEffect,
    AfterEffect,
}

/// Decides whether an actor of this kind panics now.
#[cfg(test)]
pub(in crate::actors) type Fault = Box<dyn FnMut(&'static str, FaultPoint) -> bool + Send>;

/// The kind of the actor whose next step panics, in all apps of this process.
#[cfg(feature = "faults")]
static NEXT: Mutex<Option<String>> = Mutex::new(None);

/// Makes the next step of an actor of this kind panic: `supervisor`, `window`, `command`,
/// `executor`, `jobs`, `deadlines` or `pool`.
#[cfg(feature = "faults")]
pub fn panic_next(kind: impl Into<String>) {
    *NEXT.lock().unwrap_or_else(PoisonError::into_inner) = Some(kind.into());
}

/// What makes the actors of one app panic.
#[derive(Default)]
pub(in crate::actors) struct Faults {
    #[cfg(test)]
    fault: Mutex<Option<Fault>>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}

impl Faults {
    /// Lets `fault` decide from now on.
    #[cfg(test)]
    pub(in crate::actors) fn inject(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// Panics if a test wants it.
    pub(in crate::actors) fn check(&self, kind: &'static str, moment: FaultPoint) {
        assert!(!self.fails(kind, moment), "a panic as told");
    }

    #[cfg(test)]
    fn fails(&self, kind: &'static str, moment: FaultPoint) -> bool {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        fault.as_mut().is_some_and(|fault| fault(kind, moment))
    }

    #[cfg(not(test))]
    fn fails(&self, kind: &'static str, moment: FaultPoint) -> bool {
        let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
        let fails = moment == FaultPoint::BeforeStep && next.as_deref() == Some(kind);
        if fails {
            *next = None;
        }
        fails
    }
}
