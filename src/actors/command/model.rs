//! Checks each step of a command's state machine against a simple model, in tests.

use crate::actors::command::machine::tests::*;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    New,
    Waiting,
    Granted(Name),
    Ended,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    window: usize,
    class: Class,
    keys: Keys,
    /// Its place in the order of waiting.
    place: u64,
    pub(super) state: State,
}

pub(super) struct World {
    pub(super) machine: CommandMachine,
    spec: CommandSpec,
    closed: bool,
    passes_on: bool,
    /// No longer registered, and how often it has said since that nothing of it runs.
    retired: bool,
    retirement: u64,
    over: usize,
    pub(super) calls: BTreeMap<CallKey, Entry>,
}

impl World {
    pub(super) fn new(spec: CommandSpec) -> Self {
        Self {
            machine: CommandMachine::new("render".into(), spec.clone()),
            spec,
            closed: false,
            passes_on: false,
            retired: false,
            retirement: 0,
            over: 0,
            calls: BTreeMap::new(),
        }
    }

    pub(super) fn those(&self, is: impl Fn(&Entry) -> bool) -> usize {
        self.calls.values().filter(|it| is(it)).count()
    }

    fn granted(&self, is: impl Fn(&Entry) -> bool) -> usize {
        self.those(|it| matches!(it.state, State::Granted(_)) && is(it))
    }

    fn waiting(&self, is: impl Fn(&Entry) -> bool) -> usize {
        self.those(|it| it.state == State::Waiting && is(it))
    }

    fn may_go(&self, keys: &Keys) -> bool {
        let limit = self.spec.concurrency.unwrap_or(usize::MAX);
        let serial = matches!(self.spec.queue, QueuePolicy::Serial { .. });
        self.granted(|it| it.keys.permit == keys.permit) < limit
            && !(serial && self.granted(|it| it.keys.queue == keys.queue) > 0)
    }

    fn any_call(&self, at: usize) -> Option<CallKey> {
        (!self.calls.is_empty()).then(|| *self.calls.keys().nth(at % self.calls.len()).unwrap())
    }

    fn dispatched(&mut self, call: CallKey, executor: &Name) {
        assert!(!self.closed);
        assert_eq!(*executor, self.spec.executor);
        let this = self.calls[&call].clone();
        assert!(self.may_go(&this.keys), "a permit too many");
        assert!(
            matches!(this.state, State::New | State::Waiting),
            "{this:?}"
        );
        let before = self.waiting(|it| {
            (it.window, it.class) == (this.window, this.class)
                && it.keys == this.keys
                && it.place < this.place
        });
        assert_eq!(before, 0, "not in order within its window");
        self.calls.get_mut(&call).unwrap().state = State::Granted(executor.clone());
    }

    pub(super) fn step(&mut self, event: CommandEvent) -> Vec<CommandEffect> {
        let mut effects = Vec::new();
        let closing = matches!(event, CommandEvent::Retire { .. } | CommandEvent::PassOn);
        self.machine.step(event, &mut effects);
        for effect in &effects {
            match effect {
                CommandEffect::Dispatch { call, executor, .. } => self.dispatched(*call, executor),
                CommandEffect::PassOn { call } => {
                    assert!(self.passes_on);
                    let queued = if closing { State::Waiting } else { State::New };
                    assert_eq!(self.end(*call), queued);
                }
                CommandEffect::Refuse { call, error } => {
                    let state = self.end(*call);
                    match error.code {
                        ErrorCode::Superseded | ErrorCode::Dropped => {
                            assert_eq!(state, State::Waiting);
                        }
                        ErrorCode::Overloaded => {
                            let waited = error.details.contains_key("maxWaitMs");
                            let queued = if waited { State::Waiting } else { State::New };
                            assert_eq!(state, queued);
                        }
                        _ => {
                            assert!(!self.passes_on && self.closed | closing);
                            let queued = if closing { State::Waiting } else { State::New };
                            assert_eq!(state, queued);
                        }
                    }
                }
                CommandEffect::Removed { call } => assert_eq!(self.end(*call), State::Waiting),
                CommandEffect::Released { call } => {
                    assert!(matches!(self.end(*call), State::Granted(_)));
                }
                CommandEffect::Interrupt { call, executor }
                | CommandEffect::Cancel { call, executor, .. }
                | CommandEffect::Withdraw { call, executor, .. } => {
                    assert_eq!(self.calls[call].state, State::Granted(executor.clone()));
                }
                CommandEffect::Rest { .. } | CommandEffect::AskRegistration { .. } => {
                    panic!("nothing has failed")
                }
                CommandEffect::Deadline { .. }
                | CommandEffect::WholeDeadline { .. }
                | CommandEffect::Patience { .. } => {}
                CommandEffect::Over { retirement, .. } => {
                    assert_eq!(*retirement, self.retirement, "it tells of the last one");
                    self.over += 1;
                }
            }
        }
        effects
    }

