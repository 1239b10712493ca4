//! Provides the app for the tests of the wiring; channels stand for its page and its executor.

use crate::actors::system::tests::*;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const EPOCH: Epoch = Epoch(7);
pub(super) const WINDOWS: [&str; 2] = ["one", "two"];

/// What a document that asked was told of the end of a call.
pub(super) type Told = (Ticket, Result<Released, ErrorCode>);

/// How often each hello was answered, the latest progress of each call, and what was told of ends.
#[derive(Default, Clone)]
pub(super) struct Page(
    pub(super) Arc<Mutex<HashMap<u64, usize>>>,
    Option<Sender<Told>>,
);

impl PageLink for Page {
    fn answer(&self, ticket: Ticket, _: Result<(), CallError>) {
        *self.0.lock().unwrap().entry(ticket.0).or_default() += 1;
    }

    fn released(&self, ticket: Ticket, how: Result<Released, CallError>) {
        let how = how.map_err(|error| error.code);
        if let Some(told) = &self.1 {
            told.send((ticket, how)).ok();
        }
    }

    fn welcome(&self, _: &str, _: Epoch) {}

    fn retire(&self, _: &str, _: Epoch) {}

    fn begin_anew(&self, _: &str, _: Epoch) {}

    fn progress(&self, call: &Call, progress: &Progress) {
        let heard = (call.key(), progress.done);
        self.0.lock().unwrap().insert(heard.0.0, heard.1 as usize);
    }

    fn open_channel(
        &self,
        _: &Call,
        _: u32,
    ) -> Result<Arc<dyn crate::actors::PageChannel>, crate::actors::NoChannel> {
        Err(crate::actors::NoChannel::Gone)
    }

    fn emit(&self, _: &Call, _: &str, _: &str) -> bool {
        false
    }

    fn confirm(&self, _: &Call, _: crate::actors::Receipt) {}

    fn backlogs(&self) -> std::collections::BTreeMap<String, crate::actors::Amount> {
        Default::default()
    }
}

pub(super) enum Mail {
    Start(CallGuard),
    Stop(CallKey),
}

/// Puts everything on a channel; panics for the command `boom`.
pub(super) struct Hands(Mutex<Option<Sender<Mail>>>);

impl Hands {
    pub(super) fn new() -> (Arc<Self>, Receiver<Mail>) {
        let (sender, mails) = unbounded();
        (Arc::new(Self(Mutex::new(Some(sender)))), mails)
    }

    fn send(&self, mail: Mail) {
        let sender = self.0.lock().unwrap().clone();
        sender
            .expect("nothing comes after the stop")
            .send(mail)
            .ok();
    }
}

impl Transport for Hands {
    fn start(&self, call: CallGuard) {
        assert!(&*call.call().request.command != "boom", "a panic as told");
        self.send(Mail::Start(call));
    }

    fn stop_call(&self, call: &Arc<Call>) {
        self.send(Mail::Stop(call.key()));
    }

    fn stop(&self) {
        self.0.lock().unwrap().take();
    }
}

pub(super) fn both_ways(test: impl Fn(bool)) {
    test(true);
    test(false);
}

pub(super) fn spec(concurrency: Option<usize>, limit: usize) -> CommandSpec {
    CommandSpec::new("hands", concurrency, QueuePolicy::wait(limit))
}

pub(super) fn all() -> Arc<Scope> {
    let command = "*".into();
    Arc::new(Scope {
        allow: vec![ScopeEntry::Command { command }],
        deny: vec![],
    })
}

pub(super) fn request(
    system: &System,
    window: &str,
    epoch: Epoch,
    id: u64,
    command: &str,
) -> Request {
    Request {
        key: CallKey(system.next_key()),
        page: PageCall { epoch, id },
        window: window.into(),
        command: command.into(),
        headers: vec![],
        body: Body::Json(b"1".to_vec()),
        wants_progress: false,
        class: Class::default(),
        timeout: None,
        stream: None,
        attach: None,
    }
}

/// The tag of a call, and how it ended.
pub(super) type Answered = (u64, Outcome);

/// One app with the window `main` and its document, and a receiver of what is started.
pub(super) struct Bench {
    pub(super) system: Arc<System>,
    pub(super) mails: Receiver<Mail>,
    pub(super) answers: (Sender<Answered>, Receiver<Answered>),
    pub(super) told: Receiver<Told>,
    pub(super) page: Page,
}

impl Bench {
    pub(super) fn new(fast_path: bool) -> Self {
        let runtime = Runtime::start(fast_path).unwrap();
        let (tell, told) = unbounded();
        let page = Page(Arc::default(), Some(tell));
        let system = System::new(Limits::default(), runtime, Box::new(page.clone()));
        let (hands, mails) = Hands::new();
        system.add_executor("hands", None, hands);
        for command in ["greet", "boom"] {
            system.register(command, spec(None, 8));
        }
        system.open_window("main");
        system.hello("main", Ticket(0), EPOCH, Origin::Local);
        Self {
            system,
            mails,
            answers: unbounded(),
            told,
            page,
        }
    }

    pub(super) fn ready(self) -> Self {
        self.system.executor_ready("hands");
        self
    }

    /// Routes a call; its answer arrives under `tag`.
    pub(super) fn call(&self, id: u64, command: &str, tag: u64) -> CallKey {
        let sender = self.answers.0.clone();
        let request = request(&self.system, "main", EPOCH, id, command);
        let key = request.key;
        let responder: Responder = Box::new(move |_, outcome| sender.send((tag, outcome)).unwrap());
        self.system.route(request, all(), responder);
        key
    }

    pub(super) fn started(&self) -> CallGuard {
        loop {
            if let Mail::Start(guard) = self.mails.recv_timeout(PATIENCE).unwrap() {
                return guard;
            }
        }
    }

    pub(super) fn answer(&self) -> (u64, Outcome) {
        self.answers.1.recv_timeout(PATIENCE).unwrap()
    }

    pub(super) fn error(&self) -> (u64, ErrorCode) {
        match self.answer() {
            (tag, Outcome::Error(error)) => (tag, error.code),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the actors have worked off what `told` says, and no more.
    pub(super) fn until(&self, told: impl Fn(&System) -> bool) {
        until(&self.system, told);
    }
}

/// Lets the keepers do what they were told, or another thread, which may be in an actor and has what
/// was sent to it meanwhile. It does not wait for long, as others may tell them more and more.
pub(super) fn give_way(system: &System) {
    for _ in 0..1_000 {
        thread::yield_now();
        if system.runtime.orders().are_done() {
            return;
        }
    }
}

/// Gives way until `told`.
pub(super) fn until(system: &Arc<System>, told: impl Fn(&System) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !told(system) {
        let (calls, windows, supervisor) = (&system.calls, &system.windows, &system.supervisor);
        assert!(
            Instant::now() < end,
            "it did not come: {system:?} {calls:?} {windows:?} {supervisor:?}"
        );
        give_way(system);
    }
}

pub(super) fn value(text: &str) -> Outcome {
    Outcome::Json(text.into())
}

/// Nothing is held anywhere, the answers kept for repeats included.
pub(super) fn is_empty(system: &System) -> bool {
    let gauges = system.gauges();
    let commands = gauges.commands.values();
    let executors = gauges.executors.values();
    system.calls.is_empty()
        && gauges.calls == 0
        && gauges.windows.is_empty()
        && commands.into_iter().all(|it| it.granted + it.waiting == 0)
        && executors.into_iter().all(|it| it.running + it.waiting == 0)
}

/// xorshift, so that a failure names its seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}
