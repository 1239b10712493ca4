//! Queues the bytes that wait for a worker's socket, in order. Unix only.

use std::{
    collections::VecDeque,
    io::{self, Write},
    net::Shutdown,
    os::{fd::OwnedFd, unix::net::UnixStream},
};

use super::{frame, shared_memory};

/// The bytes that go to the worker.
#[derive(Debug, Default)]
pub(crate) struct Out {
    pieces: VecDeque<Piece>,
    /// How many bytes of the first piece were written.
    written: usize,
    /// Whether the link is shut down after the last piece.
    closing: bool,
}

#[derive(Debug)]
struct Piece {
    bytes: Vec<u8>,
    apart: Apart,
}

/// What is sent beside the bytes of a piece.
#[derive(Debug)]
enum Apart {
    Nothing,
    /// A body that has to be moved into shared memory first. Nothing overtakes it.
    Body(Vec<u8>),
    /// The body is being moved.
    Moving,
    /// The shared memory, until the first byte is written.
    Memory(OwnedFd),
}

impl Out {
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Shuts the link down after what was pushed so far.
    pub(crate) fn close(&mut self) {
        self.closing = true;
    }

    /// Adds bytes.
    pub(crate) fn push(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            let apart = Apart::Nothing;
            self.pieces.push_back(Piece { bytes, apart });
        }
    }

    /// Adds a frame whose body is sent separately.
    pub(crate) fn push_apart(&mut self, mut head: Vec<u8>, body: Vec<u8>) {
        frame::mark_apart(&mut head, true);
        let (bytes, apart) = (head, Apart::Body(body));
        self.pieces.push_back(Piece { bytes, apart });
    }

    /// The body that must be moved into shared memory before anything more can be written. It must
    /// be passed back to `moved`.
    pub(crate) fn body_to_move(&mut self) -> Option<Vec<u8>> {
        let first = self.pieces.front_mut()?;
        if !matches!(first.apart, Apart::Body(_)) {
            return None;
        }
        match std::mem::replace(&mut first.apart, Apart::Moving) {
            Apart::Body(body) => Some(body),
            _ => None,
        }
    }

    /// Sets the memory of that body. If there is none, the body goes through the link after all.
    pub(crate) fn moved(&mut self, memory: io::Result<OwnedFd>, body: Vec<u8>) {
        let first = self.pieces.front_mut();
        let Some(first) = first.filter(|it| matches!(it.apart, Apart::Moving)) else {
            return; // the other end has gone meanwhile
        };
        match memory {
            Ok(memory) => first.apart = Apart::Memory(memory),
            Err(_) => {
                first.apart = Apart::Nothing;
                frame::mark_apart(&mut first.bytes, false);
                let apart = Apart::Nothing;
                self.pieces.insert(1, Piece { bytes: body, apart });
            }
        }
    }

    /// Writes until the socket is full, `most` bytes are written, or nothing can be written any
    /// more.
    pub(crate) fn flush(&mut self, mut socket: &UnixStream, most: usize) {
        let mut budget = most;
        while let Some(piece) = self.pieces.front_mut() {
            let rest = &piece.bytes[self.written..];
            let part = &rest[..rest.len().min(budget)];
            if part.is_empty() {
                return;
            }
            let written = match &piece.apart {
                Apart::Nothing => socket.write(part),
                Apart::Memory(memory) => shared_memory::send(socket, part, memory),
                Apart::Body(_) | Apart::Moving => return,
            };
            match written {
                Ok(n) => {
                    self.written += n;
                    budget -= n;
                    piece.apart = Apart::Nothing;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The other end is gone: its thread sees it too.
                Err(_) => {
                    self.pieces.clear();
                    self.written = 0;
                    return;
                }
            }
            if self.written == piece.bytes.len() {
                self.pieces.pop_front();
                self.written = 0;
            }
        }
        if self.closing {
            let _ = socket.shutdown(Shutdown::Write);
        }
    }
}
