//! What a worker tells whoever started it.

use super::{exit::Exit, frame::Frame};

/// Called on the worker's own thread.
pub(super) trait Listener: Send + Sync {
    /// A frame. The error ends the worker.
    fn frame(&self, frame: Frame) -> Result<(), String>;
    /// A line of its standard output, or of its standard error.
    fn line(&self, error: bool, line: &str);
    /// It holds more memory than it may. Called once.
    fn overweight(&self);
    /// Its process is gone, and nobody was told yet.
    fn clean_up(&self) {}
    /// Its process is gone. The last call.
    fn ended(&self, exit: Exit);
}
