//! One app's actors and wire together.

use std::{io, sync::Arc};

use crate::{
    actors::{Limits, Runtime, System, fast_path_from_env},
    ipc::Bridge,
};

/// The actors and the wire of one app.
#[derive(Debug)]
pub struct Host {
    /// The actors.
    pub system: Arc<System>,
    /// The wire.
    pub bridge: Arc<Bridge>,
}

impl Host {
    /// Starts the actors. `TRANSOM_FAST_PATH=0` sends their messages through actix.
    pub fn start(limits: Limits) -> io::Result<Arc<Self>> {
        let runtime = Runtime::start(fast_path_from_env())?;
        let bridge = Bridge::new();
        let system = System::new(limits, runtime, bridge.link());
        bridge.bind(&system);
        Ok(Arc::new(Self { system, bridge }))
    }
}
