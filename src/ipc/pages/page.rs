//! Defines `Page`, the trait by which the wire reaches the page in a window.

use std::sync::Arc;

use crate::actors::{Amount, Epoch, NoChannel, PageChannel};

/// The page in a window.
pub(crate) trait Page: Send + Sync {
    /// Opens the page's channel with this number.
    fn open_channel(&self, number: u32) -> Result<Arc<dyn PageChannel>, NoChannel>;
    /// Sends an event to the page. False: its window is gone.
    fn emit(&self, event: &str, payload: &str) -> bool;
    /// Tells the page's client that calls in progress may be lost.
    fn tell_lost(&self);
    /// Makes the page's client say hello as another document than `epoch`.
    fn begin_anew(&self, epoch: Epoch);
    /// Calls `tell` when the page has run all scripts that were sent before, with the amount of
    /// fetched messages that the page has by then. Drops `tell` if that cannot be known.
    fn confirm(&self, tell: Box<dyn FnOnce(Amount) + Send>);
    /// Makes the page run a script. False: its window is gone.
    fn run(&self, script: String) -> bool;
}
