//! The whole wiring with a page and an executor made of channels, on both ways of messages.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::HashMap,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize},
    },
    thread,
};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::*;
use crate::{
    actors::{
        Body, CallGuard, Class, Outcome, Progress, QueuePolicy, Released, scope::Entry,
        supervisor::ANY_COMMAND, trace::Entry as Step,
    },
    error::ErrorCode,
};

#[path = "admission_tests.rs"]
mod admission;
#[path = "detaching_tests.rs"]
mod detaching;
#[path = "observe_tests.rs"]
mod observe;
#[path = "race_tests.rs"]
mod races;
#[path = "release_tests.rs"]
mod release;

const PATIENCE: Duration = Duration::from_secs(60);
const EPOCH: Epoch = Epoch(7);
const WINDOWS: [&str; 2] = ["one", "two"];

/// What a document that asked was told of the end of a call.
type Told = (Ticket, Result<Released, ErrorCode>);

/// How often each hello was answered, the latest progress of each call, and what was told of ends.
#[derive(Default, Clone)]
struct Page(Arc<Mutex<HashMap<u64, usize>>>, Option<Sender<Told>>);

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

    fn progress(&self, call: &Call, progress: &Progress) {
        let heard = (call.key(), progress.done);
        self.0.lock().unwrap().insert(heard.0.0, heard.1 as usize);
    }

    fn open_channel(&self, _: &Call, _: u32) -> Option<Box<dyn crate::actors::PageChannel>> {
        None
    }
}

enum Mail {
    Start(CallGuard),
    Stop(CallKey),
}

/// Puts everything on a channel; panics for the command `boom`.
struct Hands(Mutex<Option<Sender<Mail>>>);

impl Hands {
    fn new() -> (Arc<Self>, Receiver<Mail>) {
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
        assert_ne!(&*call.call().request.command, "boom", "as told");
        self.send(Mail::Start(call));
    }

    fn stop_call(&self, call: &Arc<Call>) {
        self.send(Mail::Stop(call.key()));
    }

    fn stop(&self) {
        self.0.lock().unwrap().take();
    }
}

fn both_ways(test: impl Fn(bool)) {
    test(true);
    test(false);
}

fn spec(concurrency: Option<usize>, limit: usize) -> CommandSpec {
    CommandSpec::new("hands", concurrency, QueuePolicy::wait(limit))
}

fn all() -> Arc<Scope> {
    let command = "*".into();
    Arc::new(Scope {
        allow: vec![Entry::Command { command }],
        deny: vec![],
    })
}

