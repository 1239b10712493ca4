//! Wakes an event loop through a file descriptor, which is written only while the loop sleeps.
//!
//! On Linux this is an eventfd. On other systems it is a socket pair, which every loop can watch.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::sync::Sleep;

#[cfg(target_os = "linux")]
type WakeupChannel = rustix::fd::OwnedFd;
#[cfg(all(unix, not(target_os = "linux")))]
type WakeupChannel = (
    std::os::unix::net::UnixStream,
    std::os::unix::net::UnixStream,
);
#[cfg(windows)]
type WakeupChannel = (std::net::TcpStream, std::net::TcpStream);

/// Wakes one sleeper. Any number of threads may wake it.
#[derive(Debug)]
pub(crate) struct Waker {
    sleep: Sleep,
    channel: WakeupChannel,
    begin: Instant,
    /// When the sleeper was woken, in nanoseconds since `begin`; 0: it has noticed.
    woken: AtomicU64,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            sleep: Sleep::new(),
            channel: open()?,
            begin: Instant::now(),
            woken: AtomicU64::new(0),
        })
    }

    /// Wakes the sleeper if it sleeps. Never blocks.
    pub(crate) fn wake(&self) {
        if self.sleep.must_wake() {
            self.woken.store(self.now().max(1), Ordering::Release);
            signal(&self.channel);
        }
    }

    /// Clears the signal after the sleeper woke up. Returns how long ago it was sent.
    pub(crate) fn clear(&self) -> Duration {
        drain(&self.channel);
        match self.woken.swap(0, Ordering::AcqRel) {
            0 => Duration::ZERO,
            woken => Duration::from_nanos(self.now().saturating_sub(woken)),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Takes the sleeper's next piece of work. `None`: it may go to sleep.
    pub(crate) fn next<T>(&self, take: impl FnMut() -> Option<T>) -> Option<T> {
        self.sleep.next(take)
    }

    /// Wakes the sleeper again, which has more to do.
    pub(crate) fn wake_again(&self) {
        self.sleep.doze();
        if self.sleep.must_wake() {
            signal(&self.channel);
        }
    }

    /// The descriptor that the loop watches.
    pub(crate) fn handle(&self) -> i64 {
        handle(&self.channel)
    }
}

#[cfg(target_os = "linux")]
fn open() -> io::Result<WakeupChannel> {
    use rustix::event::{EventfdFlags, eventfd};
    Ok(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?)
}

#[cfg(target_os = "linux")]
fn signal(channel: &WakeupChannel) {
    // A full counter means that a signal is already there.
    let _ = rustix::io::write(channel, &1u64.to_ne_bytes());
}

#[cfg(target_os = "linux")]
fn drain(channel: &WakeupChannel) {
    let _ = rustix::io::read(channel, &mut [0u8; 8]);
}

#[cfg(target_os = "linux")]
fn handle(channel: &WakeupChannel) -> i64 {
    use std::os::fd::AsRawFd;
    channel.as_raw_fd().into()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn open() -> io::Result<WakeupChannel> {
    let (reader, writer) = std::os::unix::net::UnixStream::pair()?;
    reader.set_nonblocking(true)?;
    writer.set_nonblocking(true)?;
    Ok((reader, writer))
}

#[cfg(windows)]
pub(crate) fn open() -> io::Result<WakeupChannel> {
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let writer = TcpStream::connect(listener.local_addr()?)?;
    let own = writer.local_addr()?;
    // Anyone on this machine can connect: take the connection that is ours.
    let reader = loop {
        let (stream, peer) = listener.accept()?;
        if peer == own {
            break stream;
        }
    };
    writer.set_nodelay(true)?;
    reader.set_nonblocking(true)?;
    writer.set_nonblocking(true)?;
    Ok((reader, writer))
}

#[cfg(not(target_os = "linux"))]
fn signal((_, writer): &WakeupChannel) {
    // A full buffer means that a signal is already there.
    let _ = io::Write::write(&mut &*writer, &[1]);
}

#[cfg(not(target_os = "linux"))]
fn drain((reader, _): &WakeupChannel) {
    let _ = io::Read::read(&mut &*reader, &mut [0u8; 64]);
}

#[cfg(all(unix, not(target_os = "linux")))]
fn handle((reader, _): &WakeupChannel) -> i64 {
    use std::os::fd::AsRawFd;
    reader.as_raw_fd().into()
}

#[cfg(windows)]
fn handle((reader, _): &WakeupChannel) -> i64 {
    use std::os::windows::io::AsRawSocket;
    reader.as_raw_socket() as i64
}
