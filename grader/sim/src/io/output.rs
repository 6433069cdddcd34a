//! Standard output and standard error.

use std::fmt;
use std::io::{IoSlice, Result, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::process::Stdio;

use verdict::{Stream, What};

use super::lock::{Held, Lock, nearest};
use crate::kernel;
use crate::op::Object;
use crate::sync::Cell;

pub(super) static OUT: Output = Output::new(Stream::Stdout, 1);
pub(super) static ERR: Output = Output::new(Stream::Stderr, 2);
/// What is written through duplicates of the descriptors, which do not know of
/// the locks above.
static PAST_OUT: Output = Output::new(Stream::Stdout, 1);
static PAST_ERR: Output = Output::new(Stream::Stderr, 2);

/// A stream that is written to.
pub(super) struct Output {
    stream: Stream,
    lock: Lock,
    /// What the call that is under way has written; after it, the beginning of
    /// a character of which the rest is still to come.
    pending: Cell<Vec<u8>>,
    /// Calls that are under way: one in another when a `Display` prints.
    calls: Cell<u32>,
}

impl Output {
    const fn new(stream: Stream, descriptor: usize) -> Output {
        Output {
            stream,
            lock: Lock::new(descriptor, true),
            pending: Cell::new(Vec::new()),
            calls: Cell::new(0),
        }
    }

    /// Takes the lock for a call.
    pub(super) fn take(
        &'static self,
        call: &'static str,
        verb: &'static str,
        place: &'static Location<'static>,
    ) -> Held {
        self.lock.take(call, verb, place)
    }

    /// Begins a call; the lock must be held.
    pub(super) fn begin(&'static self) -> Call {
        self.calls.set(self.calls.get() + 1);
        Call(self)
    }

    /// Records what is complete of the pending bytes; `all` of them at the end
    /// of the process.
    fn tell(&self, all: bool) {
        let bytes = self.pending.take();
        let complete = match std::str::from_utf8(&bytes) {
            Err(error) if error.error_len().is_none() && !all => error.valid_up_to(),
            // An error in the middle hides what is at the end: look there too.
            Err(_) if !all => bytes.len() - unfinished(&bytes),
            _ => bytes.len(),
        };
        let text = String::from_utf8_lossy(&bytes[..complete]).into_owned();
        self.pending.set(bytes[complete..].to_vec());
        if !text.is_empty() {
            kernel::value(|| format!("{text:?}"));
            kernel::record(What::Print {
                stream: self.stream,
                text,
            });
        }
    }
}

/// How many bytes at the end begin a character and do not finish it.
fn unfinished(bytes: &[u8]) -> usize {
    (1..=3.min(bytes.len()))
        .find(|length| {
            let tail = &bytes[bytes.len() - length..];
            tail[0] >= 0xc0
                && matches!(std::str::from_utf8(tail), Err(error) if error.error_len().is_none())
        })
        .unwrap_or(0)
}

/// Records what an unfinished character has left, as at the end of a process.
pub(crate) fn flush_at_exit() {
    for output in [&OUT, &ERR, &PAST_OUT, &PAST_ERR] {
        output.tell(true);
    }
}

/// What is written through a duplicate of descriptor 1 or 2. `step` takes the
/// step, on the stream that it is given.
pub(crate) fn write_past_the_lock(descriptor: i32, bytes: &[u8], step: impl FnOnce(Object)) {
    let output = match descriptor {
        1 => &PAST_OUT,
        _ => &PAST_ERR,
    };
    step(output.lock.object());
    output.begin().write(bytes);
}

/// What the real std itself writes to standard error, such as the error that
/// `main` returned; recorded line by line. Where memory is used up there is none to
/// say so with.
pub(crate) fn from_std(bytes: &[u8]) {
    let has_room = ERR.pending.with_mut(|pending| {
        let has_room = pending.try_reserve(bytes.len()).is_ok();
        if has_room {
            pending.extend_from_slice(bytes);
        }
        has_room
    });
    if !has_room {
        return;
    }
    if bytes.ends_with(b"\n") && ERR.calls.get() == 0 {
        ERR.tell(false);
    }
}

/// A call that writes; its text is recorded when it ends, in whatever way.
pub(super) struct Call(&'static Output);

impl Call {
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.0
            .pending
            .with_mut(|pending| pending.extend_from_slice(bytes));
    }
}

impl fmt::Write for Call {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.write(text.as_bytes());
        Ok(())
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let calls = self.0.calls.get() - 1;
        self.0.calls.set(calls);
        if calls == 0 {
            self.0.tell(false);
        }
    }
}

/// What `write_fmt` says when a `Display` fails although the stream did not.
const FORMATTER: &str =
    "a formatting trait implementation returned an error when the underlying stream did not";

