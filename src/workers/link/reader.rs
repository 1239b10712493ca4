//! Reads frames and shared-memory descriptors from a worker's socket. Unix only.

use std::{
    collections::VecDeque,
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use super::{frame::Decoder, shared_memory};
use crate::workers::process::listener::WorkerListener;

/// How many pieces are read before the thread does its other work.
const TURN: usize = 64;

/// The receiving side of a link.
#[derive(Debug)]
pub(crate) struct Inward {
    decoder: Decoder,
    /// Shared memories whose frames are not complete yet.
    memories: VecDeque<OwnedFd>,
}

impl Inward {
    pub(crate) fn new(max_body: usize) -> Self {
        Self {
            decoder: Decoder::new(max_body),
            memories: VecDeque::new(),
        }
    }

    /// Reads some frames. It stops after one turn, so that a worker that never pauses does not keep
    /// the thread from its other work. `false`: the link has ended. `all`: the process has ended,
    /// and nothing more comes. An error says what is wrong with a frame.
    pub(crate) fn receive(
        &mut self,
        socket: &UnixStream,
        piece: &mut [u8],
        listener: &dyn WorkerListener,
        all: bool,
    ) -> Result<bool, String> {
        for _ in 0..if all { usize::MAX } else { TURN } {
            match shared_memory::receive(socket, piece, &mut self.memories) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    self.decoder.feed(&piece[..n]);
                    self.hand_over(listener)?;
                    if n < piece.len() && !all {
                        return Ok(true);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn hand_over(&mut self, listener: &dyn WorkerListener) -> Result<(), String> {
        while let Some(mut frame) = self.decoder.next()? {
            if let Some(len) = frame.apart {
                let memory = self
                    .memories
                    .pop_front()
                    .ok_or("a body that did not come")?;
                frame.body = shared_memory::take(memory, len)?;
            }
            listener.frame(frame)?;
        }
        // A memory comes with the first byte of its frame, and a read ends with the bytes of one.
        match self.memories.len() {
            0 | 1 => Ok(()),
            more => Err(format!("{more} shared memories for one frame")),
        }
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{io::Write, sync::Mutex};

    use super::*;
    use crate::workers::{
        link::frame::{Frame, Kind, encode, mark_apart},
        process::exit_status::Exit,
    };

    #[derive(Default)]
    struct Bodies(Mutex<Vec<Vec<u8>>>);

    impl WorkerListener for Bodies {
        fn frame(&self, frame: Frame) -> Result<(), String> {
            self.0.lock().unwrap().push(frame.body);
            Ok(())
        }

        fn line(&self, _error: bool, _line: &str) {}

        fn overweight(&self) {}

        fn ended(&self, _exit: Exit) {}
    }

    fn apart(len: usize) -> Vec<u8> {
        let mut frame = encode(Kind::Raw, b"{}", len).unwrap();
        mark_apart(&mut frame, true);
        frame
    }

    /// What becomes of what `send` sends.
    fn received(send: impl FnOnce(&UnixStream)) -> (Result<bool, String>, Vec<Vec<u8>>) {
        let (here, there) = UnixStream::pair().unwrap();
        send(&here);
        drop(here);
        let bodies = Bodies::default();
        let mut inward = Inward::new(1024);
        let end = inward.receive(&there, &mut [0; 512], &bodies, true);
        (end, bodies.0.into_inner().unwrap())
    }

    #[test]
    fn bodies_that_come_apart_come_in_order_with_the_others() {
        let (end, bodies) = received(|socket| {
            let memory = shared_memory::put(b"first").unwrap();
            shared_memory::send(socket, &apart(5), &memory).unwrap();
            (&*socket)
                .write_all(&encode(Kind::Raw, b"{}", 6).unwrap())
                .unwrap();
            (&*socket).write_all(b"second").unwrap();
            let memory = shared_memory::put(b"third").unwrap();
            let frame = apart(5);
            shared_memory::send(socket, &frame[..1], &memory).unwrap();
            (&*socket).write_all(&frame[1..]).unwrap();
        });
        assert_eq!(end, Ok(false));
        assert_eq!(bodies, [&b"first"[..], b"second", b"third"]);
    }

    #[test]
    fn a_body_that_is_not_what_its_frame_says_is_a_malformed_frame() {
        let (end, bodies) = received(|socket| (&*socket).write_all(&apart(5)).unwrap());
        assert_eq!((end.is_err(), bodies.len()), (true, 0));
        let (end, bodies) = received(|socket| {
            shared_memory::send(socket, &apart(5), &shared_memory::put(b"four").unwrap()).unwrap();
        });
        assert_eq!((end.is_err(), bodies.len()), (true, 0));
        let (end, _) = received(|socket| {
            shared_memory::send(
                socket,
                &apart(1025),
                &shared_memory::put(&[0; 1025]).unwrap(),
            )
            .unwrap();
        });
        assert!(end.unwrap_err().contains("too large"));
    }

    #[test]
    fn a_memory_that_belongs_to_no_frame_is_one_too() {
        let (end, _) = received(|socket| {
            let memory = shared_memory::put(b"x").unwrap();
            let frame = encode(Kind::Ready, b"", 0).unwrap();
            shared_memory::send(socket, &frame, &memory).unwrap();
            shared_memory::send(socket, &frame, &memory).unwrap();
        });
        assert!(end.is_err());
    }
}
