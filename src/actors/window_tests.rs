//! Laws 1, 2, 3, 5, 6 and 8 of a window, over random histories.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::HashSet, sync::Arc};

use proptest::prelude::*;

use super::{super::scope::Entry, *};

const LIMIT: usize = 4;

#[derive(Debug, Clone)]
enum Op {
    Hello {
        epoch: u128,
        remote: bool,
    },
    Admit {
        page: PageCall,
        granted: bool,
        known: bool,
    },
    Cancel {
        page: PageCall,
    },
    Revoke(usize),
    Settled(usize),
    Released(usize, Released),
    Watch {
        asker: u128,
        page: PageCall,
    },
    PageStarted,
    Closed,
    Opened,
}

fn page() -> impl Strategy<Value = PageCall> {
    let epoch = prop_oneof![6 => 0u128..2, 1 => 2u128..6];
    // Few ids, so that they repeat; one far ahead, which makes the others old.
    let id = prop_oneof![40 => 1u64..14, 1 => Just(6_000u64)];
    (epoch, id).prop_map(|(epoch, id)| PageCall {
        epoch: Epoch(epoch),
        id,
    })
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0u128..6, prop::bool::weighted(0.1)).prop_map(|(epoch, remote)| Op::Hello { epoch, remote }),
        12 => (page(), prop::bool::weighted(0.9), prop::bool::weighted(0.9))
            .prop_map(|(page, granted, known)| Op::Admit { page, granted, known }),
        4 => page().prop_map(|page| Op::Cancel { page }),
        1 => any::<usize>().prop_map(Op::Revoke),
        5 => any::<usize>().prop_map(Op::Settled),
        5 => (any::<usize>(), how()).prop_map(|(at, how)| Op::Released(at, how)),
        3 => (0u128..3, page()).prop_map(|(asker, page)| Op::Watch { asker, page }),
        1 => Just(Op::PageStarted),
        1 => Just(Op::Closed),
        2 => Just(Op::Opened),
    ]
}

fn how() -> impl Strategy<Value = Released> {
    use Released::{Abandoned, Cancelled, Finished};
    prop::sample::select(&[Finished, Cancelled, Abandoned])
}

/// What the laws need to know of a requested call.
#[derive(Debug)]
struct Known {
    page: PageCall,
    cancelled: usize,
    settled: bool,
    job: bool,
    released: Option<Released>,
    forgotten: usize,
}

/// A window beside a record of its history.
struct World {
    machine: WindowMachine,
    next: u64,
    closed: bool,
    generation: u64,
    current: Option<(Epoch, Origin)>,
    retired: HashSet<Epoch>,
    /// The document before, from which calls may still come.
    left: Option<Epoch>,
    calls: HashMap<CallKey, Known>,
    requested: HashSet<PageCall>,
    /// Ids that a call was decided under.
    decided: HashSet<PageCall>,
    marks: BTreeSet<u64>,
    empties: usize,
}

impl World {
    fn new() -> Self {
        let label: Name = "main".into();
        let key = WindowKey {
            label,
            generation: 1,
        };
        Self {
            machine: WindowMachine::new(key, LIMIT),
            next: 0,
            closed: false,
            generation: 1,
            current: None,
            retired: HashSet::new(),
            left: None,
            calls: HashMap::new(),
            requested: HashSet::new(),
            decided: HashSet::new(),
            marks: BTreeSet::new(),
            empties: 0,
        }
    }

    fn key(&mut self) -> CallKey {
        self.next += 1;
        CallKey(self.next)
    }

    fn any_call(&self, at: usize) -> Option<CallKey> {
        let mut keys: Vec<_> = self.calls.keys().copied().collect();
        keys.sort_unstable();
        (!keys.is_empty()).then(|| keys[at % keys.len()])
    }

    fn held(&self) -> usize {
        self.calls
            .values()
            .filter(|call| call.released.is_none())
            .count()
    }

