//! Decides in which order calls that end together are answered and stopped.

use crate::actors::ids::CallKey;

/// A call that is to be stopped.
#[derive(Debug, Clone)]
pub(crate) struct Stopping<C> {
    pub(crate) call: C,
    /// Whether its code has begun.
    pub(crate) begun: bool,
    /// The job for which it waits. It has no work of its own then.
    pub(crate) job: Option<CallKey>,
}

/// What must be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StopStep<C> {
    /// Answer the call.
    Answer(C),
    /// Answer the call, which waits for this job.
    Leave(C, CallKey),
    /// Stop the work of the call.
    Stop(C),
}

/// Says what must be done, in order.
///
/// All are answered before any is stopped, since none that is answered begins: so none gets the
/// place of one that stops. Those that run are answered last, for a generator ends by the answer
/// alone.
pub(crate) fn steps<C: Clone>(mut calls: Vec<Stopping<C>>) -> Vec<StopStep<C>> {
    calls.sort_by_key(|it| it.begun);
    let answers = calls.iter().map(|it| match it.job {
        Some(job) => StopStep::Leave(it.call.clone(), job),
        None => StopStep::Answer(it.call.clone()),
    });
    let own = calls.iter().filter(|it| it.job.is_none());
    let stops = own.map(|it| StopStep::Stop(it.call.clone()));
    answers.chain(stops).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_wait_are_answered_first_and_all_before_any_is_stopped() {
        let stopping = |call, begun, job: Option<u64>| Stopping {
            call,
            begun,
            job: job.map(CallKey),
        };
        let calls = vec![
            stopping('a', true, None),
            stopping('b', false, None),
            stopping('c', false, Some(7)),
            stopping('d', true, None),
        ];
        assert_eq!(
            steps(calls),
            [
                StopStep::Answer('b'),
                StopStep::Leave('c', CallKey(7)),
                StopStep::Answer('a'),
                StopStep::Answer('d'),
                StopStep::Stop('b'),
                StopStep::Stop('a'),
                StopStep::Stop('d'),
            ]
        );
    }
}
