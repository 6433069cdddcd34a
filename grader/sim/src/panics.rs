//! Panics of simulated threads.
//!
//! std's own machinery unwinds; what it knows of panics it knows of the one
//! thread of the system. How many panics are under way in which simulated
//! thread, and what the submission's hook is, is known here.

pub(crate) mod count;

use std::any::Any;
use std::panic::{Location, PanicHookInfo, UnwindSafe, catch_unwind};
use std::sync::Arc;

use verdict::{Stream, What};

use crate::entry;
use crate::host;
use crate::kernel;
use crate::op::{Object, Op};
use crate::sync::Cell;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// The submission's own hook, if it has set one. It is a static, and so gone
/// with each execution.
static HOOK: Cell<Option<Arc<Hook>>> = Cell::new(None);

/// How many threads run the hook.
static RUNNING: Cell<u32> = Cell::new(0);

/// Whether a panic of this execution has told of `RUST_BACKTRACE`.
static HINTED: Cell<bool> = Cell::new(false);

/// Makes panics of simulated threads part of the record instead of something
/// that the process prints.
pub(crate) fn install() {
    count::find();
    host::keys::find();
    std::panic::set_hook(Box::new(|info| {
        if !kernel::is_simulated() {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "the simulation failed: {info}");
            // Who would catch it is the submission, whose calls count on what
            // they have waited for.
            entry::leave(entry::LOST);
        }
        // It may come from a primitive that is not watched.
        kernel::watch();
        // It prints, which others may do before.
        kernel::step(&Op::new("panic", "panics", Object::NONE));
        // A panic's location lives as long as the program; its type does not
        // say so.
        let place = info.location().map(|at| verdict::Place {
            file: at.file().to_owned(),
            line: at.line(),
            column: at.column(),
        });
        kernel::tell_panic(
            message_of(info.payload()),
            place.filter(|place| is_shown(&place.file)),
        );
        // The hook stays where it is while it runs, as in std, which holds a lock
        // for that: other threads may panic meanwhile, but not replace it.
        RUNNING.set(RUNNING.get() + 1);
        match HOOK.with_mut(|hook| hook.clone()) {
            Some(hook) => hook(info),
            None => default_hook(info),
        }
        RUNNING.set(RUNNING.get() - 1);
    }));
}

/// Whether a file is the submission's or the scenario's.
fn is_shown(file: &str) -> bool {
    file.starts_with("src/") || file.starts_with("check/")
}

/// Prints what std's own hook prints, without the lock of the stream: a
/// process that panics has its say.
fn default_hook(info: &PanicHookInfo<'_>) {
    let thread = crate::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let number = kernel::number_in_process(kernel::current()) + 1;
    let at = info.location().map(Location::to_string).unwrap_or_default();
    let message = message_of(info.payload());
    let hint = if HINTED.replace(true) {
        ""
    } else {
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
    };
    kernel::record(What::Print {
        stream: Stream::Stderr,
        text: format!("\nthread '{name}' ({number}) panicked at {at}:\n{message}\n{hint}"),
    });
}

/// Bytes of a panic's message that are recorded.
const LONGEST_MESSAGE: usize = 4 << 10;

/// What a panic said; the beginning of it, where that is very long.
fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "Box<dyn Any>",
    };
    let end = text.floor_char_boundary(LONGEST_MESSAGE);
    let mut message = text[..end].to_owned();
    if end < text.len() {
        message.push_str(&cut_off(text.len() - end));
    }
    message
}

/// Cuts a text that is longer than this many bytes, and says so in its place.
pub(crate) fn shorten(text: &mut String, most: usize) {
    let (end, length) = (text.floor_char_boundary(most), text.len());
    if end < length {
        text.truncate(end);
        text.push_str(&cut_off(length - end));
    }
}

fn cut_off(bytes: usize) -> String {
    format!("... ({bytes} more bytes)")
}

