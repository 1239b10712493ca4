//! Runs one document with real actors and a real bridge, for the fuzz targets.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use tauri::{
    http::{HeaderMap, HeaderValue},
    ipc::{InvokeBody, InvokeResponseBody},
};

use crate::{
    actors::{
        Body, Call, CallGuard, CallKey, Item, Limits, Origin, Outcome, Push, Runtime, Scope,
        ScopeEntry, Transport,
    },
    host::Host,
    ipc::{self, PageFrame},
};

/// The epoch of the document, in hexadecimal, as the corpus writes it.
pub(super) const EPOCH: &str = "000102030405060708090a0b0c0d0e0f";

/// Plays the executor. It gives raw bodies back: whole, or byte by byte as the items of a stream.
/// It keeps the calls of `keep` and `outlive`, so that others queue behind them.
struct Hands {
    me: Weak<Self>,
    kept: Mutex<Vec<CallGuard>>,
    /// Streams that wait for credit, with the bytes that are still to come.
    streams: Mutex<HashMap<CallKey, (CallGuard, Vec<u8>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hands {
    fn new() -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            kept: Mutex::default(),
            streams: Mutex::default(),
        })
    }

    fn release(&self) {
        loop {
            let kept = std::mem::take(&mut *lock(&self.kept));
            if kept.is_empty() {
                return;
            }
            // Others start in their places.
            drop(kept);
        }
    }

    fn begin_stream(&self, guard: CallGuard, bytes: Vec<u8>) {
        let (me, key) = (Weak::clone(&self.me), guard.call().key());
        if let Some(items) = guard.call().items() {
            items.on_wake(move || {
                let waiting = me.upgrade().and_then(|me| lock(&me.streams).remove(&key));
                if let (Some(me), Some((guard, bytes))) = (me.upgrade(), waiting) {
                    me.go_on(guard, bytes);
                }
            });
        }
        self.go_on(guard, bytes);
    }

    /// Pushes items until there is no credit, and goes on when the stream wakes.
    fn go_on(&self, guard: CallGuard, mut bytes: Vec<u8>) {
        let call = Arc::clone(guard.call());
        let Some(items) = call.items() else {
            return;
        };
        while let Some(byte) = bytes.first() {
            match items.push(Item::Raw(&[*byte])) {
                Push::In => drop(bytes.remove(0)),
                Push::Full => {
                    lock(&self.streams).insert(call.key(), (guard, bytes));
                    return;
                }
                Push::Over => return,
                Push::Misfit => panic!("a byte does not fit behind bytes"),
            }
        }
        guard.settle(Outcome::Json("null".into()));
    }
}

impl Transport for Hands {
    fn start(&self, guard: CallGuard) {
        let call = Arc::clone(guard.call());
        if !call.begin() {
            return;
        }
        let body = call.take_body();
        if ["keep", "outlive"].contains(&&*call.request.command) {
            return lock(&self.kept).push(guard);
        }
        if call.items().is_some() {
            return self.begin_stream(
                guard,
                match body {
                    Body::Raw(bytes) | Body::Json(bytes) => bytes,
                    Body::None => Vec::new(),
                },
            );
        }
        guard.settle(match body {
            Body::Raw(bytes) => Outcome::Raw(bytes),
            Body::Json(_) | Body::None => Outcome::Json("null".into()),
        });
    }

    fn stop_call(&self, _: &Arc<Call>) {}

    fn stop(&self) {}
}

thread_local! {
    /// One host for all runs of a thread; each run has a window of its own. Nobody else uses these
    /// actors, so everything is done when a frame has been handled. It is never dropped, because
    /// other thread-locals are gone at that time.
    static HOST: &'static (Arc<Host>, Arc<Hands>) = Box::leak(Box::new(host()));
}

fn host() -> (Arc<Host>, Arc<Hands>) {
    let limits = Limits {
        calls_per_window: 6,
        max_body: 1 << 16,
        ..Limits::default()
    };
    let host = Runtime::start(true).map(|runtime| Host::on(runtime, limits));
    let Ok(host) = host else {
        panic!("the actors' thread did not start");
    };
    let hands = Hands::new();
    host.system.add_executor("hands", None, hands.clone());
    host.system.executor_ready("hands");
    let spec = serde_json::json!({"executor": "hands", "queue": {"kind": "reject"}});
    register(&host, "echo", spec);
    let queue = serde_json::json!({"kind": "wait", "limit": 2});
    let spec = serde_json::json!({"executor": "hands", "concurrency": 1, "queue": queue});
    register(&host, "keep", spec);
    let spec = serde_json::json!({
        "executor": "hands", "concurrency": 2, "queue": {"kind": "wait", "limit": 1},
        "on_close": "detach",
    });
    register(&host, "outlive", spec);
    (host, hands)
}

fn register(host: &Host, name: &str, spec: serde_json::Value) {
    match serde_json::from_value(spec) {
        Ok(spec) => {
            host.bridge.messages.admit(name, true);
            host.system.register(name, spec);
        }
        Err(error) => panic!("a wrong command: {error}"),
    }
}

#[derive(Default)]
struct Answers {
    times: AtomicUsize,
    body: Mutex<Option<InvokeResponseBody>>,
}

impl Answers {
    fn take(&self, body: Option<InvokeResponseBody>) {
        self.times.fetch_add(1, Ordering::SeqCst);
        *lock(&self.body) = body;
    }
}

