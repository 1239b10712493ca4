//! Forwards channel messages and events from worker processes to pages, and sends credit back.
//!
//! ```text
//! worker ── message … event, ask ──▶ page ── ran all scripts before ──▶ delivered(n) ──▶ worker
//! ```
//!
//! The credit works like that of a stream: it bounds what a slow page has not run yet, and a worker
//! that is faster waits in its own process.

use std::sync::{Arc, Weak};

use super::{call::WorkerCall, registry::Registry};
use crate::workers::{
    link::{
        frame::{Kind, encode},
        head,
    },
    pool::messages::WorkerId,
};
use crate::{
    actors::{CallKey, ChannelMessage},
    ipc::json,
};

/// When dropped, tells a worker that the page has run what was sent before.
struct AckOnDrop {
    registry: Weak<Registry>,
    worker: WorkerId,
    call: CallKey,
    sent: u64,
}

impl Drop for AckOnDrop {
    fn drop(&mut self) {
        if let Some(registry) = self.registry.upgrade() {
            registry.delivered(self.worker, self.call, self.sent);
        }
    }
}

impl Registry {
    /// Handles a frame with a channel message or an event. An error ends the worker.
    pub(crate) fn channel_frame(
        self: &Arc<Self>,
        worker: WorkerId,
        kind: Kind,
        head: &[u8],
        body: Vec<u8>,
    ) -> Result<(), String> {
        let id = head::read::<head::CallIdHead>(head)?.id;
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
                job.page_credit().spend(payload.len())?;
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

    /// Sends the worker credit when the page has run all that the worker has sent so far.
    fn confirm(self: &Arc<Self>, worker: WorkerId, job: &WorkerCall) {
        let receipt = Box::new(AckOnDrop {
            registry: Arc::downgrade(self),
            worker,
            call: job.guard.call().key(),
            sent: job.page_credit().sent,
        });
        job.guard.confirm(receipt);
    }

    fn delivered(&self, worker: WorkerId, call: CallKey, sent: u64) {
        if let Some(job) = self.job_of(worker, call.0) {
            job.page_credit().credit.give_back(sent);
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

/// Sends a message to a channel. False: the window is gone, or the channel has ended.
fn forward(job: &WorkerCall, head: &[u8], message: ChannelMessage) -> Result<bool, String> {
    let number = head::read::<head::MessageHead>(head)?.channel;
    job.page_credit().spend(message.size())?;
    let Ok(channel) = job.guard.open_channel(number) else {
        return Ok(false);
    };
    // The worker counts by itself how much it may send.
    if let Some(outgoing) = channel.outgoing() {
        outgoing.charge(message.size());
    }
    Ok(channel.send(message))
}

/// Checks that a message is JSON, because it becomes part of a script.
fn json_text(body: Vec<u8>) -> Result<String, String> {
    let text = String::from_utf8(body).map_err(|_| "a message that is not UTF-8")?;
    json::is_json(&text).map_err(|why| format!("a message that is no JSON: {why}"))?;
    Ok(text)
}
