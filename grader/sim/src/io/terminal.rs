//! `std::io::IsTerminal`.

use super::{Stderr, StderrLock, Stdin, StdinLock, Stdout, StdoutLock};

/// See [`std::io::IsTerminal`], which cannot be implemented outside of std.
/// This one is shown in its place; it has all that the real one has, and the
/// simulated streams, which are never a terminal.
pub trait IsTerminal {
    /// See [`std::io::IsTerminal::is_terminal`].
    fn is_terminal(&self) -> bool;
}

impl<T: std::io::IsTerminal> IsTerminal for T {
    fn is_terminal(&self) -> bool {
        std::io::IsTerminal::is_terminal(self)
    }
}

macro_rules! never {
    ($($Type:ty),*) => {
        $(
            impl IsTerminal for $Type {
                fn is_terminal(&self) -> bool {
                    false
                }
            }
        )*
    };
}

never!(
    super::PipeReader,
    super::PipeWriter,
    Stdin,
    StdinLock<'_>,
    Stdout,
    StdoutLock<'_>,
    Stderr,
    StderrLock<'_>
);
