//! Makes a pool one of the app's executors: the actors give it calls, and it tells its machine.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use dashmap::DashMap;

use super::Pool;
use crate::{
    actors::{Call, CallGuard, KeySource, Name, Outcome, System, Trace, Transport},
    error::{CallError, ErrorCode},
    sync::clock,
    workers::{
        calls::call::WorkerCall,
        pool::{
            machine::PoolMachine,
            messages::{PoolEvent, PoolSpec, Task},
        },
        process::{launch::Launch, zygote::Forker},
    },
};

impl Pool {
    /// Adds a pool to the executors of an app. It starts nothing before its first call. `refusal`:
    /// the reason why it cannot work at all.
    pub fn add(
        system: &Arc<System>,
        name: &str,
        spec: PoolSpec,
        launch: Launch,
        refusal: Option<String>,
    ) -> Arc<Self> {
        let name: Name = name.into();
        // The worker that waits for it then has as long to start without it.
        let patience = Duration::from_millis(spec.start_timeout / 2);
        let seed = u64::from(std::process::id()) << 16 | name.len() as u64;
        let mut machine = PoolMachine::new(name.clone(), spec, seed);
        if let Some(text) = refusal {
            machine = machine.refusing(CallError::new(ErrorCode::Unavailable, text));
        }
        let pool = Arc::new_cyclic(|this: &Weak<Self>| Self {
            name: name.clone(),
            forker: Forker::new(name.clone(), launch, patience).into(),
            most: system.limits().result_bytes,
            system: Arc::downgrade(system),
            actor: system.actor(machine, Weak::clone(this)),
            trace: Trace::default(),
            begin: clock::now(),
            targets: DashMap::new(),
            registry: Arc::default(),
        });
        let transport = Arc::new(PoolTransport(Arc::clone(&pool)));
        // The order in which calls wait for a worker is the pool's own.
        system.add_executor(&name, None, transport);
        system.executor_ready(&name);
        pool
    }
}

/// The pool as a transport of the actors.
struct PoolTransport(Arc<Pool>);

impl Transport for PoolTransport {
    fn start(&self, guard: CallGuard) {
        let call = Arc::clone(guard.call());
        let command = call.request.command.clone();
        let Some(mut target) = self.0.targets.get(&command).map(|it| it.clone()) else {
            let text = format!(
                "no worker of `{}` knows the command `{command}`",
                self.0.name
            );
            let error = CallError::new(ErrorCode::Unavailable, text);
            return guard.settle(Outcome::Error(error));
        };
        // Items that have gone out cannot be taken back.
        target.idempotent &= call.items().is_none();
        self.0.registry.watch_credit(&call);
        let key = match call.key_of(&target.affinity, &command) {
            Ok(key) => key,
            Err(error) => return guard.settle(Outcome::Error(error)),
        };
        let task = Task {
            call: call.key(),
            command,
            window: call.request.window.clone(),
            class: call.request.class,
            key: key.clone(),
            shared: target.shared,
            starts: if target.idempotent { 2 } else { 1 },
        };
        let job = WorkerCall::new(guard, target, key);
        self.0.registry.insert(job);
        self.0.tell(PoolEvent::Run(task));
    }

    fn stop_call(&self, call: &Arc<Call>) {
        self.0.tell(PoolEvent::Cancel { call: call.key() });
    }

    fn drain(&self) {
        self.0.tell(PoolEvent::Stop);
    }

    fn stop(&self) {
        self.0.tell(PoolEvent::Stop);
    }

    fn key_source(&self, command: &str) -> KeySource {
        let target = self.0.targets.get(command);
        target.map_or(KeySource::App, |target| target.affinity.clone())
    }

    fn waiting(&self) -> usize {
        self.0.actor.look(PoolMachine::waiting)
    }
}
