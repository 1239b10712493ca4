//! Tests that a panic at any step or effect of any actor costs no call its answer and no place.

use std::{collections::BTreeMap, panic, sync::Once};

use crate::actors::{
    actor::{
        faults::{Fault, FaultPoint},
        shuffle::Shuffle,
    },
    deadlines::machine::DeadlineEvent,
    jobs::machine::JobEvent,
    system::tests::*,
};

/// Where actors have panicked, and how often.
type Places = BTreeMap<(&'static str, u8), usize>;

const COMMANDS: [&str; 3] = ["greet", "slow", "keep"];

/// Keeps the panics that are meant out of the tests' output.
pub(super) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let meant = info
                .payload_as_str()
                .is_some_and(|it| it.ends_with("as told"));
            if !meant {
                before(info);
            }
        }));
    });
}

/// Panics at the moments of these numbers, and counts where that was.
fn at(moments: Vec<usize>, places: &Arc<Mutex<Places>>) -> Fault {
    let (mut seen, places) = (0, Arc::clone(places));
    Box::new(move |kind, moment| {
        seen += 1;
        let fails = moments.contains(&seen);
        if fails {
            *places
                .lock()
                .unwrap()
                .entry((kind, moment as u8))
                .or_default() += 1;
        }
        fails
    })
}

/// One app for many histories, on one thread. The dice decide which keeper has the next turn.
struct World {
    system: Arc<System>,
    shuffle: Shuffle,
    mails: Receiver<Mail>,
    /// How often each call was answered.
    answers: Arc<Mutex<HashMap<CallKey, usize>>>,
    page: Page,
    epochs: u128,
    hellos: u64,
    /// The newest document of each window.
    newest: [Epoch; 2],
    ids: u64,
    kept: Vec<CallGuard>,
}

impl World {
    fn new(fast_path: bool) -> Self {
        let shuffle = Shuffle::default();
        let runtime = Runtime::start(fast_path)
            .unwrap()
            .tolerating(usize::MAX)
            .shuffled(shuffle.clone());
        let page = Page::default();
        let limits = Limits {
            calls_per_window: 6,
            calls: 10,
            ..Limits::default()
        };
        let system = System::new(limits, runtime, Box::new(page.clone()));
        let (hands, mails) = Hands::new();
        system.add_executor("hands", Some(3), hands);
        system.executor_ready("hands");
        Self {
            system,
            shuffle,
            mails,
            answers: Arc::default(),
            page,
            epochs: 0,
            hellos: 0,
            newest: [Epoch(0); 2],
            ids: 0,
            kept: Vec::new(),
        }
    }

    /// Brings the app to where every history begins.
    fn begin(&mut self) {
        for (name, spec) in [
            ("greet", spec(None, 8)),
            ("slow", spec(Some(1), 3)),
            (
                "keep",
                CommandSpec {
                    on_close: OnClose::Detach,
                    ..spec(Some(2), 3)
                },
            ),
        ] {
            self.system.register(name, spec);
        }
        for (window, label) in WINDOWS.iter().enumerate() {
            self.system.open_window(label);
            self.hello(window);
        }
        self.turn_all();
    }

    /// Gives some keepers their turns.
    fn turn_some(&self, dice: &mut Dice) {
        // Mostly so few that messages pile up.
        let most = [2, 6, 40][dice.roll(3) as usize];
        for _ in 0..dice.roll(most) {
            if !self.shuffle.turn(|count| dice.roll(count as u64) as usize) {
                return;
            }
        }
    }

    /// Gives turns until no keeper has anything to do. False: none had.
    fn turn_all(&self) -> bool {
        let mut some = false;
        while self.shuffle.turn(|_| 0) {
            some = true;
        }
        some
    }

    fn hello(&mut self, window: usize) {
        self.epochs += 1;
        self.hellos += 1;
        self.newest[window] = Epoch(self.epochs);
        let ticket = Ticket(self.hellos);
        self.system
            .hello(WINDOWS[window], ticket, self.newest[window], Origin::Local);
    }

