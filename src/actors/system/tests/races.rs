//! Tests that a cancel racing with the end of a call gives one outcome and returns one permit.
//!
//! `TRANSOM_RACES` says how many; `make stress` runs 100,000.

#![allow(clippy::print_stdout)]

use std::hint;

use crate::actors::system::tests::*;

/// How many races run at a time, each for a permit of its own.
const AT_ONCE: usize = 4;

fn races() -> usize {
    let races = std::env::var("TRANSOM_RACES").map(|text| text.parse());
    races.map_or(2_000, |races| races.unwrap())
}

/// One call in a race, and its answers.
struct Race {
    key: CallKey,
    page: PageCall,
    answers: Arc<AtomicUsize>,
    valued: Arc<AtomicBool>,
}

fn race(system: &Arc<System>, id: u64) -> Race {
    let request = request(system, "main", EPOCH, id, "greet");
    let (key, page) = (request.key, request.page);
    let answers = Arc::new(AtomicUsize::new(0));
    let valued = Arc::new(AtomicBool::new(false));
    let (counted, told) = (Arc::clone(&answers), Arc::clone(&valued));
    let responder: Responder = Box::new(move |_, outcome| {
        counted.fetch_add(1, Ordering::SeqCst);
        match outcome {
            Outcome::Error(error) => assert_eq!(error.code, ErrorCode::Aborted),
            _ => told.store(true, Ordering::SeqCst),
        }
    });
    system.route(request, all(), responder);
    Race {
        key,
        page,
        answers,
        valued,
    }
}

/// How many calls finished first, and how many were cancelled first.
fn run(fast_path: bool, count: usize) -> (usize, usize) {
    let runtime = Runtime::start(fast_path).unwrap();
    let system = System::new(Limits::default(), runtime, Box::new(Page::default()));
    let (hands, mails) = Hands::new();
    system.add_executor("hands", None, hands);
    system.executor_ready("hands");
    system.register("greet", spec(Some(AT_ONCE), AT_ONCE));
    system.open_window("main");
    system.hello("main", Ticket(0), EPOCH, Origin::Local);
    let mut won = 0;
    for turn in 0..count.div_ceil(AT_ONCE) {
        let first = (turn * AT_ONCE) as u64 + 1;
        let races: Vec<_> = (0..AT_ONCE as u64)
            .map(|at| race(&system, first + at))
            .collect();
        let start = Barrier::new(2);
        thread::scope(|scope| {
            scope.spawn(|| {
                start.wait();
                for (at, race) in races.iter().enumerate() {
                    (0..(turn * 7 + at * 13) % 64).for_each(|_| hint::spin_loop());
                    match at % 2 {
                        0 => system.cancel_from_page("main", race.page.epoch, vec![race.page.id]),
                        _ => drop(system.cancel(race.key)),
                    }
                }
            });
            start.wait();
            finish_all(&mails, (turn * 11) % 64);
        });
        until(&system, |system| {
            finish_all(&mails, 0);
            let answered = |race: &Race| race.answers.load(Ordering::SeqCst) > 0;
            races.iter().all(answered) && nothing_is_held(system)
        });
        for race in &races {
            assert_eq!(race.answers.load(Ordering::SeqCst), 1, "turn {turn}");
            won += usize::from(race.valued.load(Ordering::SeqCst));
        }
    }
    assert!(system.drain(PATIENCE));
    (won, count.next_multiple_of(AT_ONCE) - won)
}

/// Whether all permits have come back. Each actor hears of that in its own time.
fn nothing_is_held(system: &System) -> bool {
    let gauges = system.gauges();
    let window = &gauges.windows["main"];
    gauges.calls == 0 && gauges.commands["greet"].granted == 0 && window.live + window.orphans == 0
}

fn finish_all(mails: &Receiver<Mail>, pause: usize) {
    while let Ok(mail) = mails.try_recv() {
        (0..pause).for_each(|_| hint::spin_loop());
        if let Mail::Start(guard) = mail
            && guard.call().begin()
        {
            guard.settle(value("1"));
        }
    }
}

#[test]
fn cancels_that_race_with_the_end_lose_no_permit_and_settle_once() {
    both_ways(|fast_path| {
        let (won, lost) = run(fast_path, races());
        let way = if fast_path { "inline" } else { "through-actix" };
        println!("RACES {way} {won} {lost}");
    });
}
