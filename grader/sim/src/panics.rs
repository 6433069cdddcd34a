//! Panics of simulated threads.

use std::panic::{PanicHookInfo, catch_unwind};

use verdict::{Stream, What};

use crate::kernel;
use crate::sync::Cell;

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

/// The submission's own hook, if it has set one. It is a static, and so gone
/// with each execution.
static HOOK: Cell<Option<Hook>> = Cell::new(None);

/// Makes panics of simulated threads part of the record instead of something
/// that the process prints.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|info| {
        if !kernel::is_simulated() {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "the simulation failed: {info}");
            return;
        }
        kernel::panicking(true);
        let message = message_of(info.payload());
        let place = info.location().and_then(|at| {
            // A panic's location lives as long as the program.
            let file = at.file();
            (file.starts_with("src/") || file.starts_with("check/")).then(|| verdict::Place {
                file: file.to_owned(),
                line: at.line(),
                column: at.column(),
            })
        });
        kernel::record(What::Panic {
            message: message.clone(),
            place,
        });
        kernel::in_hook(true);
        match HOOK.with_mut(|hook| hook.take()) {
            Some(hook) => {
                hook(info);
                HOOK.with_mut(|place| place.get_or_insert(hook).as_ref() as *const _);
            }
            None => {
                let name = crate::thread::current()
                    .name()
                    .unwrap_or("<unnamed>")
                    .to_owned();
                let at = info.location().map(ToString::to_string).unwrap_or_default();
                let number = kernel::current() + 1;
                let text = format!(
                    "\nthread '{name}' ({number}) panicked at {at}:\n{message}\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
                );
                kernel::record(What::Print {
                    stream: Stream::Stderr,
                    text,
                });
            }
        }
        kernel::in_hook(false);
    }));
}

/// What a panic said.
pub(crate) fn message_of(payload: &(dyn std::any::Any + Send)) -> String {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "Box<dyn Any>".to_owned(),
    }
}

/// `std::panic::set_hook`.
pub fn set_hook(hook: Hook) {
    HOOK.with_mut(|place| *place = Some(hook));
}

/// `std::panic::take_hook`.
pub fn take_hook() -> Hook {
    HOOK.with_mut(Option::take)
        .unwrap_or_else(|| Box::new(|_| {}))
}

/// `std::panic::catch_unwind`.
///
/// # Errors
/// The payload of the panic, if there was one.
pub fn catch<F: FnOnce() -> R + std::panic::UnwindSafe, R>(f: F) -> std::thread::Result<R> {
    let result = catch_unwind(f);
    if result.is_err() {
        kernel::panicking(false);
    }
    result
}

/// `std::panic::resume_unwind`.
pub fn resume(payload: Box<dyn std::any::Any + Send>) -> ! {
    kernel::panicking(true);
    std::panic::resume_unwind(payload)
}