macro_rules! output {
    ($Stream:ident, $Lock:ident, $function:ident, $output:ident, $descriptor:literal) => {
        #[doc = concat!("See [`std::io::", stringify!($Stream), "`].")]
        pub struct $Stream {
            output: &'static Output,
            /// Where it was asked for.
            place: &'static Location<'static>,
        }

        #[doc = concat!("See [`std::io::", stringify!($Lock), "`].")]
        #[must_use = "if unused stream will immediately unlock"]
        pub struct $Lock<'a> {
            output: &'a Output,
            /// Where it was locked.
            place: &'static Location<'static>,
            _held: Held,
        }

        #[doc = concat!("See [`std::io::", stringify!($function), "`].")]
        #[must_use]
        #[track_caller]
        pub fn $function() -> $Stream {
            let place = Location::caller();
            $Stream {
                output: &$output,
                place,
            }
        }

        impl UnwindSafe for $Stream {}
        impl RefUnwindSafe for $Stream {}
        impl UnwindSafe for $Lock<'_> {}
        impl RefUnwindSafe for $Lock<'_> {}

        impl $Stream {
            #[doc = concat!("See [`std::io::", stringify!($Stream), "::lock`].")]
            #[track_caller]
            pub fn lock(&self) -> $Lock<'static> {
                const CALL: &str = concat!(stringify!($Stream), "::lock");
                let place = nearest(Location::caller(), self.place);
                $Lock {
                    output: self.output,
                    place,
                    _held: self.output.take(CALL, "locks", place),
                }
            }
        }

        impl Write for $Stream {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                (&*self).write(bytes)
            }

            #[track_caller]
            fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
                (&*self).write_vectored(buffers)
            }

            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                (&*self).write_all(bytes)
            }

            #[track_caller]
            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<()> {
                (&*self).write_fmt(args)
            }

            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }

        impl Write for &$Stream {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                self.write_all(bytes)?;
                Ok(bytes.len())
            }

            #[track_caller]
            fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
                const CALL: &str = concat!(stringify!($Stream), "::write_vectored");
                let place = nearest(Location::caller(), self.place);
                let _held = $output.take(CALL, "writes to", place);
                let mut call = $output.begin();
                buffers.iter().for_each(|buffer| call.write(buffer));
                Ok(buffers.iter().map(|buffer| buffer.len()).sum())
            }

            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                const CALL: &str = concat!(stringify!($Stream), "::write");
                let place = nearest(Location::caller(), self.place);
                let _held = $output.take(CALL, "writes to", place);
                $output.begin().write(bytes);
                Ok(())
            }

            #[track_caller]
            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<()> {
                const CALL: &str = concat!(stringify!($Stream), "::write_fmt");
                let place = nearest(Location::caller(), self.place);
                let _held = $output.take(CALL, "writes to", place);
                formatted($output.begin(), args)
            }

            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }

        impl $Lock<'_> {
            /// A call that writes under a lock which was taken long before.
            #[track_caller]
            fn again(&self) -> Call {
                const CALL: &str = concat!(stringify!($Stream), "::write");
                let place = nearest(Location::caller(), self.place);
                self.output.lock.use_again(CALL, "writes to", place);
                $output.begin()
            }
        }

        impl Write for $Lock<'_> {
            #[track_caller]
            fn write(&mut self, bytes: &[u8]) -> Result<usize> {
                self.again().write(bytes);
                Ok(bytes.len())
            }

            #[track_caller]
            fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
                let mut call = self.again();
                buffers.iter().for_each(|buffer| call.write(buffer));
                Ok(buffers.iter().map(|buffer| buffer.len()).sum())
            }

            #[track_caller]
            fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
                self.again().write(bytes);
                Ok(())
            }

            #[track_caller]
            fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<()> {
                formatted(self.again(), args)
            }

            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }

        impl fmt::Debug for $Stream {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Stream)).finish_non_exhaustive()
            }
        }

        impl fmt::Debug for $Lock<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Lock)).finish_non_exhaustive()
            }
        }

        descriptor!($Stream, $descriptor);
        descriptor!($Lock<'_>, $descriptor);

        impl From<$Stream> for Stdio {
            fn from(_: $Stream) -> Stdio {
                Stdio::inherit()
            }
        }
    };
}

/// The descriptor of a standard stream. It is that of the examined process;
/// what a submission does with it is refused below std (see `host`).
macro_rules! descriptor {
    ($Type:ty, $descriptor:literal) => {
        impl AsRawFd for $Type {
            fn as_raw_fd(&self) -> RawFd {
                $descriptor
            }
        }

        impl AsFd for $Type {
            fn as_fd(&self) -> BorrowedFd<'_> {
                // SAFETY: the standard descriptors are open for as long as the
                // process lives: nothing in it owns them.
                unsafe { BorrowedFd::borrow_raw($descriptor) }
            }
        }
    };
}
pub(super) use descriptor;

output!(Stdout, StdoutLock, stdout, OUT, 1);
output!(Stderr, StderrLock, stderr, ERR, 2);

/// Formats piece by piece.
pub(super) fn formatted(mut call: Call, args: fmt::Arguments<'_>) -> Result<()> {
    match fmt::Write::write_fmt(&mut call, args) {
        Ok(()) => Ok(()),
        Err(fmt::Error) => panic!("{FORMATTER}"),
    }
}
