//! Defines `WorkerListener`, the trait by which a worker reports frames, output and its end.

use super::exit_status::Exit;
use crate::workers::link::frame::Frame;

/// Receives the reports of one worker, on the worker's own thread.
pub(crate) trait WorkerListener: Send + Sync {
    /// Handles a frame. An error ends the worker.
    fn frame(&self, frame: Frame) -> Result<(), String>;
    /// Handles a line of the worker's standard output, or of its standard error.
    fn line(&self, error: bool, line: &str);
    /// The worker uses more memory than it may. Called once.
    fn overweight(&self);
    /// The process is gone. Called before anybody is told.
    fn clean_up(&self) {}
    /// The process is gone. This is the last call.
    fn ended(&self, exit: Exit);
}
