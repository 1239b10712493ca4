//! Tests the queue of a listener's events.

use std::{sync::Arc, thread, time::Duration};

use crate::python::events::event_queue::*;

static NEVER: AtomicBool = AtomicBool::new(false);

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn put(queue: &EventQueue, numbers: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let push = |n: usize| queue.push(n.to_string());
    numbers.into_iter().map(push).collect()
}

fn all(queue: &EventQueue) -> Vec<String> {
    std::iter::from_fn(|| queue.pop()).collect()
}

fn lost(queue: &EventQueue) -> u64 {
    queue.state().lost.all()
}

#[test]
fn what_finds_no_room_is_lost_and_counted() {
    let queue = EventQueue::new("e", false, 2, OnFull::Drop);
    assert_eq!(put(&queue, 0..3), [true, true, false]);
    assert_eq!(
        (lost(&queue), all(&queue)),
        (1, vec!["0".into(), "1".into()])
    );
}

#[test]
fn as_many_wait_as_the_documents_say_and_in_order() {
    let queue = EventQueue::new("e", false, BOUND, OnFull::Drop);
    put(&queue, 0..BOUND + 1);
    assert_eq!((BOUND, lost(&queue)), (131_072, 1));
    assert!(
        all(&queue)
            .into_iter()
            .eq((0..BOUND).map(|n| n.to_string()))
    );
}

#[test]
fn the_latest_takes_the_place_of_the_oldest() {
    let queue = EventQueue::new("e", false, 2, OnFull::Latest);
    // For each that waits one call is ordered, whichever event it takes.
    assert_eq!(put(&queue, 0..3), [true, true, false]);
    assert_eq!(
        (lost(&queue), all(&queue)),
        (0, vec!["1".into(), "2".into()])
    );
}

#[test]
fn a_large_one_makes_several_give_way_and_each_that_waits_is_called_for() {
    let queue = EventQueue::new("e", false, 8, OnFull::Latest);
    assert_eq!(put(&queue, 0..3), [true, true, true]);
    assert!(!queue.push("x".repeat(MAX_BYTES)));
    assert_eq!(put(&queue, [4]), [false]);
    let calls = [0, 1, 2].map(|_| queue.pop());
    assert_eq!(calls, [Some("4".into()), None, None]);
    assert_eq!(put(&queue, [5]), [true]);
}

#[test]
fn an_async_handler_runs_so_many_times_at_once_and_loses_nothing() {
    let queue = EventQueue::new("e", true, BOUND, OnFull::Drop);
    let ordered = put(&queue, 0..1000).iter().filter(|it| **it).count();
    assert_eq!(ordered, CALLS);
    let mut taken = (0..CALLS).filter_map(|_| queue.pop()).count();
    while queue.call_ended() {
        taken += usize::from(queue.pop().is_some());
    }
    assert_eq!(taken, 1000);
}

#[test]
fn bytes_are_bounded_too_and_a_lone_event_is_never_too_large() {
    let queue = EventQueue::new("e", false, BOUND, OnFull::Drop);
    assert!(queue.push("x".repeat(MAX_BYTES + 1)));
    assert_eq!(put(&queue, [1]), [false]);
    assert!(queue.pop().is_some());
    assert_eq!(put(&queue, [2]), [true]);
}

#[test]
fn an_emitter_waits_until_there_is_room_and_has_it_then() {
    let queue = Arc::new(EventQueue::new("e", false, 1, OnFull::Wait));
    put(&queue, [0]);
    let other = Arc::clone(&queue);
    let emitters: Vec<_> = (0..8)
        .map(|_| {
            let other = Arc::clone(&other);
            thread::spawn(move || {
                let _room = other.wait_for_room(1, soon(), &NEVER);
                other.push("1".into())
            })
        })
        .collect();
    let mut taken = 0;
    while taken < 9 {
        let waits = queue.state().waiting.len();
        assert!(waits <= 1, "{waits} wait");
        taken += usize::from(queue.pop().is_some());
    }
    assert!(emitters.into_iter().all(|it| it.join().is_ok()));
    assert_eq!(lost(&queue), 0);
}

#[test]
fn for_those_who_cannot_wait_there_is_room_for_as_many_again() {
    let queue = EventQueue::new("e", false, 2, OnFull::Wait);
    assert_eq!(put(&queue, 0..5), [true, true, true, true, false]);
    assert_eq!(lost(&queue), 1);
}

#[test]
fn closing_frees_what_waits_and_lets_emitters_go() {
    let queue = Arc::new(EventQueue::new("e", false, 1, OnFull::Wait));
    put(&queue, [0]);
    let other = Arc::clone(&queue);
    let emitter = thread::spawn(move || {
        let room = other.wait_for_room(1, soon(), &NEVER);
        drop(room);
    });
    queue.close();
    assert!(emitter.join().is_ok());
    assert_eq!(put(&queue, [1]), [false]);
    assert_eq!(all(&queue), Vec::<String>::new());
    assert_eq!(lost(&queue), 0);
}

#[test]
fn an_app_that_ends_has_nobody_wait() {
    let queue = EventQueue::new("e", false, 1, OnFull::Wait);
    put(&queue, [0]);
    queue.hurry();
    drop(queue.wait_for_room(1, soon(), &NEVER));
    assert_eq!(all(&queue), ["0"]);
}

#[test]
fn a_wait_that_is_given_up_ends_without_room() {
    let queue = Arc::new(EventQueue::new("e", false, 1, OnFull::Wait));
    let given_up = Arc::new(AtomicBool::new(false));
    put(&queue, [0]);
    let (other, flag) = (Arc::clone(&queue), Arc::clone(&given_up));
    let emitter = thread::spawn(move || other.wait_for_room(1, soon(), &flag).is_some());
    given_up.store(true, Ordering::Release);
    queue.wake_emitters();
    assert!(!emitter.join().unwrap());
    queue.pop();
    // Where there is room nobody waits, and nothing is given up.
    assert!(queue.wait_for_room(1, soon(), &given_up).is_some());
}

#[test]
fn a_wait_ends_with_its_time_and_the_event_goes() {
    let queue = EventQueue::new("e", false, 1, OnFull::Wait);
    put(&queue, [0]);
    assert!(queue.wait_for_room(1, Instant::now(), &NEVER).is_some());
}
