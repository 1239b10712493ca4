//! Checks each step of the window's state machine against a second, simple model, in tests.
//!
//! This is one file because every check reads the same record of what has happened.

use std::{collections::HashSet, sync::Arc};

use crate::actors::{
    ids::Name,
    window::{
        machine::tests::*,
        scope::{Scope, ScopeEntry},
    },
};

pub(super) const LIMIT: usize = 4;

#[derive(Debug, Clone)]
pub(super) enum Op {
    Hello { epoch: u128, remote: bool },
    Admit { page: PageCall, granted: bool },
    Cancel { page: PageCall, and: Vec<u64> },
    Revoke(usize),
    Settled(usize),
    Released(usize, Released),
    Watch { asker: u128, page: PageCall },
    PageStarted,
    Closed,
    Opened,
}

/// What the checks need to know of a requested call.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) page: PageCall,
    pub(super) cancelled: usize,
    pub(super) settled: bool,
    pub(super) job: bool,
    pub(super) released: Option<Released>,
    pub(super) forgotten: usize,
}

/// The machine under test, and a record of what happened to it.
pub(super) struct World {
    pub(super) machine: WindowMachine,
    pub(super) next: u64,
    pub(super) closed: bool,
    pub(super) generation: u64,
    pub(super) current: Option<(Epoch, Origin)>,
    pub(super) retired: HashSet<Epoch>,
    /// The previous document, from which calls may still come.
    pub(super) left: Option<Epoch>,
    pub(super) calls: HashMap<CallKey, Known>,
    pub(super) requested: HashSet<PageCall>,
    /// The ids of calls that were decided.
    pub(super) decided: HashSet<PageCall>,
    pub(super) marks: BTreeSet<u64>,
    pub(super) empties: usize,
}

impl World {
    pub(super) fn new() -> Self {
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

    pub(super) fn key(&mut self) -> CallKey {
        self.next += 1;
        CallKey(self.next)
    }

    pub(super) fn any_call(&self, at: usize) -> Option<CallKey> {
        let mut keys: Vec<_> = self.calls.keys().copied().collect();
        keys.sort_unstable();
        (!keys.is_empty()).then(|| keys[at % keys.len()])
    }

    pub(super) fn held(&self) -> usize {
        self.calls
            .values()
            .filter(|call| call.released.is_none())
            .count()
    }

    pub(super) fn step(&mut self, event: WindowEvent) -> Vec<WindowEffect> {
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
        let closes = matches!(event, WindowEvent::Closed);
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
        let emptied = self.closed && self.held() == 0 && (held_before > 0 || closes);
        let told = effects
            .iter()
            .any(|effect| matches!(effect, WindowEffect::Empty { .. }));
        assert_eq!(
            told, emptied,
            "empty is told when it happens, and when asked again"
        );
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

    pub(super) fn detached(&mut self, call: CallKey) {
        let call = self.calls.get_mut(&call).expect("only a requested call");
        assert!(
            !call.settled && !call.job,
            "detaches a settled call, or twice"
        );
        call.job = true;
    }

    /// Unanswered calls of the document that is served now.
    pub(super) fn live(&self) -> Vec<CallKey> {
        let Some((epoch, _)) = &self.current else {
            return Vec::new();
        };
        let live = |(key, call): (&CallKey, &Known)| {
            (call.page.epoch == *epoch && !call.settled).then_some(*key)
        };
        self.calls.iter().filter_map(live).collect()
    }

    /// The document ended: everything it waited for was cancelled in this very step.
    pub(super) fn retire(&mut self, effects: &[WindowEffect], live: &[CallKey]) {
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

    pub(super) fn hello(&mut self, epoch: Epoch, origin: Origin) {
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

    pub(super) fn admit(&mut self, page: PageCall, granted: bool) {
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
            detach: detaches(page),
            scope: scope(),
        };
        let late = !self.closed && self.left == Some(page.epoch) && detaches(page);
        let first = !self.decided.contains(&page);
        let effects = self.step(event);
        if late {
            self.decided.insert(page);
            let may = first && granted && held < LIMIT;
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
                assert!(current && !self.closed && granted && held < LIMIT);
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

    /// Checks that all of these that are live end in one step, each once.
    pub(super) fn cancel(&mut self, page: PageCall, and: &[u64]) {
        let epoch = page.epoch;
        let ids: Vec<u64> = and.iter().copied().chain([page.id]).collect();
        let named = |key: &CallKey| {
            let page = self.calls[key].page;
            page.epoch == epoch && ids.contains(&page.id)
        };
        let mut expected: Vec<CallKey> = self.live().into_iter().filter(named).collect();
        expected.sort_unstable();
        let effects = self.step(WindowEvent::Cancel {
            epoch,
            ids: ids.clone(),
        });
        match &effects[..] {
            [] => assert!(expected.is_empty()),
            [WindowEffect::Cancel { calls, .. }] => assert_eq!(calls, &expected),
            other => panic!("{other:?}"),
        }
        let current = self.current.as_ref().is_some_and(|(it, _)| *it == epoch);
        for id in ids {
            if current && !self.decided.contains(&PageCall { epoch, id }) {
                self.marks.insert(id);
                if self.marks.len() > LIMIT {
                    self.marks.pop_first();
                }
            }
        }
    }

    /// Checks that only the current document is told of an end, and of each end truthfully.
    pub(super) fn watch(&mut self, asker: Epoch, page: PageCall) {
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

    pub(super) fn run(&mut self, op: Op) {
        match op {
            Op::Hello { epoch, remote } => {
                let origin = if remote {
                    Origin::Remote("https://else.example".into())
                } else {
                    Origin::Local
                };
                self.hello(Epoch(epoch), origin);
            }
            Op::Admit { page, granted } => self.admit(page, granted),
            Op::Cancel { page, and } => self.cancel(page, &and),
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

    pub(super) fn end(&mut self) {
        self.step(WindowEvent::Closed);
        let mut keys: Vec<_> = self.calls.keys().copied().collect();
        keys.sort_unstable();
        for call in keys {
            let how = Released::Finished;
            self.step(WindowEvent::Released { call, how });
            let known = &self.calls[&call];
            assert_eq!(known.forgotten, 1, "{known:?} is kept for ever");
        }
        assert!(self.empties > 0);
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
pub(super) fn detaches(page: PageCall) -> bool {
    page.id.is_multiple_of(3)
}

pub(super) fn scope() -> Arc<Scope> {
    let command = "granted".into();
    Arc::new(Scope {
        allow: vec![ScopeEntry::Command { command }],
        deny: vec![],
    })
}
