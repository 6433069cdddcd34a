//! Standard input.
//!
//! It holds the text of the plan and comes line by line, as from a terminal:
//! what a read gives is at most the rest of a line. Each read is a step, also
//! under a lock, since the line that it waits for may come late. Where peers
//! type on it, it goes on after the text, and a read of what was not typed yet
//! waits.

use std::fmt;
use std::io::{BufRead, IoSliceMut, Lines, Read, Result};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};

use super::lock::{Held, Lock, nearest};
use super::output::descriptor;
use crate::host;
use crate::kernel::{self, Outward};
use crate::op::{Object, Op};
use crate::sync::Cell;

static IN: Input = Input {
    lock: Lock::new(0, false),
    text: Cell::new(None),
    read: Cell::new(0),
    there: Cell::new(0),
};

struct Input {
    lock: Lock,
    /// All of it that is known; `None` before the first read.
    text: Cell<Option<&'static [u8]>>,
    /// How much of it was consumed.
    read: Cell<usize>,
    /// How much of it has come.
    there: Cell<usize>,
}

/// What peers type on the running program's input, if they may.
fn typing() -> Option<&'static Outward> {
    let open = kernel::with(|kernel| kernel.program().is_some_and(|program| program.open));
    open.filter(|open| *open).and_then(|_| kernel::outward())
}

impl Input {
    /// The whole text, as far as it is known, which lives as long as the
    /// execution.
    fn text(&self) -> &'static [u8] {
        let text = match self.text.get() {
            Some(text) => text,
            None => {
                let text = given();
                self.text.set(Some(text));
                text
            }
        };
        let Some(typing) = typing() else { return text };
        let more = text.len() - given().len();
        let grown = typing
            .typed
            .look(|typed| (typed.len() > more).then(|| [text, &typed[more..]].concat()));
        match grown {
            None => text,
            Some(grown) => {
                // The old text is still borrowed, maybe; its memory goes with
                // the execution.
                let grown: &'static [u8] = Vec::leak(grown);
                self.text.set(Some(grown));
                grown
            }
        }
    }

    /// What has come and was not consumed; the next line when there is none
    /// left. Empty at the end of the input.
    fn fill(&self) -> &'static [u8] {
        let text = self.text();
        if self.read.get() == self.there.get() {
            let rest = &text[self.there.get()..];
            let line = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |end| end + 1);
            self.there.set(self.there.get() + line);
        }
        &text[self.read.get()..self.there.get()]
    }

    fn consume(&self, length: usize) {
        self.read
            .set((self.read.get() + length).min(self.there.get()));
    }

    /// Everything that is left and has come.
    fn rest(&self) -> &'static [u8] {
        let text = self.text();
        let rest = &text[self.read.get()..];
        self.there.set(text.len());
        self.read.set(text.len());
        rest
    }

    /// Waits until there is something that was not consumed, or no more will
    /// come: a step, where it has to wait. Gives whether more may come after
    /// what is there.
    fn await_more(&self, place: Option<&'static Location<'static>>) -> bool {
        let Some(typing) = typing() else { return false };
        let consumed = self.read.get();
        if self.text().len() == consumed && !typing.hung_up.get() {
            let given = given().len();
            let more = || {
                typing.hung_up.get() || typing.typed.look(|typed| given + typed.len() > consumed)
            };
            let op = Op::new("Stdin::read", "reads from", self.lock.object()).when(&more);
            match place {
                Some(place) => kernel::step(&op.at(place)),
                None => host::take(op),
            };
        }
        !typing.hung_up.get()
    }
}

/// What standard input holds at the beginning.
fn given() -> &'static [u8] {
    let text = kernel::with(|kernel| {
        let stdin = kernel.program().map_or("", |program| &program.stdin);
        stdin.as_bytes().as_ptr_range()
    });
    match text {
        // SAFETY: the plan is part of the kernel, which is never freed, and
        // nobody changes it.
        Some(range) => unsafe {
            std::slice::from_raw_parts(range.start, range.end.offset_from_unsigned(range.start))
        },
        None => &[],
    }
}

/// See [`std::io::Stdin`].
pub struct Stdin {
    input: &'static Input,
    /// Where it was asked for.
    place: &'static Location<'static>,
}

/// What is read through a duplicate of the descriptor, which does not know of
/// the lock. `step` takes the step, on the stream that it is given.
pub(crate) fn read_past_the_lock(buffer: &mut [u8], step: impl FnOnce(Object)) -> usize {
    step(IN.lock.object());
    let reading = Reading {
        input: &IN,
        place: None,
        _held: None,
    };
    reading.some(buffer)
}

/// See [`std::io::StdinLock`].
#[must_use = "if unused stdin will immediately unlock"]
pub struct StdinLock<'a> {
    input: &'a Input,
    /// Where it was locked.
    place: &'static Location<'static>,
    _held: Held,
}

// SAFETY: a shared reference to the lock gives no access to the input.
unsafe impl Sync for StdinLock<'_> {}

impl UnwindSafe for Stdin {}
impl RefUnwindSafe for Stdin {}
impl UnwindSafe for StdinLock<'_> {}
impl RefUnwindSafe for StdinLock<'_> {}

/// See [`std::io::stdin`].
#[must_use]
#[track_caller]
pub fn stdin() -> Stdin {
    Stdin {
        input: &IN,
        place: Location::caller(),
    }
}

