//! A machine under a lock, and threads that wait until its state lets them go on.

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

    /// Waits for as long as the machine is in such a state. Who changes that rings.
    pub(crate) fn wait_while(&self, waits: impl Fn(&M) -> bool) {
        let mut machine = self.machine();
        while waits(&machine) {
            machine = self
                .bell
                .wait(machine)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets those who wait look again.
    pub(crate) fn ring(&self) {
        self.bell.notify_all();
    }
}