fn request(system: &System, window: &str, epoch: Epoch, id: u64, command: &str) -> Request {
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
type Answered = (u64, Outcome);

/// One app with the window `main` and its document, and a receiver of what is started.
struct Bench {
    system: Arc<System>,
    mails: Receiver<Mail>,
    answers: (Sender<Answered>, Receiver<Answered>),
    told: Receiver<Told>,
    page: Page,
}

impl Bench {
    fn new(fast_path: bool) -> Self {
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

    fn ready(self) -> Self {
        self.system.executor_ready("hands");
        self
    }

    /// Routes a call; its answer arrives under `tag`.
    fn call(&self, id: u64, command: &str, tag: u64) -> CallKey {
        let sender = self.answers.0.clone();
        let request = request(&self.system, "main", EPOCH, id, command);
        let key = request.key;
        let responder: Responder = Box::new(move |_, outcome| sender.send((tag, outcome)).unwrap());
        self.system.route(request, all(), responder);
        key
    }

    fn started(&self) -> CallGuard {
        loop {
            if let Mail::Start(guard) = self.mails.recv_timeout(PATIENCE).unwrap() {
                return guard;
            }
        }
    }

    fn answer(&self) -> (u64, Outcome) {
        self.answers.1.recv_timeout(PATIENCE).unwrap()
    }

    fn error(&self) -> (u64, ErrorCode) {
        match self.answer() {
            (tag, Outcome::Error(error)) => (tag, error.code),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the actors have worked off what `told` says, and no more.
    fn until(&self, told: impl Fn(&System) -> bool) {
        until(&self.system, told);
    }
}

/// Lets the actors' thread work off what was posted, until `told`.
fn until(system: &Arc<System>, told: impl Fn(&System) -> bool) {
    for _ in 0..10_000 {
        if told(system) {
            return;
        }
        if let Some(post) = system.runtime.post() {
            let (done, wait) = unbounded();
            post.run(Box::new(move || done.send(()).unwrap()));
            wait.recv_timeout(PATIENCE).unwrap();
        }
    }
    panic!("it did not come: {system:?} {:?}", system.calls);
}

fn value(text: &str) -> Outcome {
    Outcome::Json(text.into())
}

/// Nothing is held anywhere, the answers kept for repeats included.
fn is_empty(system: &System) -> bool {
    let gauges = system.gauges();
    let commands = gauges.commands.values();
    let executors = gauges.executors.values();
    system.calls.is_empty()
        && gauges.calls == 0
        && gauges.windows.is_empty()
        && commands.into_iter().all(|it| it.granted + it.waiting == 0)
        && executors.into_iter().all(|it| it.running + it.waiting == 0)
}

#[test]
fn a_call_passes_every_actor_in_order() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.trace().turn(true);
        let key = bench.call(1, "greet", 0);
        let guard = bench.started();
        assert!(guard.call().begin());
        guard.settle(value("1"));
        drop(guard);
        assert_eq!(bench.answer(), (0, value("1")));
        bench.until(|system| system.gauges().calls == 0);
        let of_call = |step: &Step| (step.call == Some(key)).then_some(step.actor);
        let steps: Vec<_> = bench
            .system
            .trace()
            .take()
            .iter()
            .filter_map(of_call)
            .collect();
        assert_eq!(steps[..4], ["supervisor", "window", "command", "executor"]);
        assert_eq!(steps.last(), Some(&"supervisor"), "{steps:?}");
    });
}

#[test]
fn a_repeat_of_a_live_call_waits_with_it_and_one_of_a_settled_call_is_answered_again() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        bench.call(1, "greet", 2);
        bench.until(|system| system.gauges().calls == 1);
        guard.settle(value("once"));
        let mut tags = [bench.answer(), bench.answer()].map(|(tag, outcome)| {
            assert_eq!(outcome, value("once"));
            tag
        });
        tags.sort_unstable();
        assert_eq!(tags, [1, 2]);
        drop(guard);
        bench.call(1, "greet", 3);
        assert_eq!(bench.answer(), (3, value("once")));
        assert!(bench.mails.is_empty(), "it ran once");
    });
}

#[test]
fn a_flood_of_repeats_is_refused_and_never_kept() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 0);
        let guard = bench.started();
        for tag in 1..=100 {
            bench.call(1, "greet", tag);
        }
        for _ in 0..92 {
            assert_eq!(bench.error().1, ErrorCode::ProtocolError);
        }
        guard.settle(value("1"));
        for _ in 0..9 {
            assert_eq!(bench.answer().1, value("1"));
        }
    });
}

#[test]
fn a_panic_in_a_start_costs_only_that_call() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path);
        for (id, command) in [(1, "boom"), (2, "greet"), (3, "greet")] {
            bench.call(id, command, id);
        }
        // All three start in one turn.
        bench.until(|system| system.gauges().executors["hands"].waiting == 3);
        bench.system.executor_ready("hands");
        assert_eq!(bench.error(), (1, ErrorCode::Internal));
        for id in [2, 3] {
            bench.started().settle(value("1"));
            assert_eq!(bench.answer(), (id, value("1")));
        }
        bench.until(|system| system.gauges().calls == 0);
        assert_eq!(bench.system.counters().read()["panic"], 1);
    });
}

#[test]
fn an_answer_that_panics_costs_no_other_answer_and_no_place() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let first = request(&bench.system, "main", EPOCH, 1, "greet");
        bench
            .system
            .route(first, all(), Box::new(|_, _| panic!("as told")));
        let guard = bench.started();
        bench.call(1, "greet", 2);
        bench.until(|system| system.gauges().calls == 1);
        guard.settle(value("1"));
        drop(guard);
        assert_eq!(bench.answer(), (2, value("1")));
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

#[test]
fn a_job_that_panics_does_not_end_the_actors_thread() {
    let bench = Bench::new(false);
    let (done, wait) = unbounded();
    bench.system.after(Duration::ZERO, || panic!("as told"));
    bench
        .system
        .after(Duration::ZERO, move || done.send(()).unwrap());
    wait.recv_timeout(PATIENCE).unwrap();
}

