//! Counts the lanes and windows that this thread has looked at, for tests of the cost of a step.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local!(static LOOKS: Cell<usize> = const { Cell::new(0) });

#[cfg(test)]
pub(super) fn count(more: usize) {
    LOOKS.set(LOOKS.get() + more);
}

#[cfg(not(test))]
pub(super) fn count(_: usize) {}

#[cfg(test)]
pub(in crate::actors) fn take() -> usize {
    LOOKS.take()
}
