//! Calls functions of pages, and takes their answers.

use std::sync::{Arc, Mutex};

use serde_json::value::RawValue;

use super::{
    Bridge,
    waiting::{PageCallError, PageCallResult, SharedOutbox, WaitingCall, with},
};
use crate::ipc::outbox::PageFunction;

impl Bridge {
    /// Calls a function of the page that `label` shows. `arg` is JSON. The key identifies the call.
    pub fn call_page(
        self: &Arc<Self>,
        label: &str,
        name: &str,
        arg: Box<RawValue>,
        answer: impl FnOnce(PageCallResult) + Send + 'static,
    ) -> Option<u64> {
        let Some(system) = self.system() else {
            answer(Err(PageCallError::Closed));
            return None;
        };
        let n = system.next_key();
        let frame = PageFunction {
            n,
            name: name.into(),
            arg,
        };
        let call = WaitingCall {
            label: label.into(),
            answer: Mutex::new(Box::new(answer)),
        };
        self.page_calls.insert(n, call);
        let Some(outbox) = self.outbox(label) else {
            self.answer_page_call(n, Err(PageCallError::Closed));
            return None;
        };
        if !with(&outbox, |outbox| outbox.put_call(frame)) {
            self.answer_page_call(n, Err(PageCallError::Overloaded));
            return None;
        }
        let still_there = |now: SharedOutbox| Arc::ptr_eq(&now, &outbox);
        if !self.outbox(label).is_some_and(still_there) {
            // Its end may have come before this call could be seen by it.
            self.answer_page_call(n, Err(PageCallError::Closed));
            return None;
        }
        self.look(&outbox);
        Some(n)
    }

    /// Drops a call of a page that nobody waits for any more.
    pub fn forget_page_call(&self, n: u64) {
        if let Some((_, call)) = self.page_calls.remove(&n)
            && let Some(outbox) = self.outbox(&call.label)
        {
            with(&outbox, |outbox| outbox.drop_call(n));
        }
    }

    /// Takes the answer of a page. Only the window that was called may answer.
    pub(in crate::ipc) fn page_replied(&self, label: &str, n: u64, result: PageCallResult) {
        let own = self
            .page_calls
            .get(&n)
            .is_some_and(|call| &*call.label == label);
        if own {
            self.answer_page_call(n, result);
        }
    }

    pub(super) fn answer_page_call(&self, n: u64, result: PageCallResult) {
        if let Some((_, call)) = self.page_calls.remove(&n) {
            if let Some(outbox) = self.outbox(&call.label) {
                with(&outbox, |outbox| outbox.drop_call(n));
            }
            call.answer(result);
        }
    }
}
