//! The programs that both simulations run. Their text is the same; only what
//! it means by `crate::model` differs.

/// One of the programs.
pub(crate) struct Program {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its text, as a module of a submission.
    pub(crate) text: &'static str,
    /// The same, on shuttle.
    pub(crate) on_shuttle: fn(),
}

macro_rules! programs {
    ($($name:ident in $file:literal,)*) => {
        $(
            #[path = $file]
            mod $name;
        )*

        /// All of them.
        pub(crate) const PROGRAMS: &[Program] = &[$(Program {
            name: stringify!($name),
            text: include_str!($file),
            on_shuttle: $name::run,
        }),*];
    };
}

programs! {
    message in "../programs/message.rs",
    account in "../programs/account.rs",
    counter in "../programs/counter.rs",
    buffer in "../programs/buffer.rs",
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