/// The step of a call that changes the hook: nobody may run it meanwhile.
#[track_caller]
fn change_hook(call: &'static str, verb: &'static str) {
    assert!(
        !kernel::is_panicking(),
        "cannot modify the panic hook from a panicking thread"
    );
    let is_free = || RUNNING.look(|running| *running == 0);
    let op = Op::new(call, verb, Object::NONE).when(&is_free);
    kernel::step(&op.resting("waits for the end of the panic hook"));
}

/// See [`std::panic::set_hook`].
///
/// # Panics
/// In a thread that panics.
#[track_caller]
pub fn set_hook(hook: Hook) {
    change_hook("panic::set_hook", "sets the panic hook");
    HOOK.set(Some(Arc::new(hook)));
}

/// See [`std::panic::take_hook`].
///
/// # Panics
/// In a thread that panics.
#[must_use]
#[track_caller]
pub fn take_hook() -> Hook {
    change_hook("panic::take_hook", "takes the panic hook");
    match HOOK.take().map(Arc::try_unwrap) {
        Some(Ok(hook)) => hook,
        Some(Err(_)) => unreachable!("a hook is not taken while it runs"),
        None => Box::new(default_hook),
    }
}

/// See [`std::panic::catch_unwind`].
///
/// # Errors
/// The payload of the panic, if there was one.
pub fn catch<F: FnOnce() -> R + UnwindSafe, R>(f: F) -> std::thread::Result<R> {
    stop(f).map_err(Stopped::caught)
}

/// See [`std::panic::resume_unwind`]. A panic that was caught before goes on.
pub fn resume(payload: Box<dyn Any + Send>) -> ! {
    let address = (&raw const *payload).addr();
    let known = CAUGHT.with_mut(|caught| {
        let last = caught.iter().rposition(|(of, _)| *of == address)?;
        Some(caught.swap_remove(last).1)
    });
    let panic = known.flatten();
    Stopped { payload, panic }.resume()
}

/// The payloads of panics that were caught, by address: one that is thrown on
/// was not caught after all.
static CAUGHT: Cell<Vec<(usize, kernel::Panic)>> = Cell::new(Vec::new());

/// Runs `f`; a panic of it stops here, and is not counted as caught yet.
pub(crate) fn stop<F: FnOnce() -> R + UnwindSafe, R>(f: F) -> Result<R, Stopped> {
    catch_unwind(f).map_err(|payload| Stopped {
        payload,
        panic: kernel::stops_unwinding(),
    })
}

/// A panic that was stopped: on its way to whoever catches it.
pub(crate) struct Stopped {
    payload: Box<dyn Any + Send>,
    panic: kernel::Panic,
}

impl Stopped {
    /// The current thread catches it and has the payload.
    pub(crate) fn caught(self) -> Box<dyn Any + Send> {
        kernel::tell_caught(self.panic, true);
        let address = (&raw const *self.payload).addr();
        CAUGHT.with_mut(|caught| {
            caught.retain(|(other, _)| *other != address);
            caught.push((address, self.panic));
        });
        self.payload
    }

    /// It goes on in the current thread.
    pub(crate) fn resume(self) -> ! {
        kernel::tell_caught(self.panic, false);
        kernel::unwinds(self.panic);
        std::panic::resume_unwind(self.payload)
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_MESSAGE, message_of, shorten};

    #[test]
    fn a_message_that_is_very_long_is_cut_between_two_characters() {
        let long = format!("x{}", "é".repeat(LONGEST_MESSAGE));
        let message = message_of(&long);
        assert!(message.starts_with("xéé"), "{message}");
        assert!(message.ends_with("é... (4098 more bytes)"), "{message}");
        assert_eq!(message_of(&"short"), "short");
        assert_eq!(message_of(&3), "Box<dyn Any>");
    }

    #[test]
    fn what_fits_is_not_cut() {
        let mut text = "abc".to_owned();
        shorten(&mut text, 3);
        assert_eq!(text, "abc");
        shorten(&mut text, 2);
        assert_eq!(text, "ab... (1 more bytes)");
    }
}
