//! Delays restarts of workers that die early, and quarantines commands that kill their workers.
//!
//! This is pure: it has no clock. Time is a number of milliseconds.

use std::collections::{HashMap, VecDeque};

use crate::workers::process::exit_status::Exit;
use crate::{
    actors::Name,
    error::{CallError, ErrorCode},
};

/// How long a command or a pool rests before one probe.
pub(crate) const REST: u64 = 30_000;
/// The back-off before a start, after workers that died early. It doubles each time, up to the
/// ceiling.
const BACK_OFF: u64 = 50;
const BACK_OFF_CEILING: u64 = 5_000;

/// Counts the deaths of workers that had not finished a call.
#[derive(Debug)]
pub(crate) struct Starts {
    limit: Option<(usize, u64)>,
    early: VecDeque<u64>,
    in_a_row: u32,
    not_before: u64,
    resting: Option<(u64, Exit)>,
    probing: bool,
    seed: u64,
}

impl Starts {
    /// Creates the count. `limit`: how many early deaths are tolerated, within which time.
    pub(crate) fn new(limit: Option<(usize, u64)>, seed: u64) -> Self {
        Self {
            limit,
            early: VecDeque::new(),
            in_a_row: 0,
            not_before: 0,
            resting: None,
            probing: false,
            seed: seed | 1,
        }
    }

    /// Notes that a worker died before READY, or before its first finished call.
    pub(crate) fn died(&mut self, now: u64, exit: &Exit) {
        self.in_a_row = self.in_a_row.saturating_add(1);
        let delay = (BACK_OFF << self.in_a_row.min(16).saturating_sub(1)).min(BACK_OFF_CEILING);
        self.not_before = now + delay / 2 + self.random() % (delay / 2 + 1);
        let Some((limit, window)) = self.limit else {
            return;
        };
        self.early.retain(|at| now.saturating_sub(*at) < window);
        self.early.push_back(now);
        if self.probing || self.early.len() > limit {
            self.resting = Some((now + REST, exit.clone()));
            self.probing = false;
        }
    }

    /// Whether no start has failed since a worker last finished a call.
    pub(crate) fn healthy(&self) -> bool {
        self.in_a_row == 0 && self.resting.is_none() && !self.probing
    }

    /// Notes that a worker finished a call, so starting works.
    pub(crate) fn proven(&mut self) {
        self.early.clear();
        self.in_a_row = 0;
        self.not_before = 0;
        self.resting = None;
        self.probing = false;
    }

    /// When the rest ends, and the death that began it.
    pub(crate) fn resting(&self, now: u64) -> Option<(u64, &Exit)> {
        let (until, exit) = self.resting.as_ref()?;
        (now < *until).then_some((*until, exit))
    }

    /// How many workers there may be, and from when on another one may be started.
    pub(crate) fn may_start(&mut self, now: u64, most: usize) -> (usize, u64) {
        match &self.resting {
            Some((until, _)) if now < *until => (0, *until),
            Some(_) => {
                self.resting = None;
                self.probing = true;
                (1, 0)
            }
            None if self.probing => (1, self.not_before),
            None => (most, self.not_before),
        }
    }

    /// A random number (xorshift), so that the back-offs of many pools do not end at the same
    /// moment.
    fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }
}

#[derive(Debug, Default)]
struct Record {
    deaths: VecDeque<u64>,
    until: Option<u64>,
    probing: bool,
}

/// The commands that have killed workers.
#[derive(Debug)]
pub(crate) struct Quarantine {
    limit: Option<(usize, u64)>,
    records: HashMap<Name, Record>,
}

impl Quarantine {
    /// Creates it. `limit`: how many deaths, within which time, put a command in quarantine.
    pub(crate) fn new(limit: Option<(usize, u64)>) -> Self {
        Self {
            limit,
            records: HashMap::new(),
        }
    }

    /// Whether a call of `command` may run. The first call after a rest is a probe.
    pub(crate) fn admit(&mut self, command: &Name, now: u64) -> Result<(), CallError> {
        let Some(record) = self.records.get_mut(command) else {
            return Ok(());
        };
        match record.until {
            Some(until) if now < until => Err(refusal(command, until - now)),
            Some(_) if record.probing => Err(refusal(command, 1_000)),
            Some(_) => {
                record.probing = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// The commands in quarantine, and for how long.
    pub(crate) fn resting(&self, now: u64) -> impl Iterator<Item = (&Name, u64)> {
        self.records.iter().filter_map(move |(command, record)| {
            let left = record.until?.checked_sub(now)?;
            (left > 0).then_some((command, left))
        })
    }

    /// The error for a call that waits while its command is put in quarantine.
    pub(crate) fn refusal(&self, command: &Name, now: u64) -> Option<CallError> {
        let until = self.records.get(command)?.until?;
        (now < until).then(|| refusal(command, until - now))
    }

    /// Notes that a worker died during a call of `command`. True: the command rests from now on.
    pub(crate) fn died(&mut self, command: &Name, now: u64) -> bool {
        let Some((limit, window)) = self.limit else {
            return false;
        };
        let record = self.records.entry(command.clone()).or_default();
        record.deaths.retain(|at| now.saturating_sub(*at) < window);
        record.deaths.push_back(now);
        let rests = std::mem::take(&mut record.probing) || record.deaths.len() >= limit;
        if rests {
            record.until = Some(now + REST);
        }
        rests
    }

    /// Notes that a call of `command` ended without killing its worker.
    pub(crate) fn survived(&mut self, command: &Name) {
        let probe = |record: &Record| record.probing;
        if self.records.get(command).is_some_and(probe) {
            self.records.remove(command);
        }
    }

    /// Notes that a probe never ran, so that the next call is the probe.
    pub(crate) fn not_run(&mut self, command: &Name) {
        if let Some(record) = self.records.get_mut(command) {
            record.probing = false;
        }
    }
}

fn refusal(command: &str, wait: u64) -> CallError {
    let text = format!(
        "`{command}` is quarantined: its calls killed too many worker processes in a short time; \
         it is tried again in {} s",
        wait.div_ceil(1000)
    );
    CallError::new(ErrorCode::Quarantined, text).with("retryAfterMs", wait)
}