/// The work ends while another thread is between deciding the outcome and telling the window.
#[test]
fn a_release_may_overtake_the_news_of_the_answer() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        let (reached, reach) = unbounded();
        let (go, gone) = unbounded::<()>();
        let responder: Responder = Box::new(move |_, _| {
            reached.send(()).unwrap();
            gone.recv_timeout(PATIENCE).unwrap();
        });
        let request = request(&bench.system, "main", EPOCH, 1, "greet");
        bench.system.route(request, all(), responder);
        let guard = bench.started();
        let system = Arc::clone(&bench.system);
        let page = PageCall {
            epoch: EPOCH,
            id: 1,
        };
        let canceller = thread::spawn(move || system.cancel_from_page("main", page));
        reach.recv_timeout(PATIENCE).unwrap();
        drop(guard);
        go.send(()).unwrap();
        canceller.join().unwrap();
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

#[test]
fn a_reopened_window_counts_what_its_predecessor_left_running() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.call(1, "greet", 1);
        let guard = bench.started();
        bench.system.close_window("main");
        bench.system.open_window("main");
        assert_eq!(bench.error(), (1, ErrorCode::WindowClosed));
        assert!(!guard.call().begin());
        let orphans = |system: &System| system.gauges().windows.get("main").map(|it| it.orphans);
        bench.until(|system| orphans(system) == Some(1));
        drop(guard);
        bench.until(|system| orphans(system) == Some(0));
        bench.system.close_window("main");
        bench.until(is_empty);
    });
}

#[test]
fn a_command_registered_later_does_not_take_the_calls_of_the_catch_all() {
    both_ways(|fast_path| {
        let bench = Bench::new(fast_path).ready();
        bench.system.register(ANY_COMMAND, spec(Some(1), 8));
        bench.call(1, "new", 1);
        let guard = bench.started();
        bench.system.register("new", spec(None, 8));
        drop(guard);
        assert_eq!(bench.error(), (1, ErrorCode::Internal));
        bench.until(|system| {
            let gauges = system.gauges();
            gauges.calls == 0 && gauges.commands[ANY_COMMAND].granted == 0
        });
    });
}

#[test]
fn a_body_that_was_never_taken_goes_with_the_work() {
    let bench = Bench::new(true).ready();
    bench.call(1, "greet", 1);
    let guard = bench.started();
    let call = Arc::clone(guard.call());
    drop(guard);
    assert_eq!(call.take_body(), Body::None);
}

#[test]
fn many_threads_settle_a_call_once() {
    const THREADS: usize = 4;
    for _ in 0..500 {
        let answered = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&answered);
        let responder: Responder = Box::new(move |_, _| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let request = Request {
            key: CallKey(1),
            page: PageCall {
                epoch: EPOCH,
                id: 1,
            },
            window: "main".into(),
            command: "greet".into(),
            headers: vec![],
            body: Body::None,
            wants_progress: false,
            class: Class::default(),
            timeout: None,
            stream: None,
            attach: None,
        };
        let call = Call::new(request, Arc::default(), responder);
        let gate = Barrier::new(THREADS);
        let settled = AtomicUsize::new(0);
        let begun = AtomicUsize::new(0);
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (call, gate, settled, begun) = (&call, &gate, &settled, &begun);
                scope.spawn(move || {
                    gate.wait();
                    if thread % 2 == 0 && call.begin() {
                        begun.fetch_add(1, Ordering::SeqCst);
                    }
                    if call.settle(value(&thread.to_string())) {
                        settled.fetch_add(1, Ordering::SeqCst);
                    }
                    assert!(!call.begin(), "begins after it was settled");
                });
            }
        });
        assert_eq!(settled.into_inner(), 1);
        assert_eq!(begun.into_inner(), usize::from(call.begun()));
        drop(call);
        assert_eq!(answered.load(Ordering::SeqCst), 1);
    }
}

/// xorshift: the storm's own dice, so that a failure names its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

/// What a storm must not break.
#[derive(Default)]
struct Ledger {
    /// How often each call's responder was called.
    answers: DashMap<u64, usize>,
    /// How often the user code of each page's call began.
    begun: DashMap<(Name, PageCall), usize>,
    hellos: AtomicUsize,
    epochs: AtomicU64,
    /// The newest document of each window.
    newest: [AtomicU64; 2],
}

impl Ledger {
    fn hello(&self, system: &Arc<System>, window: usize) {
        let epoch = self.epochs.fetch_add(1, Ordering::SeqCst);
        let ticket = self.hellos.fetch_add(1, Ordering::SeqCst) as u64;
        self.newest[window].store(epoch, Ordering::SeqCst);
        let epoch = Epoch(epoch.into());
        system.hello(WINDOWS[window], Ticket(ticket), epoch, Origin::Local);
    }
}