    fn step(&mut self, event: WindowEvent) -> Vec<WindowEffect> {
        let held_before = self.held();
        let closed_before = self.closed;
        let calls_before = self.live();
        let (mut effects, mut late) = (Vec::new(), None);
        self.machine.step(event.clone(), &mut effects);
        for effect in &effects {
            match effect {
                WindowEffect::Cancel { calls, .. } => {
                    for call in calls {
                        let call = self.calls.get_mut(call).expect("only a requested call");
                        assert!(!call.settled, "cancels a settled call");
                        call.cancelled += 1;
                    }
                }
                WindowEffect::Detach { call } if self.calls.contains_key(call) => {
                    self.detached(*call)
                }
                WindowEffect::Detach { call } => late = Some(*call),
                WindowEffect::Forget { call } => {
                    let call = self.calls.get_mut(call).expect("only a requested call");
                    call.forgotten += 1;
                    assert_eq!(call.forgotten, 1);
                    assert!(
                        call.settled
                            || matches!(
                                event,
                                WindowEvent::Settled { .. } | WindowEvent::Released { .. }
                            )
                    );
                }
                WindowEffect::Request { call, .. } => {
                    let WindowEvent::Admit { page, .. } = event else {
                        panic!("a request out of nothing");
                    };
                    let known = Known {
                        page,
                        cancelled: 0,
                        settled: false,
                        job: late == Some(*call),
                        released: None,
                        forgotten: 0,
                    };
                    self.calls.insert(*call, known);
                }
                WindowEffect::Empty { window } => {
                    assert_eq!(window.generation, self.generation);
                    self.empties += 1;
                }
                _ => {}
            }
        }
        match event {
            WindowEvent::Settled { call } => self.calls.get_mut(&call).unwrap().settled = true,
            WindowEvent::Released { call, how } => {
                let call = self.calls.get_mut(&call).unwrap();
                call.settled = true;
                call.released.get_or_insert(how);
            }
            WindowEvent::PageStarted => self.retire(&effects, &calls_before),
            WindowEvent::Closed if !closed_before => {
                self.closed = true;
                self.retire(&effects, &calls_before);
            }
            WindowEvent::Opened { generation } => {
                (self.closed, self.generation, self.empties) = (false, generation, 0);
            }
            _ => {}
        }
        let emptied = self.closed && self.held() == 0 && (held_before > 0 || !closed_before);
        let told = effects
            .iter()
            .any(|effect| matches!(effect, WindowEffect::Empty { .. }));
        assert_eq!(told, emptied, "empty is told when it happens");
        assert!(self.empties <= 1);
        let gauges = self.machine.gauges();
        let orphans = |call: &&Known| call.settled && call.released.is_none();
        assert_eq!(gauges.orphans, self.calls.values().filter(orphans).count());
        let jobs = |call: &&Known| call.job && !call.settled;
        assert_eq!(gauges.jobs, self.calls.values().filter(jobs).count());
        assert_eq!(gauges.live + gauges.orphans + gauges.jobs, self.held());
        assert!(self.held() <= LIMIT);
        assert_eq!(
            self.machine.epoch(),
            self.current.as_ref().map(|(epoch, _)| *epoch)
        );
        effects
    }

    fn detached(&mut self, call: CallKey) {
        let call = self.calls.get_mut(&call).expect("only a requested call");
        assert!(
            !call.settled && !call.job,
            "detaches a settled call, or twice"
        );
        call.job = true;
    }

    /// Unanswered calls of the document that is served now.
    fn live(&self) -> Vec<CallKey> {
        let Some((epoch, _)) = &self.current else {
            return Vec::new();
        };
        let live = |(key, call): (&CallKey, &Known)| {
            (call.page.epoch == *epoch && !call.settled).then_some(*key)
        };
        self.calls.iter().filter_map(live).collect()
    }

    /// The document ended: everything it waited for was cancelled in this very step.
    fn retire(&mut self, effects: &[WindowEffect], live: &[CallKey]) {
        let Some((epoch, _)) = self.current.take() else {
            return;
        };
        for call in live {
            let cancels = |effect: &&WindowEffect| match effect {
                WindowEffect::Cancel { calls, .. } => {
                    calls.contains(call) && !detaches(self.calls[call].page)
                }
                WindowEffect::Detach { call: it } => it == call && detaches(self.calls[it].page),
                _ => false,
            };
            assert_eq!(effects.iter().filter(cancels).count(), 1);
        }
        let retires = |effect: &&WindowEffect| matches!(effect, WindowEffect::Retire { epoch: it, .. } if *it == epoch);
        assert_eq!(effects.iter().filter(retires).count(), 1);
        self.retired.insert(epoch);
        self.left = (!self.closed).then_some(epoch);
        for id in std::mem::take(&mut self.marks) {
            self.decided.insert(PageCall { epoch, id });
        }
    }

