//! Checks with loom that a call is decided once, and that everyone who waits is answered once.

use std::sync::Arc;

use loom::{sync::Mutex, thread};

use super::{
    check,
    settlement::{Attached, Settlement},
};

/// A call whose responders are numbers and whose outcomes are names.
type Call = Settlement<u8, &'static str>;

/// Records who was answered, and with what.
#[derive(Default)]
struct Answers(Mutex<Vec<(u8, &'static str)>>);

impl Answers {
    fn give(&self, waiting: Vec<u8>, outcome: &'static str) {
        let mut answers = self.0.lock().unwrap();
        answers.extend(waiting.into_iter().map(|who| (who, outcome)));
    }

    fn sorted(&self) -> Vec<(u8, &'static str)> {
        let mut answers = self.0.lock().unwrap().clone();
        answers.sort_unstable();
        answers
    }
}

struct World {
    call: Call,
    answers: Answers,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            call: Settlement::new(1),
            answers: Answers::default(),
        })
    }

    /// Settles like `Call::settle`.
    fn settle(&self, outcome: &'static str) -> bool {
        let waiting = self.call.settle(|| Some(outcome));
        let won = waiting.is_some();
        self.answers.give(waiting.unwrap_or_default(), outcome);
        won
    }

    /// Attaches like `Call::attach`.
    fn attach(&self, repeats: Vec<u8>) {
        match self.call.attach(repeats) {
            Attached::Waiting => {}
            Attached::TooMany(repeats) => self.answers.give(repeats, "too many"),
            Attached::Given(repeats, kept) => self.answers.give(repeats, kept.unwrap_or("lost")),
        }
    }
}

#[test]
fn of_three_that_settle_one_wins_and_answers_once() {
    check(|| {
        let world = World::new();
        let others = ["aborted", "deadline-exceeded"].map(|code| {
            let world = Arc::clone(&world);
            thread::spawn(move || world.settle(code))
        });
        let won = usize::from(world.settle("value"));
        let won = won
            + others
                .map(|it| usize::from(it.join().unwrap()))
                .iter()
                .sum::<usize>();
        assert_eq!(won, 1);
        assert_eq!(world.answers.sorted().len(), 1);
        assert!(world.call.is_settled());
    });
}

#[test]
fn what_an_error_says_of_the_start_stays_true() {
    check(|| {
        let world = World::new();
        let worker = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let begun = world.call.begin();
                begun && world.settle("value")
            })
        };
        let second = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.call.begin())
        };
        let mut said = None;
        let cancelled = world.call.settle(|| {
            said = Some(world.call.begun());
            None
        });
        world.call.mark_cancelled();
        let (valued, second) = (worker.join().unwrap(), second.join().unwrap());
        assert!(valued != cancelled.is_some() || second, "nobody decided");
        if let Some(said) = said {
            assert_eq!(said, world.call.begun(), "it began after its end was told");
        }
    });
}

#[test]
fn a_call_begins_once() {
    check(|| {
        let call = Arc::new(Call::new(1));
        let others = [(); 2].map(|()| {
            let call = Arc::clone(&call);
            thread::spawn(move || call.begin())
        });
        let begun = usize::from(call.begin());
        let begun = begun
            + others
                .map(|it| usize::from(it.join().unwrap()))
                .iter()
                .sum::<usize>();
        assert_eq!(begun, 1);
    });
}

#[test]
fn a_repeat_is_answered_once_whenever_it_comes() {
    check(|| {
        let world = World::new();
        let repeat = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.attach(vec![2]))
        };
        let rival = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.settle("aborted"))
        };
        world.settle("value");
        repeat.join().unwrap();
        rival.join().unwrap();
        let answers = world.answers.sorted();
        assert_eq!(
            answers.iter().map(|(who, _)| *who).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!(answers[0].1, answers[1].1, "two outcomes of one call");
    });
}

#[test]
fn a_repeat_that_hands_over_while_it_is_settled_answers_once() {
    check(|| {
        let original = World::new();
        let repeat = Arc::new(Call::new(2));
        let hands_over = {
            let (original, repeat) = (Arc::clone(&original), Arc::clone(&repeat));
            thread::spawn(move || original.attach(repeat.hand_over()))
        };
        let window_closes = {
            let (original, repeat) = (Arc::clone(&original), Arc::clone(&repeat));
            thread::spawn(move || {
                let waiting = repeat.settle(|| None).unwrap_or_default();
                original.answers.give(waiting, "window-closed");
            })
        };
        original.settle("value");
        hands_over.join().unwrap();
        window_closes.join().unwrap();
        let who: Vec<_> = original
            .answers
            .sorted()
            .iter()
            .map(|(who, _)| *who)
            .collect();
        assert_eq!(who, [1, 2]);
    });
}

#[test]
fn one_of_release_and_oblivion_is_the_last() {
    check(|| {
        let call = Arc::new(Call::new(1));
        let released = {
            let call = Arc::clone(&call);
            thread::spawn(move || call.mark_released())
        };
        let forgotten = call.mark_forgotten();
        assert!(released.join().unwrap() != forgotten);
    });
}