impl Stdin {
    /// See [`std::io::Stdin::lock`].
    #[track_caller]
    pub fn lock(&self) -> StdinLock<'static> {
        self.lock_at(nearest(Location::caller(), self.place))
    }

    fn lock_at(&self, place: &'static Location<'static>) -> StdinLock<'static> {
        StdinLock {
            input: self.input,
            place,
            _held: self.input.lock.take("Stdin::lock", "locks", place),
        }
    }

    /// See [`std::io::Stdin::read_line`].
    ///
    /// # Errors
    /// When the line is not UTF-8, which the text of a plan always is.
    #[track_caller]
    pub fn read_line(&self, buffer: &mut String) -> Result<usize> {
        self.reads().line(buffer)
    }

    /// See [`std::io::Stdin::lines`].
    #[track_caller]
    pub fn lines(self) -> Lines<StdinLock<'static>> {
        self.lock_at(nearest(Location::caller(), self.place))
            .lines()
    }

    /// Takes the lock for one read.
    #[track_caller]
    fn reads(&self) -> Reading {
        let place = nearest(Location::caller(), self.place);
        let held = self.input.lock.take("Stdin::read", "reads from", place);
        Reading {
            input: self.input,
            place: Some(place),
            _held: Some(held),
        }
    }
}

impl StdinLock<'_> {
    /// A read under a lock that was taken before.
    #[track_caller]
    fn reads(&self) -> Reading {
        let place = nearest(Location::caller(), self.place);
        IN.lock.step("Stdin::read", "reads from", place);
        Reading {
            input: &IN,
            place: Some(place),
            _held: None,
        }
    }
}

/// A read, whose step has been taken.
struct Reading {
    input: &'static Input,
    /// Where it reads; the place of the system call where that is not known.
    place: Option<&'static Location<'static>>,
    _held: Option<Held>,
}

impl Reading {
    fn told(bytes: &'static [u8]) -> &'static [u8] {
        kernel::value(|| match bytes {
            [] => "the end".to_owned(),
            bytes => format!("{:?}", String::from_utf8_lossy(bytes)),
        });
        bytes
    }

    /// What has come, waiting for it where there is nothing yet.
    fn fill(&self) -> &'static [u8] {
        self.input.await_more(self.place);
        self.input.fill()
    }

    fn some(self, buffer: &mut [u8]) -> usize {
        let there = self.fill();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        self.input.consume(length);
        Self::told(&there[..length]);
        length
    }

    fn line(self, buffer: &mut String) -> Result<usize> {
        let mut line: &'static [u8] = &[];
        loop {
            let there = Self::told(self.fill());
            self.input.consume(there.len());
            line = match line {
                [] => there,
                line => Vec::leak([line, there].concat()),
            };
            // What is typed may come before the end of its line.
            if there.is_empty() || there.ends_with(b"\n") || typing().is_none() {
                break;
            }
        }
        buffer.push_str(as_text(line)?);
        Ok(line.len())
    }

    fn all(self) -> &'static [u8] {
        let mut all: &'static [u8] = &[];
        while self.input.await_more(self.place) {
            all = Vec::leak([all, self.input.rest()].concat());
        }
        match all {
            [] => Self::told(self.input.rest()),
            all => Self::told(Vec::leak([all, self.input.rest()].concat())),
        }
    }

    /// Fills the whole buffer, or takes what there is and fails.
    fn exactly(self, buffer: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            let there = self.fill();
            let length = there.len().min(buffer.len() - filled);
            if length == 0 {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::UnexpectedEof,
                    "failed to fill whole buffer",
                ));
            }
            buffer[filled..filled + length].copy_from_slice(&there[..length]);
            self.input.consume(length);
            filled += length;
        }
        Ok(())
    }
}

/// Bytes as text; a read may have stopped in the middle of a character.
fn as_text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| {
        std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "stream did not contain valid UTF-8",
        )
    })
}

macro_rules! read {
    ($Type:ty) => {
        impl Read for $Type {
            #[track_caller]
            fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
                Ok(self.reads().some(buffer))
            }

            #[track_caller]
            fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
                match buffers.iter_mut().find(|buffer| !buffer.is_empty()) {
                    Some(buffer) => Ok(self.reads().some(buffer)),
                    None => Ok(0),
                }
            }

            #[track_caller]
            fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
                let all = self.reads().all();
                buffer.extend_from_slice(all);
                Ok(all.len())
            }

            #[track_caller]
            fn read_to_string(&mut self, buffer: &mut String) -> Result<usize> {
                let all = self.reads().all();
                buffer.push_str(as_text(all)?);
                Ok(all.len())
            }

            #[track_caller]
            fn read_exact(&mut self, buffer: &mut [u8]) -> Result<()> {
                self.reads().exactly(buffer)
            }
        }
    };
}

read!(Stdin);
read!(&Stdin);
read!(StdinLock<'_>);

impl BufRead for StdinLock<'_> {
    #[track_caller]
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.input.read.get() < self.input.there.get() {
            return Ok(self.input.fill());
        }
        let reading = self.reads();
        Ok(Reading::told(reading.fill()))
    }

    fn consume(&mut self, length: usize) {
        self.input.consume(length);
    }

    #[track_caller]
    fn read_line(&mut self, buffer: &mut String) -> Result<usize> {
        self.reads().line(buffer)
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdin").finish_non_exhaustive()
    }
}

impl fmt::Debug for StdinLock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StdinLock").finish_non_exhaustive()
    }
}

descriptor!(Stdin, 0);
descriptor!(StdinLock<'_>, 0);
