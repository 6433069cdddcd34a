//! A program's part of an execution.

use verdict::{Ending, Execution, Stream, What};

use crate::{Line, output};

/// What one of the submission's processes did.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    started: &'a verdict::Program,
    /// Which of the processes it is.
    number: u32,
    execution: &'a Execution,
}

impl<'a> Program<'a> {
    pub(super) fn new(
        program: &'a verdict::Program,
        number: u32,
        execution: &'a Execution,
    ) -> Program<'a> {
        Program {
            started: program,
            number,
            execution,
        }
    }

    /// What the scenario calls it.
    #[expect(
        clippy::misnamed_getters,
        reason = "a program's own name is its argument 0, which no judge asks for"
    )]
    pub fn name(&self) -> &'a str {
        &self.started.label
    }

    /// How it was started.
    pub fn started(&self) -> &'a verdict::Program {
        self.started
    }

    /// All that it printed on standard output.
    pub fn stdout(&self) -> String {
        self.printed(Stream::Stdout)
    }

    /// All that it printed on standard error.
    pub fn stderr(&self) -> String {
        self.printed(Stream::Stderr)
    }

    /// All that it printed on a stream.
    pub fn printed(&self, stream: Stream) -> String {
        let prints = output::prints(self.execution, stream);
        prints
            .filter(|(thread, _)| self.has(*thread))
            .map(|(_, text)| text)
            .collect()
    }

    /// The lines that it printed on a stream.
    pub fn lines(&self, stream: Stream) -> Vec<Line> {
        let prints = output::prints(self.execution, stream);
        output::lines_of(prints.filter(|(thread, _)| self.has(*thread)))
    }

    /// The address that it announced, as it stands on the first line of
    /// standard output that has its prefix.
    pub fn announced(&self) -> Option<String> {
        let prefix = self.started.announces.as_deref()?;
        let lines = self.lines(Stream::Stdout);
        let line = lines.iter().find(|line| line.ended)?;
        let address = line.text.strip_prefix(prefix)?;
        Some(address.trim_end().to_owned())
    }

    /// Its exit code; `None` where it goes on, or was killed.
    pub fn exit(&self) -> Option<i32> {
        if self.execution.processes.is_empty() {
            return match self.execution.ending {
                Ending::Exited { code } => Some(code),
                _ => None,
            };
        }
        self.exited().flatten()
    }

    /// Whether it has ended, by itself or since a peer killed it.
    pub fn has_ended(&self) -> bool {
        self.exit().is_some() || self.exited().is_some()
    }

    /// Whether a peer killed it.
    pub fn was_killed(&self) -> bool {
        self.exited() == Some(None)
    }

    /// Where in the execution's events it has ended.
    pub fn ended_at(&self) -> Option<usize> {
        self.execution.events.iter().position(
            |event| matches!(event.what, What::Exited { process, .. } if process == self.number),
        )
    }

    /// The code of the event of its end.
    fn exited(&self) -> Option<Option<i32>> {
        let event = self.execution.events.get(self.ended_at()?)?;
        match event.what {
            What::Exited { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether a thread is its own.
    pub fn has(&self, thread: u32) -> bool {
        let thread = self.execution.threads.get(thread as usize);
        thread.map_or(0, |thread| thread.process) == self.number
    }
}
