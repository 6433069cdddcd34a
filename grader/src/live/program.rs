//! A program of the submission as a process: started when it is time, typed at,
//! listened to, and waited for.

use std::io::{Read, Write as _};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use anyhow::{Context as _, Result, bail};
use sandbox::Neighbours;
use verdict::{Limit, Program, Stream, What, World, placeholder};

use super::Called;
use super::board::{Board, Status};
use crate::process::{Confined, Finished, Limits, Silent, Stdin, Stdout, Talking};

/// The end of input as it is typed at a terminal.
const END_OF_INPUT: u8 = 0x04;

/// How a program came to its end.
#[derive(Debug)]
pub(super) enum End {
    /// It never started, or was ended here.
    Quiet,
    /// By itself, with this exit code.
    Exited(i32),
    /// It was ended for using more than it may of this.
    Limit(Limit),
    /// In some other way, in words.
    Crashed(String),
}

/// Who types at a program, or writes its standard input: a thread of its own,
/// since the program need not read.
#[derive(Debug, Clone)]
pub(super) struct Typist(Sender<Typed>);

/// What is typed.
#[derive(Debug)]
pub(super) enum Typed {
    Bytes(Vec<u8>),
    End,
}

impl Typist {
    /// Somebody who types, and what comes of it.
    pub(super) fn new() -> (Typist, Receiver<Typed>) {
        let (sender, typed) = mpsc::channel();
        (Typist(sender), typed)
    }

    /// Types. Nobody is there to read it once the program has ended.
    pub(super) fn types(&self, bytes: &[u8]) {
        let _ = self.0.send(Typed::Bytes(bytes.to_vec()));
    }

    /// Ends the input.
    pub(super) fn hangs_up(&self) {
        let _ = self.0.send(Typed::End);
    }
}

/// Writes what is there at the beginning, and then what is typed, until it is
/// to end or nobody reads it.
fn typing(mut stdin: Stdin, first: Vec<Typed>, typed: &Receiver<Typed>, terminal: bool) {
    let mut begun = false;
    for typed in first.into_iter().chain(typed) {
        let written = match typed {
            Typed::Bytes(bytes) => {
                begun = bytes.last().map_or(begun, |last| *last != b'\n');
                stdin.write_all(&bytes)
            }
            // A pipe ends when it is closed.
            Typed::End if !terminal => return,
            // After the beginning of a line, the first one only sends that.
            Typed::End if begun => stdin.write_all(&[END_OF_INPUT, END_OF_INPUT]),
            Typed::End => stdin.write_all(&[END_OF_INPUT]),
        };
        if written.is_err() {
            return;
        }
    }
}

/// A program of a run, which is also the number of its process and its thread.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) board: &'a Board,
    pub(super) number: u32,
    pub(super) program: &'a Program,
    pub(super) called: Called<'a>,
    pub(super) folder: &'a Path,
    pub(super) world: &'a World,
    /// Whom it may reach.
    pub(super) neighbours: &'a Neighbours,
}