fn storm_pages(system: &Arc<System>, ledger: &Arc<Ledger>, seed: u64) {
    let mut dice = Dice(seed);
    for _ in 0..150 {
        // Two cores or many: the workers get their turn.
        thread::yield_now();
        let window = dice.roll(2) as usize;
        let label = WINDOWS[window];
        // Mostly the newest document, whoever opened it.
        let newest = ledger.newest[window].load(Ordering::SeqCst);
        let epoch = Epoch(newest.saturating_sub(dice.roll(8) / 7).into());
        let page = PageCall {
            epoch,
            id: 1 + dice.roll(20),
        };
        match dice.roll(40) {
            0..28 => {
                let command = ["greet", "slow", "other", "boom"][dice.roll(4) as usize];
                let request = request(system, label, page.epoch, page.id, command);
                let (key, ledger) = (request.key.0, Arc::clone(ledger));
                ledger.answers.insert(key, 0);
                let responder = move |_: &Call, _| *ledger.answers.get_mut(&key).unwrap() += 1;
                system.route(request, all(), Box::new(responder));
            }
            28..32 => system.cancel_from_page(label, page),
            32..35 => {
                let calls = system.calls();
                if !calls.is_empty() {
                    system.cancel(calls[dice.roll(calls.len() as u64) as usize].key());
                }
            }
            35 => {
                system.page_started(label);
                ledger.hello(system, window);
            }
            36 => {
                system.close_window(label);
                system.open_window(label);
                ledger.hello(system, window);
            }
            37 => ledger.hello(system, window),
            38 => system.unregister("slow"),
            _ => system.register("slow", spec(Some(1 + dice.roll(2) as usize), 3)),
        }
    }
}

/// Works calls off; keeps some until they are told to stop.
fn storm_worker(
    mails: &Receiver<Mail>,
    kept: &Mutex<HashMap<CallKey, CallGuard>>,
    ledger: &Ledger,
    over: &AtomicBool,
    seed: u64,
) {
    let mut dice = Dice(seed);
    let take = |key: CallKey| kept.lock().unwrap().remove(&key);
    for mail in mails {
        let guard = match mail {
            Mail::Start(guard) => guard,
            Mail::Stop(key) => {
                drop(take(key));
                continue;
            }
        };
        let call = Arc::clone(guard.call());
        let settled = call.is_settled();
        if call.begin() {
            assert!(!settled, "began after it was settled");
            let of = (call.request.window.clone(), call.request.page);
            *ledger.begun.entry(of).or_default() += 1;
        }
        match dice.roll(8) {
            0 => {}
            1..3 if !over.load(Ordering::SeqCst) => {
                kept.lock().unwrap().insert(call.key(), guard);
                // The stop may have come before.
                if call.is_cancelled() {
                    drop(take(call.key()));
                }
                // One that was kept before ends with a value.
                let other = kept.lock().unwrap().keys().next().copied();
                if let Some(guard) = other.filter(|_| dice.roll(2) == 0).and_then(take) {
                    guard.settle(value("late"));
                }
            }
            _ => guard.settle(value("1")),
        }
    }
}

/// How many calls began.
fn storm(fast_path: bool, seed: u64) -> usize {
    let page = Page::default();
    let limits = Limits {
        calls_per_window: 12,
        calls: 20,
        ..Limits::default()
    };
    let runtime = Runtime::start(fast_path).unwrap();
    let system = System::new(limits, runtime, Box::new(page.clone()));
    let (hands, mails) = Hands::new();
    system.add_executor("hands", Some(6), hands);
    system.register("greet", spec(None, 8));
    system.register("slow", spec(Some(1), 3));
    system.register("boom", spec(Some(2), 3));
    let ledger = Arc::new(Ledger::default());
    for (at, label) in WINDOWS.into_iter().enumerate() {
        system.open_window(label);
        ledger.hello(&system, at);
    }
    let kept = Mutex::new(HashMap::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for at in 0..2 {
            let (mails, kept, ledger, over) = (mails.clone(), &kept, &ledger, &over);
            scope.spawn(move || storm_worker(&mails, kept, ledger, over, seed * 31 + at + 1));
        }
        let pages = [1, 2].map(|at| {
            let (system, ledger) = (&system, &ledger);
            scope.spawn(move || storm_pages(system, ledger, seed * 97 + at))
        });
        system.executor_ready("hands");
        for page in pages {
            page.join().unwrap();
        }
        over.store(true, Ordering::SeqCst);
        assert!(system.drain(PATIENCE), "seed {seed}: {system:?}");
    });
    until(&system, is_empty);
    for answers in &ledger.answers {
        assert_eq!(*answers, 1, "seed {seed}: call {}", answers.key());
    }
    assert!(ledger.begun.iter().all(|times| *times == 1), "seed {seed}");
    let answered = page.0.lock().unwrap();
    assert_eq!(answered.len(), ledger.hellos.load(Ordering::SeqCst));
    assert!(answered.values().all(|times| *times == 1), "seed {seed}");
    ledger.begun.len()
}

