//! Guards a state machine with a lock, and wakes the threads that wait for it to change.

use std::time::Duration;

use super::primitives::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Bell<M> {
    machine: Mutex<M>,
    bell: Condvar,
}

impl<M> Bell<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self {
            machine: Mutex::new(machine),
            bell: Condvar::new(),
        }
    }

    pub(crate) fn machine(&self) -> MutexGuard<'_, M> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while `waits` is true of the machine. Whoever changes the machine must call `ring`.
    pub(crate) fn wait_while(&self, waits: impl Fn(&M) -> bool) {
        let mut machine = self.machine();
        while waits(&machine) {
            machine = self
                .bell
                .wait(machine)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits like `wait_while`, but at most `patience` from one ring to the next. False: nobody
    /// rang.
    pub(crate) fn wait_while_for(&self, waits: impl Fn(&M) -> bool, patience: Duration) -> bool {
        let mut machine = self.machine();
        while waits(&machine) {
            let (guard, timeout) = self
                .bell
                .wait_timeout(machine, patience)
                .unwrap_or_else(PoisonError::into_inner);
            machine = guard;
            if timeout.timed_out() {
                return !waits(&machine);
            }
        }
        true
    }

    /// Makes all waiting threads check the machine again.
    pub(crate) fn ring(&self) {
        self.bell.notify_all();
    }
}
