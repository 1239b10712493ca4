//! Reads the keys of a call from its body before the call reaches the actors.
//!
//! Small bodies are read where the call arrives, on the UI thread. Large ones are read on a thread
//! of their own.
//!
//! Calls of one window keep their order: while one is read on the thread, the next ones of its
//! window go the same way.

use std::{
    sync::{Arc, Weak},
    thread::{self, JoinHandle},
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::System;
use crate::actors::{
    call::{
        cell::Call,
        request::{Body, Outcome},
    },
    command::{key::KeySource, key_reader::Reading},
    ids::Name,
};

/// Bodies of up to this many bytes are read where the call arrives, in some 0.1 ms.
const SMALL: usize = 64 << 10;

impl System {
    /// Reads the keys of a call, then passes it to the actors.
    pub(crate) fn read_keys_and_admit(self: &Arc<Self>, call: Arc<Call>) {
        let sources = self.pointers(&call.request.command);
        let reader = &self.key_reader;
        let size = call.look_at_body(Body::size);
        let large = !sources.is_empty() && size > SMALL;
        if !large && !reader.is_busy() {
            return self.admit(call, sources);
        }
        let mut backlog = reader.backlog();
        if !large && !backlog.has(&call.request.window) {
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
            reader.begins(&mut backlog, window, size);
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

    /// The JSON pointers that a command's calls are grouped by, for permits, queue and worker.
    fn pointers(&self, command: &Name) -> Vec<KeySource> {
        let Some(granting) = self.granting(command) else {
            return Vec::new();
        };
        let transport = self.executors.get(&granting.executor);
        let worker = transport.map(|it| it.transport.key_source(command));
        let sources = granting.keys.into_iter().chain(worker);
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
        system.key_reader.ends(&window, size);
    }
}
