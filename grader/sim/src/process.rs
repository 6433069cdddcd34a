//! `std::process` and `std::env`, as far as they concern the simulated process.

use crate::kernel;

/// See [`std::process::exit`]. Other threads are abandoned where they are.
pub fn exit(code: i32) -> ! {
    crate::io::flush_at_exit();
    kernel::exit(code)
}

/// The arguments of the simulated program, its name first.
#[must_use]
pub fn args() -> Vec<String> {
    kernel::with(|kernel| {
        (
            kernel.plan.program.name.clone(),
            kernel.plan.program.args.clone(),
        )
    })
    .map(|(name, args)| std::iter::once(name).chain(args).collect())
    .unwrap_or_else(|| std::env::args().collect())
}

/// Ends the execution because the submission asks for what is not simulated:
/// `what`, in words for a student.
#[track_caller]
pub fn unsupported(what: &str) -> ! {
    kernel::unsupported(what)
}
