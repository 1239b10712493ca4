//! How a pool hears its workers: their frames become results and events. On the workers' threads.

use std::{path::PathBuf, sync::Arc};

use super::{
    exit::Exit,
    frame::{Frame, Kind},
    head,
    listener::Listener,
    message::{PoolEvent, WorkerId},
    shell::Pool,
};
use crate::{
    actors::Outcome,
    error::{CallError, ErrorCode},
    json,
};

/// The key under which a log record of ours holds a whole one of Python's `logging`, as JSON.
pub const RECORD: &str = "record";

/// Hears one worker.
pub(super) struct Ear {
    pub(super) pool: Arc<Pool>,
    pub(super) worker: WorkerId,
    pub(super) name: String,
    /// What the worker keeps in it goes with it.
    pub(super) folder: PathBuf,
}

/// A result, if a page can read it. A worker looks only for what pydantic may have written.
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

impl Ear {
    /// A record of the worker's `logging`: a line for whoever takes lines, and the whole of it.
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

impl Listener for Ear {
    fn frame(
        &self,
        Frame {
            kind, head, body, ..
        }: Frame,
    ) -> Result<(), String> {
        match kind {
            Kind::Ready => self.pool.tell(PoolEvent::Ready {
                worker: self.worker,
            }),
            Kind::Progress => {
                let head: head::ProgressHead = head::read(&head)?;
                if let Some(job) = self.pool.job_of(self.worker, head.id) {
                    job.guard.progress(head.into());
                }
            }
            Kind::Json => {
                let text = String::from_utf8(body).map_err(|_| "a result that is not UTF-8")?;
                let head: head::ResultHead = head::read(&head)?;
                let outcome = readable(text);
                self.pool.finish(self.worker, head.id, head.unfit, outcome);
            }
            Kind::Raw => {
                let head: head::ResultHead = head::read(&head)?;
                let outcome = Outcome::Raw(body);
                self.pool.finish(self.worker, head.id, head.unfit, outcome);
            }
            Kind::Error => {
                let head: head::ErrorHead = head::read(&head)?;
                let (id, unfit) = (head.id, head.unfit);
                self.pool.finish(self.worker, id, unfit, head.into());
            }
            Kind::Log => self.record(head)?,
            Kind::JsonItem | Kind::RawItem | Kind::Want => {
                self.pool.stream_frame(self.worker, kind, &head, &body)?;
            }
            Kind::JsonMessage | Kind::RawMessage | Kind::Event | Kind::Ask => {
                self.pool.channel_frame(self.worker, kind, &head, body)?;
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
        self.pool.tell(PoolEvent::Overweight { worker });
    }

    fn clean_up(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn ended(&self, exit: Exit) {
        log::debug!("worker `{}` ended: {}", self.name, exit.text());
        self.pool.one_is_gone();
        let worker = self.worker;
        self.pool.tell(PoolEvent::Died { worker, exit });
    }
}
