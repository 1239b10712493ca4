//! Where there are no zygotes: each worker is started by itself.

use std::time::Duration;

use super::shell::Launch;
use crate::actors::Name;

#[derive(Debug)]
pub(super) struct Nursery {
    pub(super) launch: Launch,
}

impl Nursery {
    pub(super) fn new(_: Name, launch: Launch, _: Duration) -> Self {
        Self { launch }
    }

    pub(super) fn end(&self) {}
}

#[cfg(unix)]
mod unix {
    use std::{io, os::fd::BorrowedFd, sync::Arc};

    use rustix::process::Pid;

    use super::{super::exit::Exit, Nursery};

    #[derive(Debug)]
    pub(in super::super) enum Zygote {}

    impl Zygote {
        pub(in super::super) fn reap(&self, _: Pid) -> Exit {
            match *self {}
        }
    }

    impl Nursery {
        pub(in super::super) fn fork(
            &self,
            _: [BorrowedFd<'_>; 3],
        ) -> io::Result<Option<(Pid, Arc<Zygote>)>> {
            Ok(None)
        }
    }
}

#[cfg(unix)]
pub(super) use unix::Zygote;
