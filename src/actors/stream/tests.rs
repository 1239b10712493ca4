//! Tests that streams keep order, lose nothing and stay bounded, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use crate::actors::stream::machine::*;

fn stream(buffer: Option<usize>, conflate: bool) -> StreamMachine<u32> {
    StreamMachine::new(StreamOptions { buffer, conflate })
}

fn push(stream: &mut StreamMachine<u32>, item: &str) -> (Push, StreamActions<u32>) {
    stream.push(Item::Json(item))
}

fn at(received: u64, taken: u64) -> Taken {
    Taken { received, taken }
}

/// The number and the items of a batch.
fn read(batch: &Option<Batch>) -> (u64, Vec<u64>) {
    let Some(Batch::Json(text)) = batch else {
        panic!("only JSON is pushed here");
    };
    let value: serde_json::Value = serde_json::from_str(&without_blanks(text)).unwrap();
    let items = value["items"].as_array().unwrap();
    let items = items.iter().map(|item| item.as_u64().unwrap()).collect();
    (value["n"].as_u64().unwrap(), items)
}

/// Items are made large by blanks, of which the parser would look at each one.
fn without_blanks(text: &str) -> String {
    let parts = text
        .split(',')
        .map(|part| match (part.find(' '), part.rfind(' ')) {
            (Some(first), Some(last)) => [&part[..first], &part[last + 1..]].concat(),
            _ => part.to_owned(),
        });
    parts.collect::<Vec<_>>().join(",")
}

fn done() -> Outcome {
    Outcome::Json("null".into())
}

#[test]
fn a_waiting_pull_is_answered_by_the_first_item_and_the_next_has_the_rest() {
    let mut stream = stream(None, false);
    assert!(stream.pull(1, at(0, 0)).unwrap().answers.is_empty());
    let (_, turn) = push(&mut stream, "7");
    assert_eq!(turn.answers[0].0, 1);
    assert_eq!(read(&turn.answers[0].1), (0, vec![7]));
    push(&mut stream, "8");
    push(&mut stream, "9");
    let turn = stream.pull(2, at(1, 1)).unwrap();
    assert_eq!(read(&turn.answers[0].1), (1, vec![8, 9]));
}

#[test]
fn a_pull_that_comes_twice_is_answered_twice() {
    let mut stream = stream(None, false);
    push(&mut stream, "7");
    for pull in 0..2 {
        let turn = stream.pull(pull, at(0, 0)).unwrap();
        assert_eq!(read(&turn.answers[0].1), (0, vec![7]));
    }
    assert!(stream.pull(3, at(1, 0)).unwrap().answers.is_empty());
    assert!(stream.pull(4, at(0, 0)).is_err(), "it has arrived");
}

#[test]
fn one_pull_waits_at_a_time() {
    let mut stream = stream(None, false);
    stream.pull(1, at(0, 0)).unwrap();
    let turn = stream.pull(2, at(0, 0)).unwrap();
    assert_eq!(turn.answers, [(1, Some(Batch::empty(0)))]);
}

#[test]
fn a_generator_without_credit_makes_the_waiting_pull_come_again() {
    let mut stream = stream(Some(1), false);
    push(&mut stream, "1");
    stream.pull(1, at(0, 0)).unwrap();
    stream.pull(2, at(1, 0)).unwrap();
    let (full, turn) = push(&mut stream, "2");
    assert_eq!(full, Push::Full);
    assert_eq!(turn.answers, [(2, Some(Batch::empty(1)))]);
    let turn = stream.pull(3, at(1, 1)).unwrap();
    assert!(turn.wake && turn.answers.is_empty());
    let (again, turn) = push(&mut stream, "2");
    assert_eq!(again, Push::In);
    assert_eq!(read(&turn.answers[0].1), (1, vec![2]));
}