#[test]
fn a_storm_leaves_nothing_behind() {
    both_ways(|fast_path| {
        let begun: usize = (1..=50).map(|seed| storm(fast_path, seed)).sum();
        assert!(begun > 100, "hardly anything ran: {begun}");
    });
}

/// An app whose commands are not known yet, and the tags of three calls: two of one command that
/// there will be, one of a command that there will not be.
fn waiting_bench(fast_path: bool) -> (Bench, [CallKey; 3]) {
    let runtime = Runtime::start(fast_path).unwrap();
    let system = System::new(Limits::default(), runtime, Box::new(Page::default()));
    system.await_commands();
    system.open_window("main");
    system.hello("main", Ticket(0), EPOCH, Origin::Local);
    let (hands, mails) = Hands::new();
    let bench = Bench {
        system,
        mails,
        answers: unbounded(),
        told: unbounded().1,
        page: Page::default(),
    };
    let calls = [
        bench.call(1, "greet", 1),
        bench.call(2, "greet", 2),
        bench.call(3, "nobody", 3),
    ];
    bench.until(|system| {
        system
            .gauges()
            .commands
            .get("")
            .is_some_and(|it| it.waiting == 3)
    });
    bench.system.add_executor("hands", None, hands);
    bench.system.executor_ready("hands");
    (bench, calls)
}

#[test]
fn calls_wait_until_the_commands_are_known() {
    both_ways(|fast_path| {
        let (bench, [first, second, _]) = waiting_bench(fast_path);
        assert!(bench.answers.1.is_empty());
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        for key in [first, second] {
            let guard = bench.started();
            assert_eq!(guard.call().key(), key);
            assert!(guard.call().begin());
            guard.settle(value("1"));
        }
        let mut errors = vec![];
        for _ in 0..3 {
            match bench.answer() {
                (tag, Outcome::Error(error)) => errors.push((tag, error)),
                (_, outcome) => assert_eq!(outcome, value("1")),
            }
        }
        let unknown = CallError::unknown_command("nobody").with("started", false);
        assert_eq!(errors, [(3, unknown)]);
        bench.call(4, "nobody", 4);
        assert_eq!(bench.error(), (4, ErrorCode::UnknownCommand));
        bench.until(|system| system.gauges().calls == 0);
    });
}

#[test]
fn without_commands_every_call_gets_the_reason() {
    both_ways(|fast_path| {
        let (bench, _) = waiting_bench(fast_path);
        let reason = CallError::new(ErrorCode::Unavailable, "no module");
        bench.system.commands_failed(reason.clone());
        let reason = reason.with("started", false);
        bench.call(4, "greet", 4);
        let mut answers = [(); 4].map(|()| bench.answer());
        answers.sort_unstable_by_key(|(tag, _)| *tag);
        assert_eq!(
            answers,
            [1, 2, 3, 4].map(|tag| (tag, Outcome::Error(reason.clone())))
        );
        bench.until(|system| system.gauges().calls == 0);
    });
}

#[test]
fn a_call_that_is_given_up_before_the_commands_are_known_never_starts() {
    both_ways(|fast_path| {
        let (bench, [first, ..]) = waiting_bench(fast_path);
        assert!(bench.system.cancel(first));
        assert_eq!(bench.error(), (1, ErrorCode::Aborted));
        bench.until(|system| system.gauges().calls == 2);
        bench.system.close_window("main");
        let mut tags = [bench.error(), bench.error()];
        tags.sort_unstable_by_key(|(tag, _)| *tag);
        assert_eq!(
            tags,
            [(2, ErrorCode::WindowClosed), (3, ErrorCode::WindowClosed)]
        );
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        bench.until(is_empty);
        assert!(bench.mails.is_empty(), "nothing started");
    });
}

#[test]
fn an_app_can_end_before_its_commands_are_known() {
    both_ways(|fast_path| {
        let (bench, _) = waiting_bench(fast_path);
        assert!(bench.system.drain(PATIENCE));
        for _ in 0..3 {
            bench.error();
        }
        bench.until(is_empty);
        // What comes up after the end has nothing to do.
        bench.system.register("greet", spec(None, 8));
        bench.system.commands_known();
        assert!(bench.mails.is_empty());
    });
}
