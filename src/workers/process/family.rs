//! Finds and kills the processes that a worker has started. Linux only.
//!
//! These are the processes of its session and their descendants: its *family*.
//!
//! `python/transom/_worker/process/family.py` is the worker's own view of them.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// Part of the command line of a resource tracker. `multiprocessing` and joblib start one to unlink
/// shared memory and semaphores when all processes that used them have ended.
const TRACKER: &[u8] = b"resource_tracker import main";
/// How long a tracker may take for its clean-up.
const CLEAN_UP: Duration = Duration::from_secs(1);
/// How often the children of a worker are searched, which needs a look at every process.
const LOOK: Duration = Duration::from_secs(1);
/// How often the search is repeated, to find what members start while the family is killed.
const ROUNDS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProcessStat {
    pid: i32,
    parent: i32,
    session: i32,
    /// The start time in ticks since boot. A later process with the same id has another one.
    started: u64,
    ended: bool,
}

/// Reads the state of a process. `None`: it is gone.
fn look_at(pid: i32) -> Option<ProcessStat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // After the name, which is in brackets and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split_ascii_whitespace().collect();
    Some(ProcessStat {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
        ended: matches!(*fields.first()?, "Z" | "X"),
    })
}

/// The ids of all processes on this machine.
fn pids() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|it| it.file_name().to_str()?.parse().ok())
}

/// The session of a process. `None`: it is gone.
#[expect(
    unsafe_code,
    reason = "rustix takes no session of another namespace, which is 0"
)]
fn session_of(pid: i32) -> Option<i32> {
    // SAFETY: it takes and returns a number.
    let session = unsafe { libc::getsid(pid) };
    (session >= 0).then_some(session)
}

/// Whether a worker that has ended leaves no family. Its children have other parents by then, so
/// what is left is in its session. The system tells sessions much faster than `Processes::look`.
fn has_left_none(root: i32) -> bool {
    let mut others = pids().filter(|pid| *pid != root);
    !others.any(|pid| session_of(pid) == Some(root))
}

/// The processes on this machine.
pub(crate) struct Processes(HashMap<i32, ProcessStat>);

impl Processes {
    pub(crate) fn look() -> Self {
        let found = pids().filter_map(look_at).map(|it| (it.pid, it));
        Self(found.collect())
    }

    /// The session that `root` leads, and its descendants, without `root` and without processes
    /// that have ended.
    fn family(&self, root: i32) -> Vec<ProcessStat> {
        let session = self.0.values().filter(|it| it.session == root);
        let mut members: HashSet<i32> = session.map(|it| it.pid).collect();
        members.insert(root);
        loop {
            let before = members.len();
            let children = self.0.values().filter(|it| members.contains(&it.parent));
            let children: Vec<i32> = children.map(|it| it.pid).collect();
            members.extend(children);
            if members.len() == before {
                break;
            }
        }
        members.remove(&root);
        let there = members.iter().filter_map(|pid| self.0.get(pid));
        there.filter(|it| !it.ended).copied().collect()
    }

    /// Bytes of private memory of a worker and its family.
    pub(crate) fn memory(&self, root: Pid) -> Option<u64> {
        let root = root.as_raw_nonzero().get();
        let own = private(root)?;
        let family = self.family(root);
        Some(own + family.iter().filter_map(|it| private(it.pid)).sum::<u64>())
    }
}

impl ProcessStat {
    fn is_tracker(&self) -> bool {
        let line = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        line.windows(TRACKER.len()).any(|part| part == TRACKER)
    }

    fn lives(&self) -> bool {
        look_at(self.pid).is_some_and(|it| it.started == self.started && !it.ended)
    }

    fn kill(&self) {
        if self.lives()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Kills a worker, by `kill`, and its family, but not the trackers. `kill` returns false when the
/// worker was reaped. `ended`: the worker has ended already.
pub(crate) fn kill_family(root: Pid, ended: bool, kill: impl FnOnce() -> bool) {
    let pid = root.as_raw_nonzero().get();
    if ended && has_left_none(pid) {
        return;
    }
    let mut members = Processes::look().family(pid);
    // First: it would start others in their places.
    if !kill() {
        return;
    }
    for _ in 0..ROUNDS {
        members.retain(|it| !it.is_tracker());
        if members.is_empty() {
            break;
        }
        members.iter().for_each(ProcessStat::kill);
        members = Processes::look().family(pid);
    }
}

/// Waits until the trackers of a killed worker have cleaned up, and kills those that do not.
/// `ended`: the worker has ended by now.
pub(crate) fn wait_for_trackers(root: Pid, ended: bool) {
    let pid = root.as_raw_nonzero().get();
    if ended && has_left_none(pid) {
        return;
    }
    let mut trackers = Processes::look().family(pid);
    let end = Instant::now() + CLEAN_UP;
    while !trackers.is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
        trackers.retain(ProcessStat::lives);
    }
    trackers.iter().for_each(ProcessStat::kill);
}

/// Measures the memory of a worker, again and again.
#[derive(Debug, Default)]
pub(crate) struct Scale {
    family: Vec<ProcessStat>,
    looked: Option<Instant>,
}

impl Scale {
    /// Bytes of private memory of a worker and its family, if that is more than `most`.
    pub(crate) fn over(&mut self, root: Pid, most: u64) -> Option<u64> {
        let root = root.as_raw_nonzero().get();
        if self.looked.is_none_or(|it| it.elapsed() >= LOOK) {
            self.family = Processes::look().family(root);
            self.looked = Some(Instant::now());
        }
        self.family.retain(ProcessStat::lives);
        let pids = || self.family.iter().map(|it| it.pid).chain([root]);
        let held = pids().filter_map(private).sum::<u64>();
        if held <= most {
            return None;
        }
        // Pages that a fork has in common with others were counted for each.
        let shares: Option<Vec<u64>> = pids().map(share).collect();
        let held = shares.map_or(held, |it| it.iter().sum());
        (held > most).then_some(held)
    }
}

/// Bytes of a process's private memory, resident or swapped out. Mapped files and memory that is
/// shared on purpose do not count.
fn private(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let anonymous = kib(&status, "RssAnon:")?;
    Some((anonymous + kib(&status, "VmSwap:").unwrap_or(0)) << 10)
}

/// Like `private`, but each page is divided by the number of processes that have it.
fn share(pid: i32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let anonymous = kib(&rollup, "Pss_Anon:")?;
    Some((anonymous + kib(&rollup, "SwapPss:").unwrap_or(0)) << 10)
}

fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}
