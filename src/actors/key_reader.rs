//! Reads the keys of calls out of their bodies before the actors hear of them: small bodies where
//! the call arrives, which is the UI's thread, large ones on a thread of its own.
//!
//! Calls of one window keep their order: while one is read on the thread, the next ones of its
//! window go the same way.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{
    call::Call,
    keys::KeySource,
    message::Name,
    request::{Body, Outcome},
    system::{Limits, System},
};
use crate::error::CallError;

/// Bytes of a body that are read where the call arrives, in some 0.1 ms.
const SMALL: usize = 64 << 10;

type Reading = (Arc<Call>, Vec<KeySource>);

/// See the module's text.
#[derive(Debug, Default)]
pub(super) struct KeyReader {
    /// How many calls are on the thread; it changes while the lock is held.
    count: AtomicUsize,
    backlog: Mutex<Backlog>,
}

/// The calls that are on the thread.
#[derive(Debug, Default)]
struct Backlog {
    windows: HashMap<Name, usize>,
    /// Of their bodies.
    bytes: usize,
    thread: Option<(Sender<Reading>, JoinHandle<()>)>,
}

impl Backlog {
    /// What is read has no place in the app yet; it is bounded as what waits is.
    fn fits(&self, size: usize, limits: &Limits) -> Result<(), CallError> {
        let calls: usize = self.windows.values().sum();
        if calls >= limits.calls {
            return Err(CallError::overloaded("app", limits.calls));
        }
        if self.bytes > 0 && self.bytes.saturating_add(size) > limits.queued_bytes {
            return Err(CallError::queued_bytes(limits.queued_bytes));
        }
        Ok(())
    }
}

impl KeyReader {
    fn backlog(&self) -> MutexGuard<'_, Backlog> {
        self.backlog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the calls that are on the thread, and ends it.
    pub(super) fn end(&self) {
        let thread = self.backlog().thread.take();
        if let Some((sender, thread)) = thread {
            drop(sender);
            let _ = thread.join();
        }
    }
}

impl System {
    /// Lets the actors hear of a call once its keys are known.
    pub(super) fn read_keys_and_admit(self: &Arc<Self>, call: Arc<Call>) {
        let sources = self.pointers(&call.request.command);
        let reader = &self.key_reader;
        let size = call.look_at_body(Body::size);
        let large = !sources.is_empty() && size > SMALL;
        if !large && reader.count.load(Ordering::Acquire) == 0 {
            return self.admit(call, sources);
        }
        let mut backlog = reader.backlog();
        if !large && !backlog.windows.contains_key(&call.request.window) {
            drop(backlog);
            return self.admit(call, sources);
        }
        if let Err(error) = backlog.fits(size, self.limits()) {
            drop(backlog);
            call.settle(Outcome::Error(error));
            return;
        }
        if backlog.thread.is_none() {
            backlog.thread = self.start_reader();
        }
        let Some((sender, _)) = &backlog.thread else {
            drop(backlog);
            return self.admit(call, sources);
        };
        let window = call.request.window.clone();
        if sender.send((call, sources)).is_ok() {
            reader.count.fetch_add(1, Ordering::AcqRel);
            backlog.bytes += size;
            *backlog.windows.entry(window).or_default() += 1;
        }
    }

    fn start_reader(self: &Arc<Self>) -> Option<(Sender<Reading>, JoinHandle<()>)> {
        let (sender, calls) = unbounded();
        let system = Arc::downgrade(self);
        let thread = thread::Builder::new()
            .name("transom-keys".into())
            .spawn(move || read(&system, &calls));
        match thread {
            Ok(thread) => Some((sender, thread)),
            Err(error) => {
                log::warn!("the keys of large bodies are read on the UI's thread: {error}");
                None
            }
        }
    }

    fn admit(self: &Arc<Self>, call: Arc<Call>, sources: Vec<KeySource>) {
        call.read_keys(sources);
        self.route_call(call);
    }

    /// The places in its body that the calls of a command go by, for permits, queue and worker.
    fn pointers(&self, command: &Name) -> Vec<KeySource> {
        let Some((_, [permit, queue], executor)) = self.granting(command) else {
            return Vec::new();
        };
        let transport = self.executors.get(&executor);
        let worker = transport.map(|it| it.transport.key_source(command));
        let sources = [permit, queue].into_iter().chain(worker);
        let mut pointers: Vec<KeySource> = Vec::new();
        for source in sources {
            if matches!(source, KeySource::Pointer(_)) && !pointers.contains(&source) {
                pointers.push(source);
            }
        }
        pointers
    }
}

fn read(system: &Weak<System>, calls: &Receiver<Reading>) {
    for (call, sources) in calls {
        let size = call.look_at_body(Body::size);
        let window = call.request.window.clone();
        call.read_keys(sources);
        // Without the app the call is dropped, which answers it.
        let Some(system) = system.upgrade() else {
            return;
        };
        system.route_call(call);
        let reader = &system.key_reader;
        let mut backlog = reader.backlog();
        backlog.bytes -= size;
        if let Some(calls) = backlog.windows.get_mut(&window) {
            *calls -= 1;
            if *calls == 0 {
                backlog.windows.remove(&window);
            }
        }
        reader.count.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_bounded_in_calls_and_in_bytes() {
        let limits = Limits {
            calls: 2,
            queued_bytes: 10,
            ..Limits::default()
        };
        let backlog = |calls, bytes| Backlog {
            windows: [("main".into(), calls)].into(),
            bytes,
            thread: None,
        };
        assert!(
            backlog(0, 0).fits(100, &limits).is_ok(),
            "a lone body may be large"
        );
        assert!(backlog(1, 4).fits(6, &limits).is_ok());
        assert!(backlog(1, 4).fits(7, &limits).is_err());
        assert!(backlog(2, 4).fits(1, &limits).is_err());
    }
}
