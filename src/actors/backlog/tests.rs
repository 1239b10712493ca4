//! Tests the limit on messages in transit to a page, over random histories.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;

use proptest::prelude::*;

use crate::actors::backlog::machine::*;

const LIMIT: Amount = Amount {
    messages: 8,
    bytes: 100,
};

type Machine = BacklogMachine<u64, &'static str>;

fn machine() -> Machine {
    Machine::new(LIMIT)
}

fn filled() -> Machine {
    let mut machine = machine();
    while machine.enter(10) == Room::Taken {
        machine.give(10);
    }
    machine
}

/// The page has run all that it was given, and has all that it has fetched.
fn run_all(machine: &mut Machine) -> Vec<&'static str> {
    let (mark, had) = (machine.mark(), machine.fetched);
    machine.ran(mark, had).0
}

#[test]
fn a_message_larger_than_all_the_room_goes_alone() {
    let mut machine = machine();
    assert_eq!(machine.enter(1000), Room::Taken);
    machine.give(1000);
    assert_eq!(machine.enter(0), Room::Full);
    run_all(&mut machine);
    assert_eq!(machine.enter(0), Room::Taken);
}

#[test]
fn who_waits_is_passed_by_nobody() {
    let mut machine = filled();
    let (first, second) = (machine.line_up(), machine.line_up());
    assert!(machine.waits(first, 1) && machine.waits(second, 1));
    run_all(&mut machine);
    assert_eq!(machine.enter(1), Room::Full);
    assert!(!machine.waits(first, 1) && machine.waits(second, 1));
    assert_eq!(machine.step_in(first, 1), Room::Taken);
    assert_eq!(machine.step_in(second, 1), Room::Taken);
    assert_eq!(machine.enter(1), Room::Taken);
}

#[test]
fn a_wait_that_is_given_up_leaves_the_line() {
    let mut machine = filled();
    let (first, second) = (machine.line_up(), machine.line_up());
    machine.give_up(first);
    assert!(!machine.waits(first, 1));
    assert_eq!(machine.step_in(first, 1), Room::Full);
    run_all(&mut machine);
    assert!(!machine.waits(second, 1));
}

#[test]
fn the_end_of_the_window_ends_every_wait() {
    let mut machine = filled();
    let ticket = machine.line_up();
    drop(machine.close());
    assert!(!machine.waits(ticket, 1));
    assert_eq!(machine.step_in(ticket, 1), Room::Gone);
    assert_eq!(machine.enter(1), Room::Gone);
    assert_eq!(machine.amount(), Amount::default());
}

#[test]
fn a_mark_of_an_older_document_says_nothing() {
    let mut machine = machine();
    machine.charge(10);
    let BacklogAction::Ask(mark) = machine.give(10) else {
        panic!("the page is asked");
    };
    drop(machine.begin());
    machine.charge(10);
    machine.give(10);
    drop(machine.ran(mark, Amount::default()));
    assert_eq!(machine.amount(), Amount::one(10));
}

fn park(machine: &mut Machine, size: usize) {
    machine.charge(size);
    assert!(machine.park(size, |number| number));
}

fn fetch(machine: &mut Machine, number: u64) -> Option<Vec<&'static str>> {
    let (parcel, receipts, _) = machine.take(number)?;
    assert_eq!(parcel, number);
    Some(receipts)
}

#[test]
fn a_receipt_waits_for_the_parcels_before_it() {
    let mut machine = machine();
    park(&mut machine, 10);
    park(&mut machine, 20);
    assert_eq!(machine.hold(2, "of both").0, [""; 0]);
    park(&mut machine, 10);
    assert_eq!(fetch(&mut machine, 1), Some(vec![]));
    assert_eq!(fetch(&mut machine, 1), None);
    assert_eq!(fetch(&mut machine, 0), Some(vec!["of both"]));
    assert_eq!(machine.hold(2, "of both, again").0, ["of both, again"]);
    assert_eq!(machine.hold(3, "of all").0, [""; 0]);
    assert_eq!(machine.begin(), (vec![2], vec!["of all"]));
}

#[test]
fn a_receipt_waits_until_half_of_the_room_is_free() {
    let mut machine = machine();
    park(&mut machine, 60);
    assert_eq!(fetch(&mut machine, 0), Some(vec![]));
    let (receipts, next) = machine.hold(1, "of it");
    assert_eq!((receipts.len(), next), (0, BacklogAction::Look(LOOK_SOON)));
    assert_eq!(run_all(&mut machine), ["of it"]);
}

#[test]
fn a_parcel_is_on_its_way_until_the_page_says_that_it_has_it() {
    let mut machine = machine();
    park(&mut machine, 60);
    let more = Amount {
        messages: 7,
        bytes: 700,
    };
    let mark = machine.mark();
    drop(machine.ran(mark, more));
    assert_eq!(machine.amount(), Amount::one(60), "it was not fetched");
    fetch(&mut machine, 0);
    assert_eq!(machine.amount(), Amount::one(60));
    let Some(mark) = machine.look(LOOK) else {
        panic!("there is something to ask");
    };
    let (_, next) = machine.ran(mark, Amount::default());
    assert_eq!(next, BacklogAction::Look(LOOK), "it is asked again");
    drop(machine.ran(mark, more));
    assert_eq!(machine.amount(), Amount::default());
}

