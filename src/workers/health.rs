//! When a pool may start workers, and which commands rest because they killed too many.
//!
//! Pure: time is a number of milliseconds.

use std::collections::{HashMap, VecDeque};

use super::exit::Exit;
use crate::{
    actors::Name,
    error::{CallError, ErrorCode},
};

/// How long a command or a pool rests before one probe.
pub(super) const REST: u64 = 30_000;
/// The back-off of starts after workers that died early: doubled each time, up to the ceiling.
const BACK_OFF: u64 = 50;
const BACK_OFF_CEILING: u64 = 5_000;

/// The deaths of workers that had not finished a call.
#[derive(Debug)]
pub(super) struct Starts {
    limit: Option<(usize, u64)>,
    early: VecDeque<u64>,
    in_a_row: u32,
    not_before: u64,
    resting: Option<(u64, Exit)>,
    probing: bool,
    seed: u64,
}

impl Starts {
    /// `limit`: how many early deaths, within which time, are borne.
    pub(super) fn new(limit: Option<(usize, u64)>, seed: u64) -> Self {
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

    /// A worker died before READY, or before its first finished call.
    pub(super) fn died(&mut self, now: u64, exit: &Exit) {
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
    pub(super) fn healthy(&self) -> bool {
        self.in_a_row == 0 && self.resting.is_none() && !self.probing
    }

    /// A worker finished a call: starts work.
    pub(super) fn proven(&mut self) {
        self.early.clear();
        self.in_a_row = 0;
        self.not_before = 0;
        self.resting = None;
        self.probing = false;
    }

    /// The end of the rest, and the death that began it.
    pub(super) fn resting(&self, now: u64) -> Option<(u64, &Exit)> {
        let (until, exit) = self.resting.as_ref()?;
        (now < *until).then_some((*until, exit))
    }

    /// How many workers may be there at most, and from when on one may be started.
    pub(super) fn may_start(&mut self, now: u64, most: usize) -> (usize, u64) {
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

    /// xorshift: back-offs of many pools must not fall on the same moment.
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

/// The commands that killed workers.
#[derive(Debug)]
pub(super) struct Quarantine {
    limit: Option<(usize, u64)>,
    records: HashMap<Name, Record>,
}

impl Quarantine {
    /// `limit`: how many deaths, within which time, make a command rest.
    pub(super) fn new(limit: Option<(usize, u64)>) -> Self {
        Self {
            limit,
            records: HashMap::new(),
        }
    }

    /// Whether a call of `command` may go on; the first after a rest is its probe.
    pub(super) fn admit(&mut self, command: &Name, now: u64) -> Result<(), CallError> {
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

    /// The commands that rest, and for how long.
    pub(super) fn resting(&self, now: u64) -> impl Iterator<Item = (&Name, u64)> {
        self.records.iter().filter_map(move |(command, record)| {
            let left = record.until?.checked_sub(now)?;
            (left > 0).then_some((command, left))
        })
    }

    /// The refusal of a call that waits while its command was put to rest.
    pub(super) fn refusal(&self, command: &Name, now: u64) -> Option<CallError> {
        let until = self.records.get(command)?.until?;
        (now < until).then(|| refusal(command, until - now))
    }

    /// A worker died during a call of `command`. True: it rests from now on.
    pub(super) fn died(&mut self, command: &Name, now: u64) -> bool {
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

    /// A call of `command` ended without killing its worker.
    pub(super) fn survived(&mut self, command: &Name) {
        let probe = |record: &Record| record.probing;
        if self.records.get(command).is_some_and(probe) {
            self.records.remove(command);
        }
    }

    /// A probe that never ran: the next call is the probe.
    pub(super) fn not_run(&mut self, command: &Name) {
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