/// A window whose document has said hello.
pub(super) struct Session {
    host: Arc<Host>,
    hands: Arc<Hands>,
    label: String,
    scope: Arc<Scope>,
    ids: u64,
    answers: Vec<Arc<Answers>>,
    last: Option<InvokeResponseBody>,
}

impl Session {
    /// A window whose document has said hello.
    pub(super) fn open() -> Self {
        static WINDOWS: AtomicU64 = AtomicU64::new(0);
        let (host, hands) = HOST.with(|host| (*host).clone());
        let label = format!("window-{}", WINDOWS.fetch_add(1, Ordering::Relaxed));
        host.bridge.messages.carried_by(&label);
        host.system.open_window(&label);
        let all = ScopeEntry::Command {
            command: "*".into(),
        };
        let mut page = Self {
            host,
            hands,
            label,
            scope: Arc::new(Scope {
                allow: vec![all],
                deny: vec![],
            }),
            ids: 1 << 40,
            answers: Vec::new(),
            last: None,
        };
        page.control(InvokeBody::Json(serde_json::json!({
            "frame": {"op": "hello", "epoch": EPOCH, "version": 1}
        })));
        assert!(page.last.is_some(), "a good hello was refused");
        page
    }

    /// An id that no corpus uses.
    pub(super) fn next_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    pub(super) fn head(&self, id: u64, command: &str, body: &str) -> Vec<u8> {
        let head = serde_json::json!({"e": EPOCH, "i": id, "c": command, "b": body});
        head.to_string().into_bytes()
    }

    pub(super) fn call(&mut self, head: &[u8], payload: InvokeBody) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(head) {
            headers.insert("transom", value);
        }
        let (host, scope) = (Arc::clone(&self.host), Arc::clone(&self.scope));
        let label = self.label.clone();
        self.send(&headers, &payload, |frame| {
            if let Some(epoch) = ipc::call(&host.system, frame, Arc::clone(&scope)) {
                host.bridge.messages.let_through(&label, epoch, &scope);
            }
        });
    }

    /// A script message: taken once a call was let through.
    pub(super) fn message(&mut self, text: &str) {
        let (bridge, label) = (Arc::clone(&self.host.bridge), self.label.clone());
        self.sent(|answers| {
            let reply = Box::new(move |text| answers.take(Some(InvokeResponseBody::Json(text))));
            ipc::receive(&bridge, &label, text, reply, Box::new(drop));
        });
    }

    pub(super) fn control(&mut self, payload: InvokeBody) {
        let (host, scope) = (Arc::clone(&self.host), Arc::clone(&self.scope));
        self.send(&HeaderMap::new(), &payload, |frame| {
            ipc::control(
                &host.bridge,
                &host.system,
                frame,
                || Origin::Local,
                || scope,
            );
        });
    }

    pub(super) fn pull(&mut self, payload: InvokeBody) {
        let bridge = Arc::clone(&self.host.bridge);
        self.send(&HeaderMap::new(), &payload, |frame| {
            ipc::pull(&bridge, frame)
        });
    }

    /// Pulls the items of a stream.
    pub(super) fn next(&mut self, payload: InvokeBody) {
        let system = Arc::clone(&self.host.system);
        self.send(&HeaderMap::new(), &payload, |frame| {
            ipc::next(&system, frame)
        });
    }

    /// Calls `echo` for a stream of these bytes, of which two are on their way at most.
    pub(super) fn stream(&mut self, id: u64, bytes: &[u8]) {
        let stream = serde_json::json!({"n": 2});
        let head = serde_json::json!({
            "e": EPOCH, "i": id, "c": "echo", "b": "raw", "s": stream,
        });
        self.call(head.to_string().as_bytes(), InvokeBody::Raw(bytes.to_vec()));
    }

    fn send(
        &mut self,
        headers: &HeaderMap,
        payload: &InvokeBody,
        handle: impl FnOnce(PageFrame<'_>),
    ) {
        let label = self.label.clone();
        self.sent(|answers| {
            handle(PageFrame {
                window: &label,
                headers,
                payload,
                answer: Box::new(move |answer| answers.take(answer.ok())),
                after: Box::new(drop),
            });
        });
    }

    fn sent(&mut self, send: impl FnOnce(Arc<Answers>)) {
        let answers = Arc::new(Answers::default());
        self.answers.push(Arc::clone(&answers));
        send(Arc::clone(&answers));
        self.last = lock(&answers.body).take();
    }

    /// The good answer of the last frame, if it came at once.
    pub(super) fn last(&self) -> Option<&InvokeResponseBody> {
        self.last.as_ref()
    }

    /// Closes the window: everything is answered by now, once, and nothing of it is held.
    pub(super) fn close(self) {
        let system = &self.host.system;
        assert!(
            system.gauges().windows[&self.label].live <= system.limits().calls_per_window,
            "more calls than the limit"
        );
        system.close_window(&self.label);
        self.hands.release();
        assert!(
            lock(&self.hands.streams).is_empty(),
            "a stream outlived its page"
        );
        for (at, answers) in self.answers.iter().enumerate() {
            let times = answers.times.load(Ordering::SeqCst);
            assert_eq!(times, 1, "frame {at} was answered {times} times");
        }
        let gauges = system.gauges();
        assert!(!gauges.windows.contains_key(&self.label), "{gauges:?}");
        assert_eq!((gauges.calls, gauges.streams.open), (0, 0), "{gauges:?}");
        let held = |it: &crate::actors::CommandGauges| it.granted + it.waiting > 0;
        assert!(!gauges.commands.values().any(held), "{gauges:?}");
        assert!(system.calls().is_empty());
    }
}
