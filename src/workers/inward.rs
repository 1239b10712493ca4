//! What comes from a worker: frames, put together with the memories of their bodies. Unix.

use std::{
    collections::VecDeque,
    io,
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use super::{frame::Decoder, listener::Listener, shared};

/// Pieces that are read before the thread looks at the rest.
const TURN: usize = 64;

/// What comes over the link.
#[derive(Debug)]
pub(super) struct Inward {
    decoder: Decoder,
    /// Shared memories whose frames are not whole yet.
    memories: VecDeque<OwnedFd>,
}

impl Inward {
    pub(super) fn new(max_body: usize) -> Self {
        Self {
            decoder: Decoder::new(max_body),
            memories: VecDeque::new(),
        }
    }

    /// Takes frames, a turn of them: a worker that never pauses must not keep the thread from the
    /// rest. `false`: the link has ended. `all`: the process has, and nothing more comes. The error
    /// says what is wrong with a frame.
    pub(super) fn receive(
        &mut self,
        socket: &UnixStream,
        piece: &mut [u8],
        listener: &dyn Listener,
        all: bool,
    ) -> Result<bool, String> {
        for _ in 0..if all { usize::MAX } else { TURN } {
            match shared::receive(socket, piece, &mut self.memories) {
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

    fn hand_over(&mut self, listener: &dyn Listener) -> Result<(), String> {
        while let Some(mut frame) = self.decoder.next()? {
            if let Some(len) = frame.apart {
                let memory = self
                    .memories
                    .pop_front()
                    .ok_or("a body that did not come")?;
                frame.body = shared::take(memory, len)?;
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
        exit::Exit,
        frame::{Frame, Kind, encode, mark_apart},
    };

    #[derive(Default)]
    struct Bodies(Mutex<Vec<Vec<u8>>>);

    impl Listener for Bodies {
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
            let memory = shared::put(b"first").unwrap();
            shared::send(socket, &apart(5), &memory).unwrap();
            (&*socket)
                .write_all(&encode(Kind::Raw, b"{}", 6).unwrap())
                .unwrap();
            (&*socket).write_all(b"second").unwrap();
            let memory = shared::put(b"third").unwrap();
            let frame = apart(5);
            shared::send(socket, &frame[..1], &memory).unwrap();
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
            shared::send(socket, &apart(5), &shared::put(b"four").unwrap()).unwrap();
        });
        assert_eq!((end.is_err(), bodies.len()), (true, 0));
        let (end, _) = received(|socket| {
            shared::send(socket, &apart(1025), &shared::put(&[0; 1025]).unwrap()).unwrap();
        });
        assert!(end.unwrap_err().contains("too large"));
    }

    #[test]
    fn a_memory_that_belongs_to_no_frame_is_one_too() {
        let (end, _) = received(|socket| {
            let memory = shared::put(b"x").unwrap();
            let frame = encode(Kind::Ready, b"", 0).unwrap();
            shared::send(socket, &frame, &memory).unwrap();
            shared::send(socket, &frame, &memory).unwrap();
        });
        assert!(end.is_err());
    }
}
