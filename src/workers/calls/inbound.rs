//! Handles the frames that a worker sends: results, progress, log records, streams and channels.
//!
//! This runs on the workers' threads.

use std::{path::PathBuf, sync::Arc};

use super::registry::Registry;
use crate::workers::{
    link::{
        frame::{Frame, Kind},
        head,
    },
    pool::messages::{PoolEvent, WorkerId},
    process::{exit_status::Exit, listener::WorkerListener},
};
use crate::{
    actors::Outcome,
    error::{CallError, ErrorCode},
    ipc::json,
};

/// The key under which one of our log records holds a whole record of Python's `logging`, as JSON.
pub const RECORD: &str = "record";

/// Handles the frames of one worker.
pub(crate) struct InboundReader {
    pub(crate) registry: Arc<Registry>,
    /// Sends an event to the pool's machine.
    pub(crate) tell: Box<dyn Fn(PoolEvent) + Send + Sync>,
    pub(crate) worker: WorkerId,
    pub(crate) name: String,
    /// The temporary folder of the worker. It is deleted when the worker is gone.
    pub(crate) folder: PathBuf,
}

/// Checks that a page can read a result. A worker checks only what pydantic may have written.
fn readable(text: String) -> Outcome {
    match json::check(&text) {
        Ok(()) => Outcome::Json(text),
        Err(why) => {
            log::error!("a worker sent a result that no page can read: {why}");
            let error = CallError::new(ErrorCode::ResultNotSerializable, why);
            Outcome::Error(error.with("started", true))
        }
    }
}

impl InboundReader {
    /// Ends a call as its worker says. `unfit`: the worker should run no other call.
    fn finish(&self, id: u64, unfit: bool, outcome: Outcome) {
        let worker = self.worker;
        if let Some(job) = self.registry.job_of(worker, id) {
            let (call, ran) = (job.guard.call().key(), true);
            job.guard.last_word(outcome).say(|| {
                drop(job);
                (self.tell)(PoolEvent::Finished {
                    worker,
                    call,
                    ran,
                    unfit,
                });
            });
        }
    }

    /// Logs a record of the worker's `logging`: as a line of text, and as a whole record.
    fn record(&self, head: Vec<u8>) -> Result<(), String> {
        let about: head::LogHead = head::read(&head)?;
        let whole = String::from_utf8(head).map_err(|_| "a record that is not UTF-8")?;
        let level = match about.level {
            40.. => log::Level::Error,
            30.. => log::Level::Warn,
            20.. => log::Level::Info,
            10.. => log::Level::Debug,
            _ => log::Level::Trace,
        };
        let values = [("worker", self.name.as_str()), (RECORD, whole.as_str())];
        // Not by the macro: it knows the level of one logger, and this record has another.
        log::logger().log(
            &log::Record::builder()
                .level(level)
                .target("transom::worker")
                .key_values(&values)
                .args(format_args!("{}: {}", self.name, about.message))
                .build(),
        );
        Ok(())
    }
}

impl WorkerListener for InboundReader {
    fn frame(
        &self,
        Frame {
            kind, head, body, ..
        }: Frame,
    ) -> Result<(), String> {
        match kind {
            Kind::Ready => (self.tell)(PoolEvent::Ready {
                worker: self.worker,
            }),
            Kind::Progress => {
                let head: head::ProgressHead = head::read(&head)?;
                if let Some(job) = self.registry.job_of(self.worker, head.id) {
                    job.guard.progress(head.into());
                }
            }
            Kind::Json => {
                let text = String::from_utf8(body).map_err(|_| "a result that is not UTF-8")?;
                let head: head::ResultHead = head::read(&head)?;
                let outcome = readable(text);
                self.finish(head.id, head.unfit, outcome);
            }
            Kind::Raw => {
                let head: head::ResultHead = head::read(&head)?;
                let outcome = Outcome::Raw(body);
                self.finish(head.id, head.unfit, outcome);
            }
            Kind::Error => {
                let head: head::ErrorHead = head::read(&head)?;
                let (id, unfit) = (head.id, head.unfit);
                self.finish(id, unfit, head.into());
            }
            Kind::Log => self.record(head)?,
            Kind::Cluster => self.registry.saw(self.worker, head::read(&head)?),
            Kind::JsonItem | Kind::RawItem | Kind::Want => {
                self.registry
                    .stream_frame(self.worker, kind, &head, &body)?;
            }
            Kind::JsonMessage | Kind::RawMessage | Kind::Event | Kind::Ask => {
                self.registry
                    .channel_frame(self.worker, kind, &head, body)?;
            }
            Kind::Setup | Kind::Call | Kind::Cancel | Kind::Taken | Kind::Delivered => {
                return Err("a frame that only the host sends".into());
            }
        }
        Ok(())
    }

    fn line(&self, error: bool, line: &str) {
        let level = if error {
            log::Level::Warn
        } else {
            log::Level::Info
        };
        log::log!(target: "transom::worker", level, worker = self.name.as_str(); "{}: {line}", self.name);
    }

    fn overweight(&self) {
        let worker = self.worker;
        (self.tell)(PoolEvent::Overweight { worker });
    }

    fn clean_up(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn ended(&self, exit: Exit) {
        log::debug!("worker `{}` ended: {}", self.name, exit.text());
        self.registry.one_is_gone();
        let worker = self.worker;
        (self.tell)(PoolEvent::Died { worker, exit });
    }
}