    fn hello(&mut self, epoch: Epoch, origin: Origin) {
        let ticket = Ticket(self.key().0);
        let before = self.live();
        let same = self.current == Some((epoch, origin.clone()));
        let taken = self.current.as_ref().is_some_and(|(it, _)| *it == epoch);
        let served = !self.closed && (same || !taken && !self.retired.contains(&epoch));
        let mut effects = Vec::new();
        let event = WindowEvent::Hello {
            ticket,
            epoch,
            origin: origin.clone(),
        };
        self.machine.step(event, &mut effects);
        let welcome = matches!(effects.last(), Some(WindowEffect::Welcome { ticket: it, epoch: e, .. }) if *it == ticket && *e == epoch);
        let unwelcome = matches!(effects.last(), Some(WindowEffect::Unwelcome { ticket: it, .. }) if *it == ticket);
        assert_eq!((welcome, unwelcome), (served, !served));
        if same || !served {
            assert_eq!(effects.len(), 1, "nothing else happens");
        } else {
            for effect in &effects {
                match effect {
                    WindowEffect::Cancel { calls, .. } => {
                        for call in calls {
                            self.calls.get_mut(call).unwrap().cancelled += 1;
                        }
                    }
                    WindowEffect::Detach { call } => self.detached(*call),
                    WindowEffect::Forget { call } => {
                        self.calls.get_mut(call).unwrap().forgotten += 1;
                    }
                    _ => {}
                }
            }
            self.retire(&effects, &before);
            self.current = Some((epoch, origin));
        }
    }

