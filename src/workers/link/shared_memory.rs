//! Transfers large bodies in shared memory: a sealed memfd whose descriptor goes over the link.
//! Linux.
//!
//! A sealed memory can neither grow, shrink nor change, so the receiver may map it safely. The host
//! copies it instead, because it passes bodies on as a `Vec`.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, IoSlice, IoSliceMut, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::FileExt, net::UnixStream},
    },
};

use rustix::{
    cmsg_space,
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, memfd_create},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};

/// The seals that the memory of a body must have, on either side.
const SEALS: SealFlags = SealFlags::GROW
    .union(SealFlags::SHRINK)
    .union(SealFlags::WRITE)
    .union(SealFlags::SEAL);

/// Puts a body into shared memory.
pub(crate) fn put(body: &[u8]) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut file = File::from(memfd_create("transom-body", flags)?);
    file.write_all(body)?;
    fcntl_add_seals(&file, SEALS)?;
    Ok(file.into())
}

/// Reads the `len` bytes of a body from shared memory. An error says what is wrong with the
/// descriptor.
pub(crate) fn take(memory: OwnedFd, len: usize) -> Result<Vec<u8>, String> {
    // Only a memory has seals. Anything else might keep its reader waiting.
    let seals = fcntl_get_seals(&memory).map_err(|_| "a body in what is no shared memory")?;
    if !seals.contains(SEALS) {
        return Err("a body in shared memory without its seals".into());
    }
    let wrong = |error: io::Error| format!("a body that cannot be read: {error}");
    let size = fstat(&memory).map_err(|error| wrong(error.into()))?.st_size;
    if usize::try_from(size) != Ok(len) {
        return Err(format!("a body of {len} bytes in shared memory of {size}"));
    }
    let mut body = vec![0; len];
    File::from(memory)
        .read_exact_at(&mut body, 0)
        .map_err(wrong)?;
    Ok(body)
}

/// Sends a part of a frame, with the descriptor beside its first byte.
pub(crate) fn send(socket: &UnixStream, part: &[u8], memory: &OwnedFd) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let memory = [memory.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&memory)) {
        return Err(io::Error::other("no space for a descriptor"));
    }
    let part = [IoSlice::new(part)];
    Ok(sendmsg(socket, &part, &mut control, SendFlags::NOSIGNAL)?)
}

/// Reads once: bytes, and the descriptors that came with them. A read ends after bytes that came
/// with a descriptor.
pub(crate) fn receive(
    socket: &UnixStream,
    piece: &mut [u8],
    came: &mut VecDeque<OwnedFd>,
) -> io::Result<usize> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut piece = [IoSliceMut::new(piece)];
    let message = recvmsg(socket, &mut piece, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    for control in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = control {
            came.extend(descriptors);
        }
    }
    if message.flags.contains(ReturnFlags::CTRUNC) {
        return Err(io::Error::other("a descriptor could not be taken"));
    }
    Ok(message.bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn unsealed(bytes: &[u8]) -> OwnedFd {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(memfd_create("test", flags).unwrap());
        file.write_all(bytes).unwrap();
        file.into()
    }

    #[test]
    fn a_body_comes_out_as_it_went_in() {
        for len in [1, 4096, 1_000_003] {
            let body: Vec<u8> = (0..len).map(|i| u8::try_from(i % 251).unwrap()).collect();
            assert_eq!(take(put(&body).unwrap(), len), Ok(body));
        }
    }

    #[test]
    fn a_read_ends_with_the_bytes_of_a_descriptor() {
        let (here, there) = UnixStream::pair().unwrap();
        let mut came = VecDeque::new();
        let mut piece = [0; 64];
        (&here).write_all(b"before").unwrap();
        send(&here, b"with", &put(b"body").unwrap()).unwrap();
        (&here).write_all(b"after").unwrap();
        assert_eq!(receive(&there, &mut piece, &mut came).unwrap(), 10);
        assert_eq!(take(came.pop_front().unwrap(), 4), Ok(b"body".to_vec()));
        assert_eq!(receive(&there, &mut piece, &mut came).unwrap(), 5);
        assert!(came.is_empty());
    }

    #[test]
    fn what_is_no_sealed_memory_of_that_length_is_refused() {
        let (pipe, _other) = std::io::pipe().unwrap();
        assert!(
            take(pipe.into(), 3)
                .unwrap_err()
                .contains("no shared memory")
        );
        assert!(take(File::open("/dev/zero").unwrap().into(), 3).is_err());
        assert!(take(unsealed(b"abc"), 3).unwrap_err().contains("seals"));
        assert!(take(put(b"abc").unwrap(), 4).unwrap_err().contains("of 3"));
        assert!(take(put(b"abc").unwrap(), 2).is_err());
    }
}