#[test]
fn who_counts_its_own_credit_asks_and_is_woken_when_there_is_some() {
    let mut stream = stream(Some(1), false);
    assert_eq!(stream.allowance().items, 1);
    push(&mut stream, "1");
    stream.pull(1, at(0, 0)).unwrap();
    stream.pull(2, at(1, 0)).unwrap();
    let turn = stream.want(1);
    assert!(!turn.wake && stream.is_full());
    assert_eq!(turn.answers, [(2, Some(Batch::empty(1)))]);
    assert!(stream.pull(3, at(1, 1)).unwrap().wake);
    assert_eq!(stream.taken(), 1);
    assert!(stream.want(1).wake, "there is credit by now");
    stream.stop();
    assert!(!stream.want(1).wake, "its cancel wakes it");
}

#[test]
fn bad_credit_is_refused() {
    let mut stream = stream(None, false);
    push(&mut stream, "1");
    for lie in [at(1, 0), at(0, 1), at(u64::MAX, 0), at(u64::MAX, u64::MAX)] {
        assert!(stream.pull(0, lie).is_err(), "{lie:?}");
    }
}

#[test]
fn conflation_keeps_the_latest_and_never_suspends() {
    let mut stream = stream(None, true);
    for item in 0..5000 {
        assert_eq!(push(&mut stream, &item.to_string()).0, Push::In);
    }
    let turn = stream.pull(1, at(0, 0)).unwrap();
    assert_eq!(read(&turn.answers[0].1), (0, vec![4999]));
}

#[test]
fn the_outcome_follows_the_last_item() {
    let mut stream = stream(None, false);
    push(&mut stream, "1");
    assert_eq!(stream.finish(done()), None);
    assert!(stream.has_ended() && stream.put_off_release());
    assert_eq!(push(&mut stream, "2").0, Push::Over);
    let turn = stream.pull(1, at(0, 0)).unwrap();
    assert_eq!(read(&turn.answers[0].1), (0, vec![1]));
    assert_eq!(turn.end, Some(done()));
    assert_eq!(stream.finish(done()), None, "once");
    assert!(stream.put_off_release(), "until the call is settled");
    stream.close();
    assert!(stream.take_release() && !stream.take_release());
    assert!(!stream.put_off_release());
}

#[test]
fn without_items_the_outcome_is_told_at_once() {
    let mut stream = stream(None, false);
    stream.pull(1, at(0, 0)).unwrap();
    assert_eq!(stream.finish(done()), Some(done()));
    assert_eq!(stream.close(), (Some(1), false));
}

#[test]
fn a_close_and_a_stop_wake_the_generator_that_waits() {
    for close in [true, false] {
        let mut stream = stream(Some(1), false);
        push(&mut stream, "1");
        assert_eq!(push(&mut stream, "2").0, Push::Full);
        let woken = if close {
            stream.close().1
        } else {
            stream.stop()
        };
        assert!(woken && !stream.is_full());
        assert_eq!(push(&mut stream, "2").0, Push::Over);
    }
}

#[test]
fn what_is_closed_holds_nothing() {
    let mut stream = stream(None, false);
    push(&mut stream, "12345");
    assert_eq!(stream.gauges().bytes, 5);
    stream.close();
    assert_eq!(stream.gauges(), StreamGauges::default());
    assert_eq!(stream.pull(1, at(0, 0)).unwrap().answers, [(1, None)]);
}

#[derive(Debug, Clone)]
enum Step {
    Push(usize),
    Pull,
    /// The answer of a pull got lost, and the webview sends it again.
    Repeat,
    Take(usize),
    Finish,
}

