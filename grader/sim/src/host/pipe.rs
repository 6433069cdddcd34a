//! Pipes: `std::io::pipe`.
//!
//! A pipe holds 64 KiB, as on Linux, and a write of at most 4096 bytes goes in
//! whole. To read from an empty one is a step that waits for a writer, and to
//! write to a full one a step that waits for a reader; so a deadlock on pipes
//! is seen as one. That an end is closed is a step where it is the last of its
//! kind and somebody could notice.

use std::collections::VecDeque;
use std::panic::Location;

use super::here;
use crate::kernel;
use crate::op::{Kind, Object, Op};
use crate::sync::Cell;

/// Bytes that a pipe holds (`pipe(7)`).
const CAPACITY: usize = 64 << 10;
/// Bytes that are written whole or not at all (`PIPE_BUF`).
const WHOLE: usize = 4096;

/// The pipes of this execution. A static, and so none in the next one.
static PIPES: Cell<Vec<Pipe>> = Cell::new(Vec::new());

struct Pipe {
    bytes: VecDeque<u8>,
    /// Descriptors that can be read from.
    readers: usize,
    /// Descriptors that can be written to.
    writers: usize,
    made: Option<&'static Location<'static>>,
}

/// Which pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(usize);

/// Which end of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Reading,
    Writing,
}

/// A new pipe, with a descriptor at each end.
pub(super) fn new() -> Number {
    let made = here::place();
    PIPES.with_mut(|pipes| {
        pipes.push(Pipe {
            bytes: VecDeque::new(),
            readers: 1,
            writers: 1,
            made,
        });
        Number(pipes.len() - 1)
    })
}

impl Number {
    fn with<R>(self, f: impl FnOnce(&mut Pipe) -> R) -> R {
        // Pipes are never removed: the number is that of one.
        PIPES.with_mut(|pipes| f(&mut pipes[self.0]))
    }

    fn object(self) -> Object {
        Object {
            kind: Kind::Pipe,
            id: self.0 + 1,
            number: 0,
            made: self.with(|pipe| pipe.made),
        }
    }

    /// Another descriptor for an end.
    pub(super) fn open(self, end: End) {
        self.with(|pipe| match end {
            End::Reading => pipe.readers += 1,
            End::Writing => pipe.writers += 1,
        });
    }

    /// A descriptor of an end is closed.
    pub(super) fn close(self, end: End) {
        let (last, noticed) = self.with(|pipe| match end {
            End::Reading => (pipe.readers == 1, pipe.writers > 0),
            End::Writing => (pipe.writers == 1, pipe.readers > 0),
        });
        if last && noticed {
            let (call, verb) = match end {
                End::Reading => ("PipeReader::drop", "closes the last reading end of"),
                End::Writing => ("PipeWriter::drop", "closes the last writing end of"),
            };
            here::take(Op::new(call, verb, self.object()));
        }
        self.with(|pipe| match end {
            End::Reading => pipe.readers -= 1,
            End::Writing => pipe.writers -= 1,
        });
    }

    /// Reads what is there, as far as it fits; nothing at the end of what was
    /// written.
    pub(super) fn read(self, buffer: &mut [u8]) -> usize {
        if buffer.is_empty() {
            return 0;
        }
        let ready = || self.with(|pipe| !pipe.bytes.is_empty() || pipe.writers == 0);
        here::take(Op::new("PipeReader::read", "reads from", self.object()).when(&ready));
        let length = self.with(|pipe| {
            let length = pipe.bytes.len().min(buffer.len());
            for (place, byte) in buffer.iter_mut().zip(pipe.bytes.drain(..length)) {
                *place = byte;
            }
            length
        });
        kernel::value(|| match length {
            0 => "the end".to_owned(),
            _ => shown(&buffer[..length]),
        });
        length
    }

    /// Writes all of it, in as many parts as the pipe has room for; less only
    /// when nobody can read it any more.
    ///
    /// # Errors
    /// When nobody could read any of it.
    pub(super) fn write(self, bytes: &[u8]) -> Result<usize, libc::c_int> {
        let mut written = 0;
        while written < bytes.len() {
            let rest = &bytes[written..];
            let needed = if bytes.len() <= WHOLE { rest.len() } else { 1 };
            let ready =
                || self.with(|pipe| pipe.readers == 0 || CAPACITY - pipe.bytes.len() >= needed);
            here::take(Op::new("PipeWriter::write", "writes to", self.object()).when(&ready));
            let part = self.with(|pipe| {
                let room = CAPACITY - pipe.bytes.len();
                let part = match pipe.readers {
                    0 => &[],
                    _ => &rest[..rest.len().min(room)],
                };
                pipe.bytes.extend(part);
                part.len()
            });
            kernel::value(|| match part {
                0 => "there is no reader any more".to_owned(),
                _ => shown(&rest[..part]),
            });
            match (part, written) {
                (0, 0) => return Err(libc::EPIPE),
                (0, _) => break,
                _ => written += part,
            }
        }
        Ok(written)
    }
}

/// Bytes as a timeline shows them.
fn shown(bytes: &[u8]) -> String {
    const SHOWN: usize = 40;
    match bytes.len() {
        0..=SHOWN => format!("{:?}", String::from_utf8_lossy(bytes)),
        length => format!("{length} bytes"),
    }
}
