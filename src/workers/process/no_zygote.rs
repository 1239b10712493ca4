//! Replaces zygotes on systems without them: each worker is started by itself.

use std::time::Duration;

use super::launch::Launch;
use crate::actors::Name;

#[derive(Debug)]
pub(crate) struct Forker {
    pub(crate) launch: Launch,
}

impl Forker {
    pub(crate) fn new(_: Name, launch: Launch, _: Duration) -> Self {
        Self { launch }
    }

    pub(crate) fn renew(&self) {}

    pub(crate) fn end(&self) {}
}

#[cfg(unix)]
mod unix {
    use std::{io, os::fd::BorrowedFd, sync::Arc};

    use rustix::process::Pid;

    use super::{super::exit_status::Exit, Forker};

    #[derive(Debug)]
    pub(crate) enum Zygote {}

    impl Zygote {
        pub(crate) fn reap(&self, _: Pid) -> Exit {
            match *self {}
        }
    }

    impl Forker {
        pub(crate) fn fork(
            &self,
            _: [BorrowedFd<'_>; 3],
        ) -> io::Result<Option<(Pid, Arc<Zygote>)>> {
            Ok(None)
        }
    }
}

#[cfg(unix)]
pub(crate) use unix::Zygote;
