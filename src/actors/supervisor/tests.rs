//! Tests the invariants of the supervisor, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::actors::{command::spec::QueuePolicy, ids::Epoch, supervisor::machine::*};

const LIMIT: usize = 5;

#[derive(Debug, Clone)]
enum Op {
    Open(usize),
    Close(usize),
    Empty(usize),
    Route { label: usize, command: usize },
    Released(usize),
    Register { command: usize, known: bool },
    Unused { command: usize, stale: bool },
    ExecutorUp(usize),
    ExecutorDown(usize),
    Drain,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0usize..3).prop_map(Op::Open),
        2 => (0usize..3).prop_map(Op::Close),
        2 => any::<usize>().prop_map(Op::Empty),
        12 => (0usize..3, 0usize..2).prop_map(|(label, command)| Op::Route { label, command }),
        8 => any::<usize>().prop_map(Op::Released),
        2 => (0usize..3, any::<bool>()).prop_map(|(command, known)| Op::Register { command, known }),
        1 => (0usize..3, any::<bool>())
            .prop_map(|(command, stale)| Op::Unused { command, stale }),
        2 => (0usize..2).prop_map(Op::ExecutorUp),
        2 => (0usize..2).prop_map(Op::ExecutorDown),
        1 => Just(Op::Drain),
    ]
}

fn command(at: usize) -> Name {
    ["one", "two", ANY_COMMAND][at].into()
}

fn label(at: usize) -> Name {
    format!("window-{at}").into()
}

struct World {
    machine: SupervisorMachine,
    next: u64,
    draining: bool,
    drained: usize,
    held: BTreeSet<CallKey>,
    /// Windows with an actor: which opening, and whether it is open.
    actors: BTreeMap<Name, (u64, bool)>,
    /// Every closed opening, for late news of it.
    closed: Vec<WindowKey>,
    generations: u64,
    commands: BTreeSet<Name>,
    /// Commands with an actor.
    served: BTreeSet<Name>,
    retired: BTreeMap<Name, u64>,
    /// Executors that are up, and whether they were told to drain.
    executors: BTreeMap<Name, bool>,
}

impl World {
    fn new() -> Self {
        Self {
            machine: SupervisorMachine::new(Limits {
                calls: LIMIT,
                ..Limits::default()
            }),
            next: 0,
            draining: false,
            drained: 0,
            held: BTreeSet::new(),
            actors: BTreeMap::new(),
            closed: Vec::new(),
            generations: 0,
            commands: BTreeSet::new(),
            served: BTreeSet::new(),
            retired: BTreeMap::new(),
            executors: BTreeMap::new(),
        }
    }

    fn is_open(&self, label: &Name) -> bool {
        self.actors.get(label).is_some_and(|(_, open)| *open)
    }

    fn step(&mut self, event: SupervisorEvent) -> Vec<SupervisorEffect> {
        let mut effects = Vec::new();
        self.machine.step(event, &mut effects);
        for effect in &effects {
            match effect {
                SupervisorEffect::OpenWindow { window } => {
                    assert!(window.generation > self.generations, "an opening is new");
                    assert!(!self.is_open(&window.label));
                    self.generations = window.generation;
                    let actor = (window.generation, true);
                    self.actors.insert(window.label.clone(), actor);
                }
                SupervisorEffect::CloseWindow { label } => {
                    let (generation, open) = self.actors.get_mut(label).unwrap();
                    assert!(std::mem::replace(open, false), "closed twice");
                    self.closed.push(WindowKey {
                        label: label.clone(),
                        generation: *generation,
                    });
                }
                SupervisorEffect::DropWindow { label } => {
                    let (_, open) = self.actors.remove(label).unwrap();
                    assert!(!open, "an open window lost its actor");
                }
                SupervisorEffect::DrainExecutor { executor } => {
                    assert!(self.draining);
                    *self.executors.get_mut(executor).unwrap() = true;
                }
                SupervisorEffect::Drained => {
                    assert!(self.draining && self.held.is_empty() && self.executors.is_empty());
                    self.drained += 1;
                }
                SupervisorEffect::Admit { call, .. } => assert!(self.held.insert(*call)),
                SupervisorEffect::ServeCommand { command, .. } => {
                    assert!(self.commands.contains(command));
                    self.served.insert(command.clone());
                }
                SupervisorEffect::RetireCommand {
                    command,
                    retirement,
                } => {
                    assert!(self.served.contains(command));
                    self.retired.insert(command.clone(), *retirement);
                }
                SupervisorEffect::DropCommand { command } => {
                    assert!(!self.commands.contains(command), "it is registered");
                    self.served.remove(command);
                }
                SupervisorEffect::OpenGate => {}
                SupervisorEffect::Failed => panic!("nothing has failed"),
                SupervisorEffect::Page { .. } | SupervisorEffect::Refuse { .. } => {}
            }
        }
        assert_eq!(self.machine.held(), self.held.len());
        assert!(self.held.len() <= LIMIT);
        assert!(self.drained <= 1);
        if self.draining {
            assert!(self.executors.values().all(|told| *told));
            let idle = self.held.is_empty() && self.executors.is_empty();
            assert!(self.drained == 1 || !idle, "idle, and nobody heard");
        }
        effects
    }

