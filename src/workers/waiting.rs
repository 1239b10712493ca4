//! The calls of a pool that wait for a worker, in the one order of [`crate::actors`]: background
//! behind interactive, windows in turns.

use std::collections::HashMap;

use super::message::Task;
use crate::actors::{CallKey, FairQueue};

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    order: FairQueue,
    tasks: HashMap<CallKey, Task>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn push(&mut self, task: Task) {
        self.order.push(&task.window, task.class, task.call);
        self.tasks.insert(task.call, task);
    }

    /// For a call whose worker died: it had its turn.
    pub(super) fn put_back(&mut self, task: Task) {
        self.order.put_back(&task.window, task.class, task.call);
        self.tasks.insert(task.call, task);
    }

    /// The next among those that `may` go.
    pub(super) fn pop(&mut self, may: impl Fn(&Task) -> bool) -> Option<Task> {
        let tasks = &self.tasks;
        let call = self.order.pop(|call| tasks.get(&call).is_some_and(&may))?;
        self.tasks.remove(&call)
    }

    pub(super) fn remove(&mut self, call: CallKey) -> Option<Task> {
        self.order.remove(call);
        self.tasks.remove(&call)
    }

    /// All of them, in no order.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// All of them, in their order.
    pub(super) fn drain(&mut self) -> Vec<Task> {
        std::iter::from_fn(|| self.pop(|_| true)).collect()
    }
}