    fn call(&mut self, window: usize, command: &str, attach: Option<CallKey>) {
        self.ids += 1;
        let epoch = self.newest[window];
        let mut request = request(&self.system, WINDOWS[window], epoch, self.ids, command);
        request.attach = attach;
        let (key, answers) = (request.key, Arc::clone(&self.answers));
        answers.lock().unwrap().insert(key, 0);
        let responder = move |_: &Call, _| {
            *answers.lock().unwrap().get_mut(&key).unwrap() += 1;
        };
        self.system.route(request, all(), Box::new(responder));
    }

    fn some_call(&self, dice: &mut Dice) -> Option<Arc<Call>> {
        let calls = self.system.calls();
        (!calls.is_empty()).then(|| Arc::clone(&calls[dice.roll(calls.len() as u64) as usize]))
    }

    /// Takes what the executor was given, and gives up what it was told to stop.
    fn look_at_mails(&mut self) {
        while let Ok(mail) = self.mails.try_recv() {
            match mail {
                Mail::Start(guard) => {
                    guard.begin();
                    self.kept.push(guard);
                }
                Mail::Stop(call) => self.kept.retain(|guard| guard.call().key() != call),
            }
        }
    }

    fn act(&mut self, dice: &mut Dice) {
        let window = dice.roll(2) as usize;
        let label = WINDOWS[window];
        match dice.roll(24) {
            0..9 => {
                let command = COMMANDS[dice.roll(3) as usize];
                self.call(window, command, None);
            }
            9..13 => {
                self.look_at_mails();
                if !self.kept.is_empty() {
                    let at = dice.roll(self.kept.len() as u64) as usize;
                    let guard = self.kept.swap_remove(at);
                    guard.end(value("1"));
                }
            }
            13 => self.look_at_mails(),
            14 | 15 => {
                if let Some(call) = self.some_call(dice) {
                    let page = call.request.page;
                    self.system
                        .cancel_from_page(label, page.epoch, vec![page.id]);
                }
            }
            16 => {
                if let Some(call) = self.some_call(dice) {
                    self.system.cancel(call.key());
                }
            }
            17 | 18 => {
                self.system.page_started(label);
                self.hello(window);
            }
            19 => {
                self.system.close_window(label);
                if dice.roll(2) == 0 {
                    self.system.open_window(label);
                    self.hello(window);
                }
            }
            20 => self.system.unregister("slow"),
            21 => self
                .system
                .register("slow", spec(Some(1 + dice.roll(2) as usize), 3)),
            22 => {
                if let Some(job) = self.some_call(dice) {
                    self.call(window, "keep", Some(job.key()));
                }
            }
            _ => {
                // A page whose window was restarted says hello anew.
                let newest = self.newest[window];
                if self.system.check_document(label, newest).is_err() {
                    self.hello(window);
                }
            }
        }
    }

    /// Ends what runs, as the executor does.
    fn finish(&mut self) {
        for _ in 0..50 {
            let some = self.turn_all();
            if !some && self.mails.is_empty() && self.kept.is_empty() {
                return;
            }
            self.look_at_mails();
            self.kept.clear();
        }
    }

