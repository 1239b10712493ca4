//! Channels and events out of worker processes: messages come over the link, credit goes back.
//!
//! ```text
//! worker ── message … event, ask ──▶ page ── ran all scripts before ──▶ delivered(n) ──▶ worker
//! ```
//!
//! The credit is a stream's: what a page that is slow has not run yet is bounded, and a worker
//! that is faster waits in its own process.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use super::{
    frame::{Kind, encode},
    head,
    job::Job,
    message::WorkerId,
    shell::Pool,
};
use crate::{
    actors::{CallKey, ChannelMessage, Credit, MESSAGES, PageChannel},
    json,
};

/// The channels of one call, and the credit of all that it sends to its page.
pub(super) struct Channels {
    open: HashMap<u32, Arc<dyn PageChannel>>,
    credit: Credit,
    /// Messages and events that have come.
    sent: u64,
}

impl Channels {
    pub(super) fn new() -> Self {
        Self {
            open: HashMap::new(),
            credit: Credit::new(MESSAGES),
            sent: 0,
        }
    }

    fn spend(&mut self, size: usize) -> Result<(), String> {
        if !self.credit.fits(size) {
            return Err("a message without credit".into());
        }
        self.credit.spend(size);
        self.sent += 1;
        Ok(())
    }

    /// A second run counts anew, and goes on with the channels, which count for their page.
    pub(super) fn run_again(&mut self) {
        self.credit = Credit::new(MESSAGES);
        self.sent = 0;
    }
}

/// Tells a worker, when it is dropped, that the page has run what was sent before.
struct Receipt {
    pool: Weak<Pool>,
    worker: WorkerId,
    call: CallKey,
    sent: u64,
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.delivered(self.worker, self.call, self.sent);
        }
    }
}

impl Pool {
    /// Takes a frame about a channel, or an event. The error ends the worker.
    pub(super) fn channel_frame(
        self: &Arc<Self>,
        worker: WorkerId,
        kind: Kind,
        head: &[u8],
        body: Vec<u8>,
    ) -> Result<(), String> {
        let id = head::read::<head::CallId>(head)?.id;
        let Some(job) = self.job_of(worker, id) else {
            return Ok(());
        };
        let there = match kind {
            Kind::Ask => {
                self.confirm(worker, &job);
                return Ok(());
            }
            Kind::Event => {
                let event = head::read::<head::EventHead>(head)?.event;
                let payload = json_text(body)?;
                job.channels().spend(payload.len())?;
                // Its window alone: a worker can name no other.
                job.guard.emit(&event, &payload)
            }
            Kind::RawMessage => forward(&job, head, ChannelMessage::Raw(body))?,
            _ => forward(&job, head, ChannelMessage::Json(json_text(body)?))?,
        };
        if !there {
            self.tell_delivered(worker, job.guard.call().key(), 0, true);
        }
        Ok(())
    }

    /// The worker has no credit: it is told when the page has come as far as it.
    fn confirm(self: &Arc<Self>, worker: WorkerId, job: &Job) {
        let receipt = Box::new(Receipt {
            pool: Arc::downgrade(self),
            worker,
            call: job.guard.call().key(),
            sent: job.channels().sent,
        });
        job.guard.confirm(receipt);
    }

    fn delivered(&self, worker: WorkerId, call: CallKey, sent: u64) {
        if let Some(job) = self.job_of(worker, call.0) {
            job.channels().credit.give_back(sent);
            self.tell_delivered(worker, call, sent, false);
        }
    }

    fn tell_delivered(&self, worker: WorkerId, call: CallKey, sent: u64, gone: bool) {
        if let Some(worker) = self.worker(worker) {
            let head = head::delivered(call, sent, gone);
            worker.send(encode(Kind::Delivered, &head, 0).ok());
        }
    }
}

/// Sends a message through a channel. False: the window is gone.
fn forward(job: &Job, head: &[u8], message: ChannelMessage) -> Result<bool, String> {
    let number = head::read::<head::MessageHead>(head)?.channel;
    let open = {
        let mut channels = job.channels();
        channels.spend(message.size())?;
        channels.open.get(&number).cloned()
    };
    let channel = match open {
        Some(channel) => channel,
        None => match job.guard.open_channel(number).map(Arc::from) {
            Some(channel) => {
                job.channels().open.insert(number, Arc::clone(&channel));
                channel
            }
            None => return Ok(false),
        },
    };
    Ok(channel.send(message))
}

/// The JSON text of a message. It becomes part of a script: what is no JSON must not.
fn json_text(body: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(body).map_err(|_| "a message that is not UTF-8")?;
    json::is_json(&text).map_err(|why| format!("a message that is no JSON: {why}"))?;
    Ok(text)
}