impl Run<'_> {
    fn index(self) -> usize {
        // Programs are few.
        self.number as usize
    }

    /// Starts the program when it is time, and listens to it to its end.
    pub(super) fn carry_out(self) -> Result<End> {
        let end = self.started().and_then(|started| match started {
            Some(rest) => self.waited_for(rest),
            None => Ok(End::Quiet),
        });
        self.board.change(|state| {
            let status = &mut state.programs[self.index()];
            (status.ended, status.pid, status.typist) = (true, None, None);
        });
        end
    }

    fn started(self) -> Result<Option<Silent>> {
        let index = self.index();
        let wanted = |status: &Status| status.wanted.then_some(());
        if self.program.waits
            && self
                .board
                .wait_for_peers(|state| wanted(&state.programs[index]))
                .is_none()
        {
            return Ok(None);
        }
        let Some(args) = self.args() else {
            return Ok(None);
        };
        let mut command = Confined::new(
            self.called.file,
            self.folder,
            Limits::program(&self.world.limits),
        );
        command.called(self.called.name).args(args);
        command.alone().is_real(self.neighbours);
        if self.program.terminal {
            command.at_a_terminal();
        }
        let talking = command.talk().context("cannot start the program")?;
        let Talking {
            stdin,
            stdout,
            stderr,
            ender,
            pid,
            rest,
        } = talking;
        let mut first = vec![Typed::Bytes(self.program.stdin.clone().into_bytes())];
        if !self.program.open {
            first.push(Typed::End);
        }
        let (over, typed) = self.board.change(|state| {
            let status = &mut state.programs[index];
            status.pid = Some(pid);
            status.ender = Some(ender.clone());
            (state.over, status.typed.take())
        });
        // Taken here only.
        let typed = typed.unwrap_or_else(|| Typist::new().1);
        if over {
            ender.stop();
        }
        let terminal = self.program.terminal;
        thread::scope(|scope| {
            scope.spawn(move || typing(stdin, first, &typed, terminal));
            if let Some(stderr) = stderr {
                scope.spawn(move || self.listens(stderr, Stream::Stderr));
            }
            self.listens(stdout, Stream::Stdout);
            // Nobody types any more at a program that has ended.
            self.board.change(|state| {
                let status = &mut state.programs[index];
                (status.typist, status.pid) = (None, None);
            });
        });
        Ok(Some(rest))
    }

    /// The arguments, once every address in them is known.
    fn args(self) -> Option<Vec<String>> {
        let known = self.world.placeholders();
        let mut args = Vec::new();
        for arg in &self.program.args {
            let mut values = Vec::new();
            for name in placeholder::names(arg).filter(|name| known.contains(name)) {
                values.push((name, self.board.address(name, &self.world.programs)?));
            }
            args.push(placeholder::filled(arg, |name| {
                let known = values.iter().find(|(of, _)| *of == name);
                known.map(|(_, value)| value.clone())
            }));
        }
        Some(args)
    }

    /// Records what is printed, until the end.
    fn listens(self, mut from: Stdout, stream: Stream) {
        let mut text = Text::default();
        let prefix = self.program.announces.as_deref();
        let mut awaited = prefix.filter(|_| stream == Stream::Stdout);
        let mut lines = Lines::default();
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                // What cannot be read is not there; how it ended tells the rest.
                Err(_) => break,
            };
            let mut bytes = buffer[..length].to_vec();
            if self.program.terminal {
                // A terminal begins lines as it ends them.
                bytes.retain(|byte| *byte != b'\r');
            }
            self.printed(&bytes, stream, &mut text);
            if let Some(prefix) = awaited
                && self.announces(prefix, &mut lines)
            {
                awaited = None;
            }
        }
        if let Some(rest) = text.rest() {
            self.board.printed(self.number, stream, rest);
        }
    }

    fn printed(self, bytes: &[u8], stream: Stream, text: &mut Text) {
        if stream == Stream::Stdout {
            // Told to those who watch together with the event, below.
            let mut state = self.board.state();
            let status = &mut state.programs[self.index()];
            status.stdout.extend_from_slice(bytes);
        }
        if let Some(text) = text.next(bytes) {
            self.board.printed(self.number, stream, text);
        }
    }

    /// Whether the line that tells the address has come. It is told, too.
    fn announces(self, prefix: &str, lines: &mut Lines) -> bool {
        let address = {
            let state = self.board.state();
            let stdout = &state.programs[self.index()].stdout;
            lines.next_with(prefix, stdout)
        };
        let Some(address) = address else {
            return false;
        };
        self.board.named(self.number, &self.program.label, &address);
        true
    }

    fn waited_for(self, rest: Silent) -> Result<End> {
        let finished = rest.wait()?;
        let killed = self.board.state().programs[self.index()].killed;
        let exited = |code| {
            let process = self.number;
            self.board
                .happened(self.number, What::Exited { process, code });
        };
        // A terminal has one stream for both.
        let on = match self.program.terminal {
            true => Stream::Stdout,
            false => Stream::Stderr,
        };
        if let Some(limit) = finished.passed(&self.board.printed_by(self.number, on)) {
            return Ok(End::Limit(limit));
        }
        if let Some(code) = finished.code() {
            exited(Some(code));
            return Ok(End::Exited(code));
        }
        if finished.was_stopped() {
            if killed {
                exited(None);
            }
            return Ok(End::Quiet);
        }
        crashed(&finished)
    }
}

