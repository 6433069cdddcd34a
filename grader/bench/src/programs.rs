//! The programs that both simulations run. Their text is the same; only what
//! it means by `crate::model` differs.

/// One of the programs.
pub(crate) struct Program {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its text, as a module of a submission.
    pub(crate) text: &'static str,
    /// So many executions that they take about a second.
    pub(crate) executions: u32,
    /// The same, on shuttle.
    pub(crate) on_shuttle: fn(),
}

macro_rules! programs {
    ($($name:ident in $file:literal, $executions:literal times;)*) => {
        $(
            #[path = $file]
            mod $name;
        )*

        /// All of them.
        pub(crate) const PROGRAMS: &[Program] = &[$(Program {
            name: stringify!($name),
            text: include_str!($file),
            executions: $executions,
            on_shuttle: $name::run,
        }),*];
    };
}

programs! {
    message in "../programs/message.rs", 300_000 times;
    account in "../programs/account.rs", 100_000 times;
    counter in "../programs/counter.rs", 30_000 times;
    buffer in "../programs/buffer.rs", 80_000 times;
}

/// The root of a submission whose module `program` is such a text.
pub(crate) const SUBMISSION: &str = "\
mod model {
    pub use std::{sync, thread};
}
mod program;

fn main() {
    program::run();
}
";
