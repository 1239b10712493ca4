//! Tests random pages and executors on several threads: nothing is left behind.

use super::faults::hush;
use crate::actors::system::tests::*;

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

fn storm_pages(system: &Arc<System>, ledger: &Arc<Ledger>, mails: &Receiver<Mail>, seed: u64) {
    let mut dice = Dice(seed);
    for step in 0..150 {
        thread::yield_now();
        if step == 10 {
            system.executor_ready("hands");
        }
        if step % 10 == 0 {
            // Else the pages are over before anything has begun.
            give_way(system);
            while !mails.is_empty() {
                thread::yield_now();
            }
        }
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
            28..32 => system.cancel_from_page(label, page.epoch, vec![page.id]),
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

/// How many calls began. `faults`: of so many moments in the actors one panics.
fn storm(fast_path: bool, seed: u64, faults: Option<u64>) -> usize {
    let page = Page::default();
    let limits = Limits {
        calls_per_window: 12,
        calls: 20,
        ..Limits::default()
    };
    let runtime = Runtime::start(fast_path).unwrap().tolerating(usize::MAX);
    let system = System::new(limits, runtime, Box::new(page.clone()));
    let (hands, mails) = Hands::new();
    system.add_executor("hands", Some(6), Arc::clone(&hands) as _);
    system.register("greet", spec(None, 8));
    system.register("slow", spec(Some(1), 3));
    system.register("boom", spec(Some(2), 3));
    let ledger = Arc::new(Ledger::default());
    for (at, label) in WINDOWS.into_iter().enumerate() {
        system.open_window(label);
        ledger.hello(&system, at);
    }
    if let Some(one_in) = faults {
        let mut dice = Dice(seed * 7 + 3);
        let fault = move |_, _| dice.roll(one_in) == 0;
        system.trace().faults.inject(Some(Box::new(fault)));
    }
    let kept = Mutex::new(HashMap::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for at in 0..2 {
            let (mails, kept, ledger, over) = (mails.clone(), &kept, &ledger, &over);
            scope.spawn(move || storm_worker(&mails, kept, ledger, over, seed * 31 + at + 1));
        }
        let pages = [1, 2].map(|at| {
            let (system, ledger, mails) = (&system, &ledger, &mails);
            scope.spawn(move || storm_pages(system, ledger, mails, seed * 97 + at))
        });
        for page in pages {
            page.join().unwrap();
        }
        over.store(true, Ordering::SeqCst);
        system.trace().faults.inject(None);
        let is_drained = system.drain(PATIENCE);
        // In any case, so that the workers end.
        hands.stop();
        assert!(is_drained, "seed {seed}: {system:?} {:?}", system.calls);
    });
    until(&system, is_empty);
    for answers in &ledger.answers {
        assert_eq!(*answers, 1, "seed {seed}: call {}", answers.key());
    }
    assert!(ledger.begun.iter().all(|times| *times == 1), "seed {seed}");
    if faults.is_some() {
        return ledger.begun.len();
    }
    let answered = page.0.lock().unwrap();
    assert_eq!(answered.len(), ledger.hellos.load(Ordering::SeqCst));
    assert!(answered.values().all(|times| *times == 1), "seed {seed}");
    ledger.begun.len()
}

#[test]
fn a_storm_leaves_nothing_behind() {
    both_ways(|fast_path| {
        let begun: usize = (1..=50).map(|seed| storm(fast_path, seed, None)).sum();
        assert!(begun > 100, "hardly anything ran: {begun}");
    });
}

#[test]
fn a_storm_of_panics_leaves_nothing_behind() {
    hush();
    both_ways(|fast_path| {
        let begun: usize = (1..=50).map(|seed| storm(fast_path, seed, Some(150))).sum();
        assert!(begun > 100, "hardly anything ran: {begun}");
    });
}
