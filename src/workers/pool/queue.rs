//! Queues the calls of a pool that wait for a worker.
//!
//! They wait in the order of [`crate::actors`]: interactive ones before background ones, windows in
//! turns.

use std::collections::HashMap;

use super::messages::Task;
use crate::actors::{CallKey, FairQueue, Lane, Name};

/// The properties of a call that decide where it may go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Needs {
    /// The key whose worker it needs.
    pub(crate) key: Option<Name>,
    /// Whether it can share a worker.
    pub(crate) shared: bool,
}

impl Needs {
    pub(crate) fn of(task: &Task) -> Self {
        Self {
            key: task.key.clone(),
            shared: task.shared,
        }
    }
}

/// Whether a lane was asked in this search, and may not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    No,
    Yes,
}

/// The waiting calls of a pool.
#[derive(Debug, Default)]
pub(crate) struct WaitingCalls {
    order: FairQueue<Needs, Asked>,
    tasks: HashMap<CallKey, Task>,
}

impl WaitingCalls {
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn push(&mut self, task: Task) {
        self.order.push(lane(&task), task.call, Asked::No);
        self.tasks.insert(task.call, task);
    }

    /// Puts a call back whose worker died. It had its turn, so it goes first.
    pub(crate) fn put_back(&mut self, task: Task) {
        self.order.put_back(lane(&task), task.call, Asked::No);
        self.tasks.insert(task.call, task);
    }

    /// Takes the next call that `may` go. Calls of one window with the same needs are asked once.
    pub(crate) fn pop(&mut self, may: impl Fn(&Needs) -> bool) -> Option<Task> {
        let asked = |needs: &Needs| (!may(needs)).then_some(Asked::Yes);
        let next = self.order.pop(&[Asked::No], asked);
        self.order.wait_all(&Asked::No);
        self.tasks.remove(&next?.0)
    }

    pub(crate) fn remove(&mut self, call: CallKey) -> Option<Task> {
        self.order.remove(call);
        self.tasks.remove(&call)
    }

    /// The needs of the waiting calls, and how many of a window have the same, in no order.
    pub(crate) fn needs(&self) -> impl Iterator<Item = (&Needs, usize)> {
        self.order.lanes()
    }

    /// Takes all of them, in their order.
    pub(crate) fn drain(&mut self) -> Vec<Task> {
        std::iter::from_fn(|| self.pop(|_| true)).collect()
    }
}

fn lane(task: &Task) -> Lane<Needs> {
    Lane {
        class: task.class,
        window: task.window.clone(),
        key: Needs::of(task),
    }
}