    /// Ends everything, as pages and executors do, and checks that nothing is left.
    fn end(&mut self, seed: u64, faults: usize) {
        self.system.trace().faults.inject(None);
        for label in WINDOWS {
            self.system.close_window(label);
        }
        for command in COMMANDS {
            self.system.unregister(command);
        }
        self.turn_all();
        for call in self.system.calls() {
            self.system.cancel(call.key());
        }
        self.finish();
        let now = self.system.now() + (1 << 40);
        self.system.tell_jobs(JobEvent::Tick { now });
        self.turn_all();
        let (system, calls) = (&self.system, &self.system.calls);
        assert!(is_empty(system), "seed {seed}: {system:#?} {calls:?}");
        assert_eq!(system.gauges().jobs, 0, "seed {seed}");
        assert!(system.commands.is_empty(), "seed {seed}: {system:#?}");
        let mut answers = self.answers.lock().unwrap();
        for (call, times) in answers.drain() {
            assert_eq!(times, 1, "seed {seed}: {call:?}");
        }
        // A hello is handled again once, so two panics may lose it. If it is answered twice, the wire
        // ignores that. The news that a call needs no alarm any more is alike.
        let answered = std::mem::take(&mut *self.page.0.lock().unwrap()).len();
        let hellos = std::mem::take(&mut self.hellos);
        let forgotten = system.deadlines.look(DeadlinesMachine::is_empty);
        assert!(
            (answered == hellos as usize && forgotten) || faults > 1,
            "seed {seed}: {answered} of {hellos} hellos, {:?}",
            system.deadlines
        );
        let late = DeadlineEvent::Tick { now };
        system.deadlines.send(system, late);
        self.turn_all();
    }

    /// Lets the app end while calls run, and checks that it does.
    fn drain(&mut self, dice: &mut Dice, seed: u64, faults: usize) {
        self.system.tell(SupervisorEvent::Drain);
        for _ in 0..8 {
            self.turn_some(dice);
            self.look_at_mails();
        }
        self.system.trace().faults.inject(None);
        self.finish();
        let drained = *self.system.drained.0.lock().unwrap();
        let (system, calls) = (&self.system, &self.system.calls);
        assert!(
            drained || faults > 1,
            "seed {seed}: {system:#?} {calls:?} {:?}",
            system.supervisor
        );
    }
}

/// How many histories run each way.
fn histories() -> u64 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|it| it.parse().ok())
        .unwrap_or(10_000)
}

/// The first of them. Another one gives other histories.
fn first_seed() -> u64 {
    let seed = std::env::var("FIRST_SEED").ok();
    seed.and_then(|it| it.parse().ok()).unwrap_or(1)
}

/// Runs random histories. After some of them the app ends. `faults`: whether actors panic.
fn run_histories(fast_path: bool, faults: bool, places: &Arc<Mutex<Places>>) {
    let mut world = World::new(fast_path);
    for seed in first_seed()..first_seed() + histories() {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut moments = Vec::new();
        for _ in 0..1 + dice.roll(3) {
            let first = 1 + dice.roll(80) as usize;
            // Two in a row: the message that is handled again panics again.
            moments.extend(first..=first + (dice.roll(4) / 3) as usize);
        }
        if !faults {
            moments.clear();
        }
        let faults = moments.len();
        let fault = at(moments, places);
        world.begin();
        world.system.trace().faults.inject(Some(fault));
        for _ in 0..4 + dice.roll(8) {
            world.act(&mut dice);
            world.turn_some(&mut dice);
        }
        let ends = seed % 50 == 0;
        if ends {
            world.drain(&mut dice, seed, faults);
        }
        world.end(seed, faults);
        if ends {
            world = World::new(fast_path);
        }
    }
}

#[test]
fn messages_that_overtake_each_other_cost_no_answer_and_no_place() {
    run_histories(false, false, &Arc::default());
}

#[test]
fn a_panic_anywhere_costs_no_answer_and_no_place() {
    hush();
    let places = Arc::new(Mutex::new(Places::new()));
    both_ways(|fast_path| run_histories(fast_path, true, &places));
    let places = places.lock().unwrap();
    for kind in [
        "supervisor",
        "window",
        "command",
        "executor",
        "jobs",
        "deadlines",
    ] {
        for moment in [
            FaultPoint::BeforeStep,
            FaultPoint::AfterStep,
            FaultPoint::BeforeEffect,
            FaultPoint::AfterEffect,
        ] {
            let times = places.get(&(kind, moment as u8));
            assert!(
                times.is_some(),
                "{kind} never panicked at {moment:?}: {places:?}"
            );
        }
    }
}