#[test]
fn a_page_that_stands_still_is_known_until_it_takes_something() {
    let mut machine = filled();
    machine.stands();
    machine.charge(1);
    machine.give(1);
    assert!(machine.still_stands());
    run_all(&mut machine);
    assert!(!machine.still_stands());
}

#[test]
fn questions_to_a_page_that_does_not_answer_are_bounded() {
    let mut machine = machine();
    machine.line_up();
    for _ in 0..2 * MOST_ASKED {
        machine.charge(0);
        if let BacklogAction::Look(delay) = machine.plan() {
            machine.look(delay);
        }
        machine.given.messages += 1;
    }
    assert_eq!(machine.unanswered, MOST_ASKED);
    drop(machine.begin());
    assert_eq!(machine.unanswered, 0);
}

#[test]
fn few_messages_are_asked_for_later_and_once() {
    let mut machine = Machine::new(Amount {
        messages: 1024,
        bytes: 1024,
    });
    machine.charge(1);
    assert_eq!(machine.give(1), BacklogAction::Look(LOOK));
    machine.charge(1);
    assert_eq!(machine.give(1), BacklogAction::Nothing);
    machine.line_up();
    assert_eq!(machine.plan(), BacklogAction::Look(LOOK_SOON));
    assert_eq!(machine.plan(), BacklogAction::Nothing);
    let mark = machine.look(LOOK_SOON);
    drop(machine.ran(mark.unwrap(), Amount::default()));
    assert_eq!(machine.amount(), Amount::default());
    assert_eq!(machine.look(LOOK), None);
}

#[derive(Debug, Clone)]
enum Act {
    Enter(usize),
    Give,
    Park,
    Leave,
    Run,
    Take(usize),
    Begin,
    LineUp,
    StepIn(usize),
    GiveUp(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_usize..60).prop_map(Act::Enter),
        4 => Just(Act::Give),
        2 => Just(Act::Park),
        1 => Just(Act::Leave),
        2 => Just(Act::Run),
        2 => any::<usize>().prop_map(Act::Take),
        1 => Just(Act::Begin),
        2 => Just(Act::LineUp),
        3 => (0_usize..60).prop_map(Act::StepIn),
        1 => any::<usize>().prop_map(Act::GiveUp),
    ]
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    /// What is on its way is what has entered and was not taken, within the limit or alone; and it is
    /// nothing once the page has taken all.
    #[test]
    fn what_is_on_its_way_is_bounded_and_counted(acts in prop::collection::vec(act(), 1..200)) {
        let mut machine = machine();
        let (mut entered, mut given, mut parked) =
            (VecDeque::<usize>::new(), Vec::<usize>::new(), Vec::<(u64, usize)>::new());
        let (mut fetched, mut line) = (Vec::<usize>::new(), VecDeque::new());
        for act in acts {
            match act {
                Act::Enter(size) => match machine.enter(size) {
                    Room::Taken => {
                        prop_assert!(line.is_empty());
                        entered.push_back(size);
                    }
                    room => prop_assert_eq!(room, Room::Full),
                },
                Act::Give => if let Some(size) = entered.pop_front() {
                    machine.give(size);
                    given.push(size);
                },
                Act::Park => if let Some(size) = entered.pop_front() {
                    machine.park(size, |number| {
                        parked.push((number, size));
                        number
                    });
                },
                Act::Leave => if let Some(size) = entered.pop_front() {
                    machine.leave(size);
                },
                Act::Run => {
                    run_all(&mut machine);
                    given.clear();
                    fetched.clear();
                }
                Act::Take(at) => if !parked.is_empty() {
                    let (number, size) = parked.remove(at % parked.len());
                    fetched.push(size);
                    prop_assert!(machine.take(number).is_some());
                },
                Act::Begin => {
                    drop(machine.begin());
                    given.clear();
                    parked.clear();
                    fetched.clear();
                }
                Act::LineUp => line.push_back(machine.line_up()),
                Act::StepIn(size) => if let Some(ticket) = line.pop_front() {
                    let waits = machine.waits(ticket, size);
                    let room = machine.step_in(ticket, size);
                    prop_assert_eq!(room == Room::Full, waits);
                    if room == Room::Taken {
                        entered.push_back(size);
                    }
                },
                Act::GiveUp(at) => if !line.is_empty() {
                    let ticket = line.remove(at % line.len());
                    machine.give_up(ticket.unwrap_or_default());
                },
            }
            let parked_sizes = parked.iter().map(|(_, size)| size);
            let mut sum = Amount::default();
            let sizes = entered.iter().chain(&given).chain(&fetched).chain(parked_sizes);
            sizes.for_each(|size| sum += Amount::one(*size));
            prop_assert_eq!(machine.amount(), sum);
            let within = sum.messages <= LIMIT.messages && sum.bytes <= LIMIT.bytes;
            prop_assert!(within || sum.messages == 1);
        }
    }
}