    fn route(&mut self, window: usize, at: usize) {
        self.next += 1;
        let (call, label, command) = (CallKey(self.next), label(window), command(at));
        let admissible = !self.draining && self.is_open(&label) && self.held.len() < LIMIT;
        let page = PageCall {
            epoch: Epoch(1),
            id: self.next,
        };
        let event = SupervisorEvent::Route {
            call,
            label: label.clone(),
            page,
            command,
            scope: Arc::default(),
            bytes: 0,
        };
        match &self.step(event)[..] {
            [
                SupervisorEffect::Admit {
                    call: it,
                    label: to,
                    detach,
                    ..
                },
            ] => {
                assert!(admissible);
                assert_eq!((*it, to), (call, &label));
                assert_eq!(
                    *detach,
                    at == 0 && self.commands.contains(&self::command(0))
                );
            }
            [SupervisorEffect::Refuse { call: it, .. }] => assert!(!admissible && *it == call),
            other => panic!("{other:?}"),
        }
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Open(at) => {
                let opens = !self.draining && !self.is_open(&label(at));
                let effects = self.step(SupervisorEvent::Open { label: label(at) });
                assert_eq!(effects.len(), usize::from(opens));
            }
            Op::Close(at) => drop(self.step(SupervisorEvent::Close { label: label(at) })),
            Op::Empty(at) => {
                if !self.closed.is_empty() {
                    let window = self.closed[at % self.closed.len()].clone();
                    let latest =
                        self.actors.get(&window.label) == Some(&(window.generation, false));
                    let effects = self.step(SupervisorEvent::Empty { window });
                    assert_eq!(effects.len(), usize::from(latest));
                }
            }
            Op::Route { label, command } => self.route(label, command),
            Op::Released(at) => {
                // Any key, also of a call that was never admitted.
                let call = CallKey(at as u64 % (self.next + 1));
                self.held.remove(&call);
                self.step(SupervisorEvent::Released { call });
            }
            Op::Register { command: at, known } => {
                let command = command(at);
                let effects = if known {
                    self.commands.insert(command.clone());
                    let on_close = [OnClose::Detach, OnClose::Cancel][at.min(1)];
                    let plain = CommandSpec::new("hands", None, QueuePolicy::Reject);
                    let spec = Box::new(CommandSpec { on_close, ..plain });
                    self.step(SupervisorEvent::Register { command, spec })
                } else {
                    self.commands.remove(&command);
                    self.step(SupervisorEvent::Unregister { command })
                };
                assert!(effects.len() <= 1);
            }
            Op::Unused { command: at, stale } => {
                let command = command(at);
                let last = self.retired.get(&command).copied().unwrap_or_default();
                let is_away = self.served.contains(&command) && !self.commands.contains(&command);
                let effects = self.step(SupervisorEvent::Unused {
                    command,
                    retirement: last.wrapping_sub(stale.into()),
                });
                assert_eq!(effects.len(), usize::from(is_away && !stale));
            }
            Op::ExecutorUp(at) => {
                let executor: Name = format!("executor-{at}").into();
                if self.drained == 0 {
                    self.executors.insert(executor.clone(), false);
                    self.step(SupervisorEvent::ExecutorUp { executor });
                }
            }
            Op::ExecutorDown(at) => {
                let executor: Name = format!("executor-{at}").into();
                self.executors.remove(&executor);
                self.step(SupervisorEvent::ExecutorDown { executor });
            }
            Op::Drain => {
                self.draining = true;
                self.step(SupervisorEvent::Drain);
                assert!(self.actors.values().all(|(_, open)| !open));
            }
        }
    }
}

proptest! {
    #![proptest_config(crate::fuzzing::cases::cases())]

    #[test]
    fn keeps_its_laws(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new();
        for op in ops {
            world.run(op);
        }
        world.run(Op::Drain);
        for executor in 0..2 {
            world.run(Op::ExecutorDown(executor));
        }
        for call in 1..=world.next {
            world.run(Op::Released(call as usize));
        }
        prop_assert_eq!(world.drained, 1);
    }
}