/// An end that is neither the program's own nor of our making.
fn crashed(finished: &Finished) -> Result<End> {
    if let Some(why) = finished.not_its_fault() {
        bail!("a run on the real system came to no end: {why}");
    }
    Ok(End::Crashed(finished.how()))
}

/// A way through the lines of an output that grows. Nothing of it is looked at twice.
#[derive(Debug, Default)]
struct Lines {
    /// Where the line begins whose end has not come.
    begins: usize,
    /// Up to where its end was looked for.
    looked: usize,
}

impl Lines {
    /// What the next whole line announces that begins with this, once it is there.
    fn next_with(&mut self, prefix: &str, all: &[u8]) -> Option<String> {
        while let Some(length) = all[self.looked..].iter().position(|byte| *byte == b'\n') {
            let end = self.looked + length;
            let line = &all[self.begins..end];
            (self.begins, self.looked) = (end + 1, end + 1);
            if let Some(text) = line.strip_prefix(prefix.as_bytes()) {
                return Some(placeholder::announced(&String::from_utf8_lossy(text)));
            }
        }
        self.looked = all.len();
        None
    }
}

/// Bytes as text, where a character may come in parts.
#[derive(Debug, Default)]
struct Text {
    /// The beginning of a character.
    begun: Vec<u8>,
}

impl Text {
    /// The text that is whole; bytes that are not UTF-8 are U+FFFD.
    fn next(&mut self, bytes: &[u8]) -> Option<String> {
        self.begun.extend_from_slice(bytes);
        let end = match std::str::from_utf8(&self.begun[cut(&self.begun)..]) {
            Err(error) if error.error_len().is_none() => cut(&self.begun) + error.valid_up_to(),
            _ => self.begun.len(),
        };
        let whole: Vec<u8> = self.begun.drain(..end).collect();
        (!whole.is_empty()).then(|| String::from_utf8_lossy(&whole).into_owned())
    }

    /// What is left at the end.
    fn rest(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| String::from_utf8_lossy(&self.begun).into_owned())
    }
}

/// Where the last character could begin at the earliest.
fn cut(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(3);
    let starts = (from..bytes.len()).rev();
    let mut starts = starts.filter(|at| bytes[*at] & 0xc0 != 0x80);
    starts.next().unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_is_found_in_whatever_pieces_it_comes() {
        let all = b"listening at\nx\nlistening on 127.0.0.1:1 \r\nlistening on y\n";
        let mut lines = Lines::default();
        let found = (0..=all.len()).filter_map(|end| {
            let found = lines.next_with("listening on ", &all[..end]);
            Some((end, found?))
        });
        let found: Vec<(usize, String)> = found.collect();
        let end = all.len() - "listening on y\n".len();
        assert_eq!(
            found,
            [(end, "127.0.0.1:1".to_owned()), (all.len(), "y".to_owned())]
        );
        let found = Lines::default().next_with("listening on ", all);
        assert_eq!(found.as_deref(), Some("127.0.0.1:1"));
    }

    #[test]
    fn characters_that_come_in_parts_are_put_together() {
        let mut text = Text::default();
        let mut all = Vec::new();
        for byte in "aä€😀\n".bytes() {
            all.extend(text.next(&[byte]));
        }
        assert_eq!(all, ["a", "ä", "€", "😀", "\n"]);
        assert_eq!(text.rest(), None);
        assert_eq!(text.next(b"x\xff\xc3").as_deref(), Some("x\u{fffd}"));
        assert_eq!(text.rest().as_deref(), Some("\u{fffd}"));
    }
}
