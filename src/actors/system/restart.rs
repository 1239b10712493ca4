//! Collects what the calls and the other actors know of an actor, when it is to be restarted.
//!
//! The calls are the source of truth: each knows its window, its command, its executor, how far it
//! has come, and whether it was answered. What is decided on that is decided in the machines.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
};

use super::{System, wiring::keys_of};
use crate::actors::{
    actor::shell::{Actor, Failure},
    call::{cell::Call, request::Body, stage::CallStage},
    command::{
        key::Keys,
        machine::{CommandMachine, restart::CallAtCommand},
        messages::CommandEffect,
    },
    executor::machine::{CallAtExecutor, ExecutorEffect, ExecutorMachine},
    ids::CallKey,
    jobs::{
        detaching::state_of,
        machine::{HeldJob, JobEffect, JobsMachine},
    },
    supervisor::machine::{GATE, SupervisorEffect, SupervisorMachine, restart::Survey},
    window::{
        machine::{WindowMachine, restart::CallAtWindow},
        messages::WindowEffect,
    },
};

impl System {
    /// The calls for which `which` is true, oldest first.
    fn calls_that(&self, which: impl Fn(&Call) -> bool) -> Vec<Arc<Call>> {
        let calls = self.calls.iter().filter(|call| which(call));
        let mut calls: Vec<_> = calls.map(|call| Arc::clone(&call)).collect();
        calls.sort_unstable_by_key(|call| call.key());
        calls
    }

    pub(super) fn restart_window(
        self: &Arc<Self>,
        actor: &Actor<WindowMachine>,
        failure: &Failure,
    ) -> Vec<WindowEffect> {
        let label = actor.look(|window| window.key().label.clone());
        // One that is not admitted yet may still be in the mailbox, unless it is the one that was
        // handled.
        let known = |call: &Call| {
            call.stage.has_reached(CallStage::Requested)
                || (call.stage.has_reached(CallStage::Routed) && failure.call == Some(call.key()))
        };
        let of_window = |call: &Call| call.request.window == label && known(call);
        let calls: Vec<_> = self
            .calls_that(of_window)
            .iter()
            .map(|call| CallAtWindow {
                call: call.key(),
                page: call.request.page,
                admitted: call.stage.has_reached(CallStage::Requested),
                answered: call.is_settled(),
                released: call.is_released(),
                detach: self
                    .supervisor
                    .look(|it| it.detaches(&call.request.command)),
                job: call.is_job(),
            })
            .collect();
        actor.replace(|old| old.restarted(&calls, failure.too_often))
    }

    pub(super) fn restart_command(
        self: &Arc<Self>,
        actor: &Actor<CommandMachine>,
        failure: &Failure,
    ) -> Vec<CommandEffect> {
        let (name, sources) = actor.look(CommandMachine::identity);
        let held = |call: &Call| {
            let own = call.command.get().map_or(GATE, |command| command) == &*name;
            own && call.request.attach.is_none()
                && call.stage.has_reached(CallStage::Requested)
                && !call.is_released()
        };
        let calls = self
            .calls_that(held)
            .iter()
            .map(|call| CallAtCommand {
                call: call.key(),
                executor: call.stage.executor().cloned(),
                keys: keys_of(call, &name, &sources).unwrap_or_else(|_| Keys::default()),
            })
            .collect();
        actor.replace(|old| old.restarted(calls, failure.too_often))
    }

    pub(super) fn restart_executor(
        self: &Arc<Self>,
        actor: &Actor<ExecutorMachine>,
        failure: &Failure,
    ) -> Vec<ExecutorEffect> {
        let name = actor.look(|executor| executor.name().clone());
        let held = |call: &Call| call.stage.executor() == Some(&name) && !call.is_released();
        let calls: Vec<_> = self
            .calls_that(held)
            .iter()
            .map(|call| CallAtExecutor {
                call: call.key(),
                started: call.stage.has_reached(CallStage::Started),
                over: call.stage.has_reached(CallStage::Over),
                cancelled: call.is_cancelled(),
            })
            .collect();
        let draining = self.supervisor.look(SupervisorMachine::is_draining);
        actor.replace(|old| old.restarted(&calls, draining, failure.too_often))
    }

    pub(super) fn restart_supervisor(
        self: &Arc<Self>,
        actor: &Actor<SupervisorMachine>,
        failure: &Failure,
    ) -> Vec<SupervisorEffect> {
        let admitted =
            |call: &Call| call.stage.has_reached(CallStage::Routed) && !call.is_released();
        let lost = failure.call.filter(|&call| {
            let cell = self.call(call);
            cell.is_some_and(|cell| !cell.stage.has_reached(CallStage::Routed))
        });
        let survey = Survey {
            windows: self
                .windows
                .iter()
                .map(|window| window.look(|it| it.key().clone()))
                .collect(),
            commands: self
                .commands
                .iter()
                .filter(|command| &**command.key() != GATE)
                .map(|command| command.look(CommandMachine::registration))
                .collect(),
            executors: self
                .executors
                .iter()
                .filter(|executor| !executor.actor.look(ExecutorMachine::has_stopped))
                .map(|executor| executor.key().clone())
                .collect(),
            calls: self
                .calls_that(admitted)
                .iter()
                .map(|call| (call.key(), call.look_at_body(Body::size)))
                .collect(),
            lost,
            drained: *self
                .drained
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        };
        actor.replace(|old| old.restarted(survey, failure.too_often))
    }

    pub(crate) fn restart_jobs(
        self: &Arc<Self>,
        actor: &Actor<JobsMachine>,
        failure: &Failure,
    ) -> Vec<JobEffect> {
        let waits = |call: &Call| {
            call.request.attach.is_some()
                && call.stage.has_reached(CallStage::Requested)
                && !call.is_released()
        };
        let mut attached: BTreeMap<CallKey, BTreeSet<CallKey>> = BTreeMap::new();
        for call in self.calls_that(waits) {
            let job = call.request.attach.unwrap_or(call.key());
            attached.entry(job).or_default().insert(call.key());
        }
        // One that is about to become a job is not marked yet.
        let begins = |call: &Call| failure.call == Some(call.key()) && !call.is_settled();
        let is_job = |call: &Call| call.request.attach.is_none() && (call.is_job() || begins(call));
        let jobs = self
            .calls_that(is_job)
            .iter()
            .map(|call| HeldJob {
                job: call.key(),
                state: state_of(call),
                size: call.outcome().map_or(0, |outcome| outcome.size()),
                released: call.is_released(),
                attached: attached.remove(&call.key()).unwrap_or_default(),
            })
            .collect();
        let strays = attached
            .into_iter()
            .flat_map(|(job, calls)| calls.into_iter().map(move |call| (call, job)));
        let (strays, now) = (strays.collect(), self.now());
        actor.replace(|_| JobsMachine::restarted(jobs, strays, now))
    }

    /// Ends the app, because `what` was restarted too often.
    pub(crate) fn give_up(&self, what: &str) {
        log::error!(
            "{what} failed more than 3 times within a minute: the app ends with the exit code 70"
        );
        if let Some(end) = self.failed.get() {
            end(what);
        }
    }
}