/// Two of the large ones are enough for the bound in bytes.
fn size() -> impl Strategy<Value = usize> {
    prop_oneof![7 => 0_usize..200, 1 => 100_000_usize..200_000]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => size().prop_map(Step::Push),
        4 => Just(Step::Pull),
        1 => Just(Step::Repeat),
        4 => (1_usize..8).prop_map(Step::Take),
        1 => Just(Step::Finish),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    /// Who counts its own credit, and hears of the page only when it is woken, never pushes what
    /// does not fit, and always goes on when the page does.
    #[test]
    fn a_count_kept_elsewhere_is_never_too_high(
        limit in 1_usize..20,
        sizes in prop::collection::vec(size(), 1..12),
        greed in prop::collection::vec(1_u64..12, 1..60),
    ) {
        let mut stream = stream(Some(limit), false);
        let mut credit = Credit::new(limit);
        let (mut received, mut taken) = (0, 0);
        let mut greed = greed.iter().cycle();
        for size in sizes {
            let item = format!("1{}", " ".repeat(size));
            while !credit.fits(item.len()) {
                let mut woken = stream.want(item.len()).wake;
                for _ in 0..1000 {
                    if woken {
                        break;
                    }
                    let turn = stream.pull(0, at(received, taken)).unwrap();
                    for (_, batch) in &turn.answers {
                        let (first, items) = read(batch);
                        received = first + items.len() as u64;
                    }
                    taken = received.min(taken + greed.next().unwrap());
                    woken = turn.wake;
                }
                prop_assert!(woken, "the page takes, and nobody is woken");
                prop_assert!(credit.give_back(stream.taken()));
            }
            credit.spend(item.len());
            let (push, turn) = push(&mut stream, &item);
            prop_assert_eq!(push, Push::In);
            for (_, batch) in &turn.answers {
                let (first, items) = read(batch);
                received = first + items.len() as u64;
            }
        }
    }

    /// Every item arrives once, in order; what is outstanding stays within the credit; the end
    /// comes after the last item; a generator that waits is woken when its item fits.
    #[test]
    fn in_order_without_loss_within_the_bound(limit in 1_usize..20, steps in steps()) {
        let mut stream = stream(Some(limit), false);
        let (mut pushed, mut received, mut taken) = (0_u64, 0_u64, 0_u64);
        let mut sizes = vec![];
        let (mut blocked, mut finished, mut ended) = (None, false, false);
        let mut last_pull = None;
        for step in steps {
            let turn = match step {
                Step::Push(size) => {
                    let size: usize = blocked.unwrap_or(size);
                    // A JSON number padded to `size` bytes.
                    let item = pushed.to_string() + &" ".repeat(size);
                    let (push, turn) = push(&mut stream, &item);
                    match push {
                        Push::In => {
                            sizes.push(item.len());
                            pushed += 1;
                            blocked = None;
                            prop_assert!(!finished);
                        }
                        Push::Full => blocked = Some(size),
                        Push::Over => prop_assert!(finished),
                        Push::Misfit => prop_assert!(false),
                    }
                    turn
                }
                Step::Pull => {
                    last_pull = Some(at(received, taken));
                    stream.pull(0, at(received, taken)).unwrap()
                }
                Step::Repeat => match last_pull {
                    Some(pull) => stream.pull(1, pull).unwrap(),
                    None => continue,
                },
                Step::Take(n) => {
                    taken = received.min(taken + n as u64);
                    continue;
                }
                Step::Finish => {
                    if !finished {
                        finished = true;
                        ended = stream.finish(done()).is_some();
                        prop_assert_eq!(ended, received == pushed);
                    }
                    continue;
                }
            };
            for (_, batch) in &turn.answers {
                let (first, items) = read(batch);
                for (n, item) in (first..).zip(items) {
                    prop_assert_eq!(n, item);
                    if n == received {
                        received += 1;
                    }
                    prop_assert!(n < received, "no gap");
                }
            }
            if turn.end.is_some() {
                prop_assert!(finished && !ended && received == pushed);
                ended = true;
            }
            if turn.wake {
                prop_assert!(blocked.is_some_and(|size| stream.credit.fits(size)));
            }
            let outstanding = &sizes[usize::try_from(taken).unwrap()..];
            prop_assert!(outstanding.len() <= limit);
            prop_assert!(outstanding.len() <= 1 || outstanding.iter().sum::<usize>() <= crate::actors::stream::credit::BYTES);
        }
    }
}
