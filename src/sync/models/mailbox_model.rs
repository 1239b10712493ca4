//! Checks with loom that an actor's mailbox loses no message and that permits are handed over.
//!
//! The command machine is the real one.

use std::{ops::ControlFlow, sync::Arc};

use loom::{cell::Cell, sync::Mutex, thread};

use super::{check, mailbox::Mailbox};
use crate::actors::{
    CallKey, Class, CommandEffect, CommandEvent, CommandMachine, CommandSpec, Keys, Machine,
    QueuePolicy,
};

/// Records what is sent, in the order of the turns.
struct Log {
    mailbox: Mailbox<u8>,
    turns: Cell<Vec<u8>>,
}

impl Log {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            mailbox: Mailbox::new(),
            turns: Cell::new(vec![]),
        })
    }

    fn turn(&self, event: u8) -> ControlFlow<()> {
        enter(&self.turns, |turns| turns.push(event));
        ControlFlow::Continue(())
    }

    fn send(&self, event: u8) {
        self.mailbox.send(event, |event| self.turn(event));
    }

    fn turns(&self) -> Vec<u8> {
        enter(&self.turns, |turns| turns.clone())
    }
}

/// Looks into a cell. It is no lock: loom objects when two threads are in the cell.
fn enter<T: Default, A>(cell: &Cell<T>, act: impl FnOnce(&mut T) -> A) -> A {
    let mut inside = cell.take();
    let result = act(&mut inside);
    cell.set(inside);
    result
}

#[test]
fn no_message_is_left_and_nobody_overtakes_themselves() {
    check(|| {
        let log = Log::new();
        let other = {
            let log = Arc::clone(&log);
            thread::spawn(move || {
                log.send(1);
                log.send(2);
            })
        };
        log.send(11);
        log.send(12);
        other.join().unwrap();
        let turns = log.turns();
        assert_eq!(turns.len(), 4, "{turns:?}");
        assert!(turns.iter().filter(|it| **it < 10).is_sorted(), "{turns:?}");
        assert!(turns.iter().filter(|it| **it > 10).is_sorted(), "{turns:?}");
    });
}

#[test]
fn three_senders_meet_in_one_actor() {
    check(|| {
        let log = Log::new();
        let others = [1, 2].map(|event| {
            let log = Arc::clone(&log);
            thread::spawn(move || log.send(event))
        });
        log.send(3);
        for other in others {
            other.join().unwrap();
        }
        let mut turns = log.turns();
        turns.sort_unstable();
        assert_eq!(turns, [1, 2, 3]);
    });
}

/// The message whose turn is handed over, and what its keeper does then.
const FRAGILE: u8 = 1;
const RESTART: u8 = 100;

/// Sends a message. The keeper that ends the turn of the fragile one is put into `keeper`.
fn send_fragile(log: &Arc<Log>, keeper: &Mutex<Option<thread::JoinHandle<()>>>, event: u8) {
    log.mailbox.send(event, |event| {
        let flow = log.turn(event);
        if event != FRAGILE {
            return flow;
        }
        let log = Arc::clone(log);
        let restarts = thread::spawn(move || {
            let _ = log.turn(RESTART);
            log.mailbox.resume(|event| log.turn(event));
        });
        *keeper.lock().unwrap() = Some(restarts);
        ControlFlow::Break(())
    });
}

/// Checks the restart of an actor: its keeper ends the turn, on another thread.
#[test]
fn messages_wait_while_a_turn_is_handed_over() {
    check(|| {
        let (log, keeper) = (Log::new(), Arc::new(Mutex::new(None)));
        let other = {
            let (log, keeper) = (Arc::clone(&log), Arc::clone(&keeper));
            thread::spawn(move || send_fragile(&log, &keeper, 2))
        };
        send_fragile(&log, &keeper, FRAGILE);
        send_fragile(&log, &keeper, 3);
        other.join().unwrap();
        let keeper = keeper.lock().unwrap().take();
        keeper.unwrap().join().unwrap();
        let turns = log.turns();
        assert_eq!(turns.len(), 4, "{turns:?}");
        let at = turns.iter().position(|it| *it == FRAGILE).unwrap();
        assert_eq!(turns[at + 1], RESTART, "{turns:?}");
    });
}

/// A command with one permit, and what became of its calls.
struct Command {
    mailbox: Mailbox<CommandEvent>,
    machine: Cell<Option<CommandMachine>>,
    effects: Cell<Vec<CommandEffect>>,
}

impl Command {
    fn new() -> Arc<Self> {
        let spec = CommandSpec::new("hands", Some(1), QueuePolicy::wait(4));
        Arc::new(Self {
            mailbox: Mailbox::new(),
            machine: Cell::new(Some(CommandMachine::new("greet".into(), spec))),
            effects: Cell::new(vec![]),
        })
    }

    fn send(&self, event: CommandEvent) {
        self.mailbox.send(event, |event| {
            let mut effects = vec![];
            enter(&self.machine, |machine| {
                machine.as_mut().unwrap().step(event, &mut effects);
            });
            enter(&self.effects, |all| all.append(&mut effects));
            ControlFlow::Continue(())
        });
    }

    fn request(&self, call: u64) {
        self.send(CommandEvent::Request {
            call: CallKey(call),
            window: "main".into(),
            class: Class::default(),
            keys: Ok(Keys::default()),
            timeout: None,
        });
    }

    fn effects(&self) -> Vec<CommandEffect> {
        enter(&self.effects, |all| all.clone())
    }

    /// How often the call was handed to the executor.
    fn dispatched(&self, key: u64) -> usize {
        let hit = |effect: &&CommandEffect| matches!(effect, CommandEffect::Dispatch { call, .. } if call.0 == key);
        self.effects().iter().filter(hit).count()
    }

    /// Permits out, and calls that wait.
    fn held(&self) -> (usize, usize) {
        let gauges = enter(&self.machine, |machine| machine.as_ref().unwrap().gauges());
        (gauges.granted, gauges.waiting)
    }
}

#[test]
fn a_permit_that_comes_back_reaches_the_call_that_comes_meanwhile() {
    check(|| {
        let command = Command::new();
        command.request(1);
        let finishes = {
            let command = Arc::clone(&command);
            thread::spawn(move || command.send(CommandEvent::Finished { call: CallKey(1) }))
        };
        command.request(2);
        finishes.join().unwrap();
        assert_eq!(command.dispatched(2), 1, "{:?}", command.effects());
        assert_eq!(command.held(), (1, 0), "{:?}", command.effects());
    });
}

#[test]
fn a_cancel_and_a_permit_that_race_for_a_call_lose_neither() {
    check(|| {
        let command = Command::new();
        command.request(1);
        command.request(2);
        let finishes = {
            let command = Arc::clone(&command);
            thread::spawn(move || command.send(CommandEvent::Finished { call: CallKey(1) }))
        };
        let cancels = {
            let command = Arc::clone(&command);
            thread::spawn(move || command.send(CommandEvent::Cancel { call: CallKey(2) }))
        };
        command.request(3);
        finishes.join().unwrap();
        cancels.join().unwrap();
        let removed = command
            .effects()
            .contains(&CommandEffect::Removed { call: CallKey(2) });
        assert!(
            removed != (command.dispatched(2) == 1),
            "{:?}",
            command.effects()
        );
        // The one permit is out, with the call that was not removed or the one behind it.
        let waits = usize::from(!removed);
        assert_eq!(command.held(), (1, waits), "{:?}", command.effects());
        assert_eq!(command.dispatched(3), 1 - waits);
    });
}
