//! Forwards the items of streams from worker processes to pages, and sends credit back.
//!
//! ```text
//! worker ── item … item, want(size) ──▶ Items ──▶ page
//!        ◀──────── taken(n) ────────── woken ◀── pull
//! ```
//!
//! The worker keeps the same count of outstanding items as the stream's machine, and pushes only
//! items that fit. So nothing waits here, neither in a buffer nor on the thread that reads the
//! link.

use std::sync::Arc;

use super::{call::WorkerCall, registry::Registry};
use crate::workers::{
    link::{
        frame::{Kind, encode},
        head,
    },
    pool::messages::WorkerId,
};
use crate::{
    actors::{Call, CallKey, Item, Items, Push},
    ipc::json,
};

impl Registry {
    /// Sends credit of a stream to the worker that runs it at that time.
    pub(crate) fn watch_credit(self: &Arc<Self>, call: &Call) {
        if let Some(items) = call.items() {
            let (registry, key) = (Arc::downgrade(self), call.key());
            items.on_wake(move || {
                if let Some(registry) = registry.upgrade() {
                    registry.tell_taken(key);
                }
            });
        }
    }

    fn tell_taken(&self, call: CallKey) {
        let Some(job) = self.job(call) else {
            return;
        };
        if let (Some(worker), Some(items)) = (self.worker(job.worker()), job.guard.call().items()) {
            worker.send(encode(Kind::Taken, &head::taken(call, items.taken()), 0).ok());
        }
    }

    /// Handles a frame about a stream. An error ends the worker.
    pub(crate) fn stream_frame(
        &self,
        worker: WorkerId,
        kind: Kind,
        head: &[u8],
        body: &[u8],
    ) -> Result<(), String> {
        let id = head::read::<head::CallIdHead>(head)?.id;
        let Some(job) = self.job_of(worker, id) else {
            return Ok(());
        };
        let items = items_of(&job)?;
        let item = match kind {
            Kind::Want => {
                items.want(head::read::<head::WantHead>(head)?.size);
                return Ok(());
            }
            Kind::RawItem => Item::Raw(body),
            _ => {
                let text = std::str::from_utf8(body).map_err(|_| "an item that is not UTF-8")?;
                // It becomes part of a batch, which one that is no JSON would spoil.
                json::is_json(text).map_err(|why| format!("an item that is no JSON: {why}"))?;
                Item::Json(text)
            }
        };
        match items.push(item) {
            // What nobody wants any more has been cancelled, which is on its way.
            Push::In | Push::Over => Ok(()),
            Push::Full => Err("an item without credit".into()),
            Push::Misfit => Err("an item of another kind than those before it".into()),
        }
    }
}

fn items_of(job: &WorkerCall) -> Result<&Items, String> {
    let items = job.guard.call().items();
    items.ok_or_else(|| "an item of a call that is no stream".into())
}