    fn admit(&mut self, page: PageCall, granted: bool, known: bool) {
        let call = self.key();
        let command: Name = if granted { "granted" } else { "other" }.into();
        let held = self.held();
        let current = self
            .current
            .as_ref()
            .is_some_and(|(it, _)| *it == page.epoch);
        let event = WindowEvent::Admit {
            call,
            page,
            command,
            known,
            detach: detaches(page),
            scope: scope(),
        };
        let late = !self.closed && self.left == Some(page.epoch) && detaches(page);
        let first = !self.decided.contains(&page);
        let effects = self.step(event);
        if late {
            self.decided.insert(page);
            let may = first && granted && known && held < LIMIT;
            return match &effects[..] {
                // Steps are carried out in order: a job before its work can start.
                [WindowEffect::Detach { .. }, WindowEffect::Request { .. }] => {
                    assert!(may && self.requested.insert(page), "the same call twice");
                }
                [WindowEffect::Refuse { .. }] => {} // an id too old to know, for one
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(effects.len(), 1);
        let first = !self.decided.contains(&page);
        if current && !self.closed {
            self.decided.insert(page);
        }
        let marked = current && first && self.marks.remove(&page.id);
        match &effects[0] {
            WindowEffect::Request { call: it, .. } => {
                assert_eq!(*it, call);
                assert!(current && !self.closed && granted && known && held < LIMIT);
                assert!(!marked, "a cancel that came first was lost");
                assert!(self.requested.insert(page), "the same call twice");
            }
            WindowEffect::Refuse { call: it, .. } => assert_eq!(*it, call),
            WindowEffect::Attach { call: it, to } => {
                assert!(*it == call && current && !self.calls[to].settled);
                assert_eq!(self.calls[to].page, page);
            }
            WindowEffect::Replay { call: it, of } => {
                assert!(*it == call && current && self.calls[of].settled);
                assert_eq!((self.calls[of].page, self.calls[of].forgotten), (page, 0));
            }
            other => panic!("{other:?}"),
        }
    }

    fn cancel(&mut self, page: PageCall) {
        let live = self.live();
        let (epoch, ids) = (page.epoch, vec![page.id]);
        let effects = self.step(WindowEvent::Cancel { epoch, ids });
        let named = |key: &&CallKey| self.calls[*key].page == page;
        match live.iter().find(named) {
            Some(live) => {
                assert!(
                    matches!(&effects[..], [WindowEffect::Cancel { calls, .. }] if calls == &[*live])
                )
            }
            None => assert!(effects.is_empty()),
        }
        let current = self
            .current
            .as_ref()
            .is_some_and(|(it, _)| *it == page.epoch);
        if current && !self.decided.contains(&page) {
            self.marks.insert(page.id);
            if self.marks.len() > LIMIT {
                self.marks.pop_first();
            }
        }
    }

    /// Only the document of now is told of an end, and each end is told as it was.
    fn watch(&mut self, asker: Epoch, page: PageCall) {
        let ticket = Ticket(self.key().0);
        let current = !self.closed && self.current.as_ref().is_some_and(|(it, _)| *it == asker);
        let effects = self.step(WindowEvent::Watch {
            ticket,
            asker,
            page,
        });
        let call = self.calls.iter().find(|(_, call)| call.page == page);
        let ended = call.map(|(key, call)| (*key, call.released));
        match &effects[..] {
            [WindowEffect::Ended { how, .. }] if !current => assert!(how.is_err()),
            [WindowEffect::Ended { how: Ok(how), .. }] => match ended {
                Some((_, released)) => assert_eq!(released, Some(*how)),
                None => assert_ne!(*how, Released::Abandoned),
            },
            [WindowEffect::Watch { call, .. }] => assert_eq!(ended, Some((*call, None))),
            other => panic!("{other:?}"),
        }
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Hello { epoch, remote } => {
                let origin = if remote {
                    Origin::Remote("https://else.example".into())
                } else {
                    Origin::Local
                };
                self.hello(Epoch(epoch), origin);
            }
            Op::Admit {
                page,
                granted,
                known,
            } => self.admit(page, granted, known),
            Op::Cancel { page } => self.cancel(page),
            Op::Revoke(at) => {
                if let Some(call) = self.any_call(at) {
                    let settled = self.calls[&call].settled;
                    let effects = self.step(WindowEvent::Revoke {
                        call,
                        error: CallError::aborted(),
                    });
                    assert_eq!(effects.len(), usize::from(!settled));
                }
            }
            // From any thread: late, early, twice.
            Op::Settled(at) => {
                if let Some(call) = self.any_call(at) {
                    self.step(WindowEvent::Settled { call });
                }
            }
            Op::Released(at, how) => {
                if let Some(call) = self.any_call(at) {
                    self.step(WindowEvent::Released { call, how });
                }
            }
            Op::Watch { asker, page } => self.watch(Epoch(asker), page),
            Op::PageStarted => drop(self.step(WindowEvent::PageStarted)),
            Op::Closed => drop(self.step(WindowEvent::Closed)),
            Op::Opened => {
                if self.closed {
                    let generation = self.generation + 1;
                    self.step(WindowEvent::Opened { generation });
                }
            }
        }
    }

    fn end(&mut self) {
        self.step(WindowEvent::Closed);
        let mut keys: Vec<_> = self.calls.keys().copied().collect();
        keys.sort_unstable();
        for call in keys {
            let how = Released::Finished;
            self.step(WindowEvent::Released { call, how });
            let known = &self.calls[&call];
            assert_eq!(known.forgotten, 1, "{known:?} is kept for ever");
        }
        assert_eq!(self.empties, 1);
        assert_eq!(
            self.machine.gauges(),
            WindowGauges {
                live: 0,
                orphans: 0,
                jobs: 0,
            }
        );
    }
}

/// Whether the command of this call detaches.
fn detaches(page: PageCall) -> bool {
    page.id.is_multiple_of(3)
}

fn scope() -> Arc<Scope> {
    let command = "granted".into();
    Arc::new(Scope {
        allow: vec![Entry::Command { command }],
        deny: vec![],
    })
}

proptest! {
    #![proptest_config(crate::cases::cases())]

    #[test]
    fn keeps_its_laws(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new();
        world.run(Op::Hello { epoch: 0, remote: false });
        for op in ops {
            world.run(op);
        }
        world.end();
    }
}

#[test]
fn early_cancels_are_bounded_and_the_newest_count() {
    let mut world = World::new();
    world.hello(Epoch(0), Origin::Local);
    for id in 1..=100 {
        world.cancel(PageCall {
            epoch: Epoch(0),
            id,
        });
    }
    assert_eq!(world.machine.document.cancelled_early.len(), LIMIT);
    world.admit(
        PageCall {
            epoch: Epoch(0),
            id: 100,
        },
        true,
        true,
    );
    assert!(world.requested.is_empty());
}

#[test]
fn a_call_that_outlives_its_page_may_arrive_after_the_page_has_gone() {
    let mut world = World::new();
    let [first, second] = [Epoch(0), Epoch(1)];
    world.hello(first, Origin::Local);
    world.run(Op::PageStarted);
    let late = |epoch, id| PageCall { epoch, id };
    world.admit(late(first, 3), true, true);
    world.hello(second, Origin::Local);
    world.admit(late(first, 6), true, true);
    assert_eq!((world.requested.len(), world.machine.gauges().jobs), (2, 2));
    world.admit(late(first, 6), true, true);
    world.admit(late(first, 4), true, true);
    world.run(Op::PageStarted);
    world.admit(late(first, 9), true, true);
    world.run(Op::Closed);
    world.admit(late(second, 9), true, true);
    assert_eq!(world.requested.len(), 2);
}

#[test]
fn only_the_last_settled_calls_are_kept() {
    let mut world = World::new();
    world.hello(Epoch(0), Origin::Local);
    for id in 1..=SETTLED as u64 + 3 {
        world.admit(
            PageCall {
                epoch: Epoch(0),
                id,
            },
            true,
            true,
        );
        let call = CallKey(world.next);
        world.step(WindowEvent::Settled { call });
        let how = Released::Finished;
        world.step(WindowEvent::Released { call, how });
    }
    let forgotten = world.calls.values().filter(|call| call.forgotten == 1);
    assert_eq!(forgotten.count(), 3);
}