    fn end(&mut self, call: CallKey) -> State {
        std::mem::replace(&mut self.calls.get_mut(&call).unwrap().state, State::Ended)
    }

    fn keys(&self, permit: usize, queue: usize) -> Keys {
        let key = |source: &KeySource, at: usize| match source {
            KeySource::App => None,
            _ => ["a", "b"].get(at).map(|key| Name::from(*key)),
        };
        let [of_permit, of_queue] = self.spec.key_sources();
        Keys {
            permit: key(&of_permit, permit),
            queue: key(&of_queue, queue),
        }
    }

    fn request(&mut self, window: usize, class: Class, keys: Keys) {
        let call = CallKey(self.calls.len() as u64);
        let before = self.calls.clone();
        let may_go = self.may_go(&keys);
        let queued = self.waiting(|it| it.keys.permit == keys.permit);
        let same = |it: &Entry| it.state == State::Waiting && it.keys.queue == keys.queue;
        let rivals: Vec<_> = before.iter().filter(|(_, it)| same(it)).collect();
        let entry = Entry {
            window,
            class,
            keys: keys.clone(),
            place: call.0,
            state: State::New,
        };
        self.calls.insert(call, entry);
        let effects = self.step(CommandEvent::Request {
            call,
            window: format!("window-{window}").into(),
            class,
            keys: Ok(keys.clone()),
            timeout: Some(Duration::from_millis(1500)),
        });
        if self.closed {
            return assert_eq!(self.calls[&call].state, State::Ended);
        }
        self.check_times(&effects);
        self.check_superseded_running(&keys, &before, &effects);
        let refused: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                CommandEffect::Refuse { call, error } => Some((*call, error.code)),
                _ => None,
            })
            .collect();
        if may_go {
            assert!(refused.is_empty());
            return assert!(matches!(self.calls[&call].state, State::Granted(_)));
        }
        let expected = match &self.spec.queue {
            QueuePolicy::Wait { limit, .. } if queued < *limit => vec![],
            QueuePolicy::Wait { .. } | QueuePolicy::Reject => {
                vec![(call, ErrorCode::Overloaded)]
            }
            QueuePolicy::Latest { .. } => {
                if let Some((_, it)) = rivals.first()
                    && (it.window, it.class) == (window, class)
                {
                    self.calls.get_mut(&call).unwrap().place = it.place;
                }
                let superseded = |(call, _): &(&CallKey, _)| (**call, ErrorCode::Superseded);
                rivals.iter().map(superseded).collect()
            }
            QueuePolicy::DropOldest { limit } if queued < *limit => vec![],
            QueuePolicy::DropOldest { .. } => {
                let (dropped, code) = refused[0];
                assert_eq!(code, ErrorCode::Dropped);
                let same =
                    |it: &&Entry| it.state == State::Waiting && it.keys.permit == keys.permit;
                let those = || before.values().filter(same);
                let load =
                    |of| those().filter(|it| it.window == of).count() + usize::from(of == window);
                let victim = &before[&dropped];
                assert!(those().all(|it| load(it.window) <= load(victim.window)));
                let oldest = before
                    .iter()
                    .filter(|(_, it)| same(it) && load(it.window) == load(victim.window))
                    .map(|(call, _)| *call)
                    .min();
                vec![(oldest.unwrap(), ErrorCode::Dropped)]
            }
            QueuePolicy::Serial { .. } => vec![],
        };
        assert_eq!(refused, expected);
        let state = &mut self.calls.get_mut(&call).unwrap().state;
        if *state == State::New {
            *state = State::Waiting;
        }
    }

    fn check_times(&self, effects: &[CommandEffect]) {
        let page = Duration::from_millis(1500);
        let after = self.spec.timeout.map_or(page, |own| own.min(page));
        let deadline = |it: &&CommandEffect| matches!(it, CommandEffect::Deadline { after: it, .. } if *it == after);
        assert_eq!(
            effects.iter().filter(deadline).count(),
            1,
            "the smaller wins"
        );
        let whole = |it: &CommandEffect| match it {
            CommandEffect::WholeDeadline { after, .. } => Some(*after),
            _ => None,
        };
        assert_eq!(effects.iter().find_map(whole), self.spec.total_timeout);
        let patience = |it: &&CommandEffect| matches!(it, CommandEffect::Patience { .. });
        let waits = usize::from(self.spec.queue.max_wait().is_some());
        assert_eq!(effects.iter().filter(patience).count(), waits);
    }

    fn check_superseded_running(
        &self,
        keys: &Keys,
        before: &BTreeMap<CallKey, Entry>,
        effects: &[CommandEffect],
    ) {
        let cancelled: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                CommandEffect::Cancel { call, error, .. } => {
                    assert_eq!(error.code, ErrorCode::Superseded);
                    Some(*call)
                }
                _ => None,
            })
            .collect();
        let cancels = matches!(
            self.spec.queue,
            QueuePolicy::Latest {
                cancel_running: true,
                ..
            }
        );
        let older = before.iter().filter(|(_, it)| {
            cancels && matches!(it.state, State::Granted(_)) && it.keys.queue == keys.queue
        });
        assert_eq!(cancelled, older.map(|(call, _)| *call).collect::<Vec<_>>());
    }

    pub(super) fn run(&mut self, op: Op) {
        match op {
            Op::Request {
                window,
                class,
                permit,
                queue,
            } => self.request(window, class, self.keys(permit, queue)),
            Op::Cancel(at) => {
                if let Some(call) = self.any_call(at) {
                    let before = self.calls[&call].state.clone();
                    let effects = self.step(CommandEvent::Cancel { call });
                    assert_eq!(effects.len(), usize::from(before != State::Ended));
                }
            }
            Op::WaitedOut(at) => {
                if let Some(call) = self.any_call(at) {
                    let before = self.calls[&call].state.clone();
                    let effects = self.step(CommandEvent::WaitedOut { call });
                    assert_eq!(effects.len(), usize::from(before != State::Ended));
                    assert_ne!(self.calls[&call].state, State::Waiting);
                }
            }
            Op::Finished(at) => {
                if let Some(call) = self.any_call(at) {
                    self.step(CommandEvent::Finished { call });
                }
            }
            Op::Configure(spec) => {
                (self.spec, self.closed) = (spec.clone(), false);
                self.passes_on = false;
                (self.retired, self.over) = (false, 0);
                self.step(CommandEvent::Configure { spec });
            }
            Op::Retire => {
                self.passes_on = false;
                self.over = 0;
                self.retirement += 1;
                let retirement = self.retirement;
                self.step(CommandEvent::Retire { retirement });
                self.closed = true;
                self.retired = true;
                assert_eq!(self.waiting(|_| true), 0);
            }
            Op::PassOn => {
                self.passes_on = true;
                self.step(CommandEvent::PassOn);
                self.closed = true;
                assert_eq!(self.waiting(|_| true), 0);
            }
        }
        self.check();
    }

    pub(super) fn check(&self) {
        let expected = CommandGauges {
            granted: self.granted(|_| true),
            limit: self.machine.spec.concurrency,
            waiting: self.waiting(|_| true),
        };
        assert_eq!(self.machine.gauges(), expected);
        let over = self.retired && expected.granted == 0;
        assert_eq!(self.over, usize::from(over), "it says so once");
        let beside = self.waiting(|it| self.may_go(&it.keys));
        assert_eq!(beside, 0, "a call waits beside a free permit");
        assert!(
            self.machine.waiting.is_consistent(),
            "something is kept for nobody"
        );
        let permits = &self.machine.permits.0;
        assert_eq!(permits.values().sum::<usize>(), expected.granted);
        assert!(
            permits.values().all(|count| *count > 0),
            "something is kept for nobody"
        );
        assert_eq!(self.machine.running.len(), expected.granted);
    }
}
