//! Checks with loom that an event loop misses no work, and that none is left behind at its end.

use std::sync::Arc;

use loom::{
    sync::{
        Condvar, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread,
};

use super::{check, close_flag::CloseFlag, sleep::Sleep};

/// The weakest possible queue: three places, each filled and emptied once. A reader may see an old
/// state unless the protocol has ordered the two threads.
struct Queue([AtomicU8; 3]);

const EMPTY: u8 = 0;
const FULL: u8 = 1;
const TAKEN: u8 = 2;

impl Queue {
    fn new() -> Self {
        Self([(); 3].map(|()| AtomicU8::new(EMPTY)))
    }

    fn push(&self, place: u8) {
        self.0[usize::from(place)].store(FULL, Ordering::Release);
    }

    fn pop(&self) -> Option<u8> {
        let take = |place: &AtomicU8| {
            place.load(Ordering::Acquire) == FULL
                && place
                    .compare_exchange(FULL, TAKEN, Ordering::AcqRel, Ordering::Acquire)
                    .is_ok()
        };
        self.0
            .iter()
            .zip(0..)
            .find_map(|(it, at)| take(it).then_some(at))
    }
}

/// The file descriptor: readable after a signal, until it is cleared.
struct Channel {
    readable: Mutex<bool>,
    bell: Condvar,
}

impl Channel {
    fn signal(&self) {
        *self.readable.lock().unwrap() = true;
        self.bell.notify_one();
    }

    fn clear(&self) {
        *self.readable.lock().unwrap() = false;
    }

    /// Waits like the `select` of the event loop.
    fn wait(&self) {
        let mut readable = self.readable.lock().unwrap();
        while !*readable {
            readable = self.bell.wait(readable).unwrap();
        }
    }
}

struct Inbox {
    mail: Queue,
    sleep: Sleep,
    channel: Channel,
}

impl Inbox {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            mail: Queue::new(),
            sleep: Sleep::new(),
            channel: Channel {
                readable: Mutex::new(false),
                bell: Condvar::new(),
            },
        })
    }

    /// Sends like `Post::send`.
    fn send(&self, mail: u8) {
        self.mail.push(mail);
        self.wake();
    }

    fn wake(&self) {
        if self.sleep.must_wake() {
            self.channel.signal();
        }
    }

    /// Takes work like `Inbox.drain`, in batches of `batch`.
    fn drain(&self, batch: usize) -> Vec<u8> {
        self.channel.clear();
        let mut items = vec![];
        while items.len() < batch {
            match self.sleep.next(|| self.mail.pop()) {
                Some(mail) => items.push(mail),
                None => return items,
            }
        }
        self.sleep.doze();
        self.wake();
        items
    }

    /// Runs the event loop until it has had `count` pieces of mail. It sleeps for ever if it misses
    /// one.
    fn run(&self, count: usize, batch: usize) -> Vec<u8> {
        let mut all = vec![];
        while all.len() < count {
            self.channel.wait();
            all.extend(self.drain(batch));
        }
        all.sort_unstable();
        all
    }
}

#[test]
fn a_sleeper_misses_no_work_of_two_that_wake_it() {
    check(|| {
        let inbox = Inbox::new();
        let other = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.send(1))
        };
        let sleeper = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.run(2, 64))
        };
        inbox.send(0);
        other.join().unwrap();
        assert_eq!(sleeper.join().unwrap(), [0, 1]);
    });
}

#[test]
fn a_sleeper_misses_no_work_of_one_that_goes_on() {
    check(|| {
        let inbox = Inbox::new();
        let sleeper = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.run(3, 64))
        };
        (0..=2).for_each(|mail| inbox.send(mail));
        assert_eq!(sleeper.join().unwrap(), [0, 1, 2]);
    });
}

#[test]
fn what_is_over_a_batch_is_come_back_for() {
    check(|| {
        let inbox = Inbox::new();
        let sleeper = {
            let inbox = Arc::clone(&inbox);
            thread::spawn(move || inbox.run(2, 1))
        };
        (0..=1).for_each(|mail| inbox.send(mail));
        assert_eq!(sleeper.join().unwrap(), [0, 1]);
    });
}

/// Plays `Post::send` against `Inbox.close`.
#[test]
fn nothing_is_left_in_a_queue_that_has_ended() {
    check(|| {
        let world = Arc::new((Queue::new(), CloseFlag::new()));
        let empty = |(queue, _): &(Queue, CloseFlag)| {
            let mut back = 0;
            while queue.pop().is_some() {
                back += 1;
            }
            back
        };
        let sender = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                (0..=1)
                    .map(|mail| {
                        world.0.push(mail);
                        if world.1.has_ended() {
                            empty(&world)
                        } else {
                            0
                        }
                    })
                    .sum::<usize>()
            })
        };
        let reader = {
            let world = Arc::clone(&world);
            thread::spawn(move || usize::from(world.0.pop().is_some()))
        };
        world.1.end();
        let back = empty(&world);
        let total = back + sender.join().unwrap() + reader.join().unwrap();
        assert_eq!(total, 2, "a message was lost");
    });
}
