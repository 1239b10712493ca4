//! Makes calls that only the actors handle, so that callgrind can count what one of them costs.
//!
//! `actor-path CALLS`. A call is routed, granted, started, answered and released, on one thread,
//! without a page and without Python. `docs/internals/benchmarks.md` says how to count.

#![allow(dead_code, unused_imports)]

#[path = "../../src/actors/mod.rs"]
mod actors;
#[path = "../../src/error.rs"]
mod error;
#[path = "../../src/sync/mod.rs"]
mod sync;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use actors::*;
use error::CallError;

/// A page that hears nothing.
struct Page;

impl PageLink for Page {
    fn answer(&self, _: Ticket, _: Result<(), CallError>) {}
    fn released(&self, _: Ticket, _: Result<Released, CallError>) {}
    fn welcome(&self, _: &str, _: Epoch) {}
    fn retire(&self, _: &str, _: Epoch) {}
    fn begin_anew(&self, _: &str, _: Epoch) {}
    fn progress(&self, _: &Call, _: &Progress) {}
    fn open_channel(&self, _: &Call, _: u32) -> Result<Arc<dyn PageChannel>, NoChannel> {
        Err(NoChannel::Gone)
    }
    fn emit(&self, _: &Call, _: &str, _: &str) -> bool {
        false
    }
    fn confirm(&self, _: &Call, _: Receipt) {}
    fn backlogs(&self) -> BTreeMap<String, Amount> {
        BTreeMap::new()
    }
}

/// Keeps the call that was started, for the loop to end it.
#[derive(Clone, Default)]
struct Executor(Arc<Mutex<Option<CallGuard>>>);

impl Executor {
    fn take(&self) -> Option<CallGuard> {
        self.0.lock().unwrap().take()
    }
}

impl Transport for Executor {
    fn start(&self, call: CallGuard) {
        *self.0.lock().unwrap() = Some(call);
    }
    fn stop_call(&self, _: &Arc<Call>) {}
    fn stop(&self) {}
}

fn main() {
    let calls = std::env::args().nth(1).and_then(|it| it.parse().ok());
    let calls: u64 = calls.expect("the number of calls");
    let (epoch, executor) = (Epoch(7), Executor::default());
    let runtime = Runtime::start(true).unwrap();
    let system = System::new(Limits::default(), runtime, Box::new(Page));
    system.add_executor("loop", None, Arc::new(executor.clone()));
    let spec = CommandSpec::new("loop", Some(4), QueuePolicy::wait(8));
    system.register("greet", spec);
    system.open_window("main");
    system.hello("main", Ticket(0), epoch, Origin::Local);
    system.executor_ready("loop");
    let command = "*".into();
    let allow = vec![ScopeEntry::Command { command }];
    let scope = Arc::new(Scope {
        allow,
        deny: vec![],
    });
    for id in 1..=calls {
        let request = Request {
            key: CallKey(system.next_key()),
            page: PageCall { epoch, id },
            window: "main".into(),
            command: "greet".into(),
            headers: vec![],
            body: Body::Json(b"1".to_vec()),
            wants_progress: false,
            class: Class::default(),
            timeout: None,
            stream: None,
            attach: None,
        };
        system.route(request, Arc::clone(&scope), Box::new(|_, _| {}));
        let guard = loop {
            // The first one waits for the actors to be ready.
            match executor.take() {
                Some(guard) => break guard,
                None => std::thread::yield_now(),
            }
        };
        assert!(guard.begin());
        guard.end(Outcome::Json("1".into()));
    }
    // The end of an app is not measured.
    std::process::exit(0);
}
