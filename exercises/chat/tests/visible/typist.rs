//! The client program as a person has it before them: something to type into, something to read.

use crate::process::Process;
use std::io::Write;
use std::process::ChildStdin;

pub struct Typist {
    process: Process,
    keyboard: Option<ChildStdin>,
}

impl Typist {
    pub fn start(address: &str, name: &str) -> Typist {
        let mut process = Process::start(&["client", address, name]);
        let keyboard = Some(process.take_input());
        Typist { process, keyboard }
    }

    pub fn has_ended(&mut self) -> bool {
        self.process.has_ended().is_some()
    }

    pub fn enter(&mut self, line: &str) {
        let keyboard = self.keyboard.as_mut().expect("the input is still open");
        writeln!(keyboard, "{line}").expect("the program takes its input");
    }

    /// Ends the standard input of the program.
    pub fn finish(&mut self) {
        self.keyboard = None;
    }

    /// The next line on the screen that is part of the conversation.
    pub fn next_shown(&self) -> Option<String> {
        // Whether the program shows these two is open; nobody else can say them.
        let is_open = |line: &String| line.starts_with("welcome ") || line.starts_with("goodbye ");
        std::iter::from_fn(|| self.process.next_printed()).find(|line| !is_open(line))
    }

    pub fn expect(&self, line: &str) {
        assert_eq!(self.next_shown().as_deref(), Some(line));
    }

    /// The program shows nothing more and ends; gives its exit code.
    pub fn exit_code(&mut self) -> Option<i32> {
        assert_eq!(self.next_shown(), None);
        self.process.ended().code()
    }
}
