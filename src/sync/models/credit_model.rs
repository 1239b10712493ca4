//! Checks with loom that a stream between a generator thread and a page loses no item or credit.

use std::sync::Arc;

use loom::{
    sync::{Condvar, Mutex},
    thread,
};

use super::{bell::Bell, check};
use crate::actors::{
    Batch, Item, Outcome, Push, StreamActions, StreamMachine, StreamOptions, Taken,
};

/// Receives the answer to a pull.
#[derive(Default)]
struct Answer {
    given: Mutex<Option<Option<Batch>>>,
    bell: Condvar,
}

impl Answer {
    fn give(&self, batch: Option<Batch>) {
        let before = self.given.lock().unwrap().replace(batch);
        assert!(before.is_none(), "a pull was answered twice");
        self.bell.notify_all();
    }

    fn wait(&self) -> Option<Batch> {
        let mut given = self.given.lock().unwrap();
        loop {
            match given.take() {
                Some(batch) => return batch,
                None => given = self.bell.wait(given).unwrap(),
            }
        }
    }
}

type Stream = Bell<StreamMachine<Arc<Answer>>>;

fn lock_step() -> Arc<Stream> {
    Arc::new(Bell::new(StreamMachine::new(StreamOptions {
        buffer: Some(1),
        conflate: false,
    })))
}

/// Carries out what the machine asks for, outside the lock, as the shell does.
fn carry_out(stream: &Stream, turn: StreamActions<Arc<Answer>>) {
    for (answer, batch) in turn.answers {
        answer.give(batch);
    }
    if turn.wake {
        stream.ring();
    }
    if turn.end.is_some() {
        close(stream);
    }
}

fn close(stream: &Stream) {
    let (waiting, wake) = stream.machine().close();
    if wake {
        stream.ring();
    }
    if let Some(answer) = waiting {
        answer.give(None);
    }
}

/// False: nobody wants the item any more.
fn push(stream: &Stream, item: &str) -> bool {
    loop {
        let (push, turn) = stream.machine().push(Item::Json(item));
        carry_out(stream, turn);
        match push {
            Push::In => return true,
            Push::Full => stream.wait_while(|machine| machine.is_full()),
            Push::Over => return false,
            Push::Misfit => panic!("all items are JSON"),
        }
    }
}

fn pull(stream: &Stream, count: u64) -> Option<Vec<String>> {
    let at = Taken {
        received: count,
        taken: count,
    };
    let answer = Arc::new(Answer::default());
    let turn = stream.machine().pull(Arc::clone(&answer), at);
    carry_out(stream, turn.map_err(|(_, error)| error).unwrap());
    let Batch::Json(text) = answer.wait()? else {
        panic!("all items are JSON");
    };
    let batch: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(batch["n"], count, "an item was lost, or came twice");
    let items = batch["items"].as_array().unwrap();
    Some(items.iter().map(ToString::to_string).collect())
}

#[test]
fn every_item_arrives_in_order_and_credit_that_comes_back_is_not_missed() {
    check(|| {
        let stream = lock_step();
        let generator = thread::spawn({
            let stream = Arc::clone(&stream);
            move || {
                assert!(push(&stream, "1"));
                assert!(push(&stream, "2"));
                let end = stream.machine().finish(Outcome::Json("null".into()));
                if end.is_some() {
                    close(&stream);
                }
            }
        });
        let mut items = Vec::new();
        while let Some(more) = pull(&stream, items.len() as u64) {
            assert!(more.len() <= 1, "more than its credit");
            items.extend(more);
        }
        assert_eq!(items, ["1", "2"]);
        generator.join().unwrap();
    });
}

#[test]
fn a_generator_that_waits_for_credit_is_let_go_by_a_stop_and_by_the_end_of_its_page() {
    for closes in [false, true] {
        check(move || {
            let stream = lock_step();
            let generator = thread::spawn({
                let stream = Arc::clone(&stream);
                move || while push(&stream, "1") {}
            });
            let page = thread::spawn({
                let stream = Arc::clone(&stream);
                move || pull(&stream, 0)
            });
            if closes {
                close(&stream);
            } else {
                let wake = stream.machine().stop();
                if wake {
                    stream.ring();
                }
            }
            generator.join().unwrap();
            close(&stream);
            page.join().unwrap();
        });
    }
}
