//! The calls of a pool that wait for a worker, in the one order of [`crate::actors`]: background
//! behind interactive, windows in turns.

use std::collections::HashMap;

use super::message::Task;
use crate::actors::{CallKey, FairQueue, Lane, Name};

/// What decides where a call may go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Needs {
    /// Whose worker it wants.
    pub(super) key: Option<Name>,
    /// Whether it shares one.
    pub(super) shared: bool,
}

impl Needs {
    pub(super) fn of(task: &Task) -> Self {
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

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    order: FairQueue<Needs, Asked>,
    tasks: HashMap<CallKey, Task>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn push(&mut self, task: Task) {
        self.order.push(lane(&task), task.call, Asked::No);
        self.tasks.insert(task.call, task);
    }

    /// For a call whose worker died: it had its turn.
    pub(super) fn put_back(&mut self, task: Task) {
        self.order.put_back(lane(&task), task.call, Asked::No);
        self.tasks.insert(task.call, task);
    }

    /// The next among those that `may` go. Calls of one window with the same needs are asked once.
    pub(super) fn pop(&mut self, may: impl Fn(&Needs) -> bool) -> Option<Task> {
        let asked = |needs: &Needs| (!may(needs)).then_some(Asked::Yes);
        let next = self.order.pop(&[Asked::No], asked);
        self.order.wait_all(&Asked::No);
        self.tasks.remove(&next?.0)
    }

    pub(super) fn remove(&mut self, call: CallKey) -> Option<Task> {
        self.order.remove(call);
        self.tasks.remove(&call)
    }

    /// What those that wait need, and how many of a window need the same; in no order.
    pub(super) fn needs(&self) -> impl Iterator<Item = (&Needs, usize)> {
        self.order.lanes()
    }

    /// All of them, in their order.
    pub(super) fn drain(&mut self) -> Vec<Task> {
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
