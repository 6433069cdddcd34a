//! A generated program: threads made of operations, and its Rust source.

use std::fmt::Write as _;

/// An operation of a thread, as Rust statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    /// One that stands alone.
    Plain(String),
    /// One that others happen within: a lock held, a closure that is called.
    Around {
        open: String,
        body: Vec<Op>,
        close: String,
    },
}

/// Which kind of channel a program has, if it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// One without a bound.
    Endless,
    /// One for so many values.
    Bounded(usize),
}

/// One end of the channel that a thread holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Sender,
    Receiver,
}

/// A thread; the first one of a program is its main thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) end: Option<End>,
    pub(crate) ops: Vec<Op>,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// What gives it again.
    pub(crate) seed: u64,
    pub(crate) scoped: bool,
    pub(crate) channel: Option<Channel>,
    /// How many threads the barrier waits for.
    pub(crate) barrier: usize,
    /// Whether the threads have clones of an `Arc`.
    pub(crate) counted: bool,
    pub(crate) threads: Vec<Thread>,
}

impl Program {
    /// The function that runs it and returns what its threads observed.
    pub(crate) fn source(&self) -> String {
        let mut text = String::from("pub fn run() -> String {\n");
        let _ = writeln!(text, "    let s = Shared::new({});", self.barrier);
        text.push_str("    let t0 = thread::current();\n");
        match self.channel {
            Some(Channel::Endless) => text.push_str("    let (tx, rx) = mpsc::channel::<u32>();\n"),
            Some(Channel::Bounded(bound)) => {
                let _ = writeln!(
                    text,
                    "    let (tx, rx) = mpsc::sync_channel::<u32>({bound});"
                );
            }
            None => {}
        }
        if self.counted {
            text.push_str("    let arc = Arc::new(5u32);\n");
        }
        if self.scoped {
            text.push_str("    thread::scope(|q| {\n");
        }
        for (number, thread) in self.threads.iter().enumerate().skip(1) {
            self.spawn(&mut text, number, thread);
        }
        self.main(&mut text);
        if self.scoped {
            text.push_str("    })\n");
        }
        text.push_str("}\n");
        text
    }

    fn spawn(&self, text: &mut String, number: usize, thread: &Thread) {
        let _ = writeln!(text, "    let mut h{number} = Some({{");
        text.push_str("        let s = s.clone();\n");
        for other in 0..number {
            let _ = writeln!(text, "        let t{other} = t{other}.clone();");
        }
        match thread.end {
            Some(End::Sender) => text.push_str("        let mut tx = Some(tx.clone());\n"),
            Some(End::Receiver) => text.push_str("        let mut rx = Some(rx);\n"),
            None => {}
        }
        if self.counted {
            text.push_str("        let mut arc = Some(arc.clone());\n");
        }
        let spawn = if self.scoped { "q" } else { "thread" };
        let path = if self.scoped { "." } else { "::" };
        let _ = writeln!(
            text,
            "        {spawn}{path}spawn(move || thread_of(|log| {{"
        );
        ops(text, &thread.ops, 3);
        text.push_str("        }))\n    });\n");
        let _ = writeln!(
            text,
            "    let t{number} = h{number}.as_ref().unwrap().thread().clone();"
        );
    }

    fn main(&self, text: &mut String) {
        let main = &self.threads[0];
        if self.channel.is_some() {
            text.push_str(match main.end {
                Some(End::Sender) => "    let mut tx = Some(tx);\n",
                Some(End::Receiver) => "    drop(tx);\n    let mut rx = Some(rx);\n",
                None => "    drop(tx);\n",
            });
        }
        if self.counted {
            text.push_str("    let mut arc = Some(arc);\n");
        }
        text.push_str("    let mut all = vec![main_of(|log| {\n");
        ops(text, &main.ops, 2);
        text.push_str("    })];\n");
        for number in 1..self.threads.len() {
            let _ = writeln!(
                text,
                "    if let Some(h) = h{number} {{ all.push(joined(h.join())); }}"
            );
        }
        text.push_str(
            "    let mut log = Log::default();\n    log.put(s.a.load(SeqCst));\n    \
             log.put(s.b.load(SeqCst));\n",
        );
        for lock in ["m.lock", "n.lock", "r.read"] {
            if self.names(&format!("s.{}.", &lock[..1])) {
                let _ = writeln!(
                    text,
                    "    let value = *log.guard(s.{lock}()); log.put(value);"
                );
            }
        }
        text.push_str("    all.push(log.0);\n    all.join(\"| \")\n");
    }

    fn names(&self, text: &str) -> bool {
        let mut ops: Vec<&Op> = self.threads.iter().flat_map(|thread| &thread.ops).collect();
        while let Some(op) = ops.pop() {
            match op {
                Op::Plain(line) if line.contains(text) => return true,
                Op::Around { open, close, .. } if open.contains(text) || close.contains(text) => {
                    return true;
                }
                Op::Around { body, .. } => ops.extend(body),
                Op::Plain(_) => {}
            }
        }
        false
    }

    /// Every program that has one operation less.
    pub(crate) fn smaller(&self) -> Vec<Program> {
        let mut all = Vec::new();
        let last = self.threads.len() - 1;
        let moved = self.threads[last].ops.is_empty();
        let named = ["t", "h"].map(|letter| self.names(&format!("{letter}{last}.")));
        let receives = self.threads[last].end == Some(End::Receiver);
        if last > 1 && moved && !receives && named == [false; 2] {
            let mut fewer = self.clone();
            fewer.threads.pop();
            all.push(fewer);
        }
        for number in 0..self.threads.len() {
            for ops in without_one(&self.threads[number].ops) {
                let mut fewer = self.clone();
                fewer.threads[number].ops = ops;
                all.push(fewer);
            }
        }
        if self.counted && !self.names("arc") {
            all.push(Program {
                counted: false,
                ..self.clone()
            });
        }
        if self.scoped {
            all.push(Program {
                scoped: false,
                ..self.clone()
            });
        }
        all
    }
}

fn without_one(ops: &[Op]) -> Vec<Vec<Op>> {
    let mut all = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let with = |instead: Vec<Op>| {
            let mut fewer = ops.to_vec();
            fewer.splice(index..=index, instead);
            fewer
        };
        all.push(with(Vec::new()));
        if let Op::Around { open, body, close } = op {
            if !body.is_empty() {
                all.push(with(body.clone()));
            }
            for body in without_one(body) {
                let (open, close) = (open.clone(), close.clone());
                all.push(with(vec![Op::Around { open, body, close }]));
            }
        }
    }
    all
}

fn ops(text: &mut String, ops: &[Op], depth: usize) {
    for op in ops {
        let indent = "    ".repeat(depth + 1);
        match op {
            Op::Plain(line) => {
                let _ = writeln!(text, "{indent}noise(); {line}");
            }
            Op::Around { open, body, close } => {
                let _ = writeln!(text, "{indent}noise(); {open}");
                self::ops(text, body, depth + 1);
                let _ = writeln!(text, "{indent}noise(); {close}");
            }
        }
    }
}

/// One source for many programs; the number of the one to run is its argument.
pub(crate) fn sources(programs: &[Program]) -> String {
    let mut text = String::from(include_str!("../harness/common.rs"));
    text.push_str("\nfn run(index: usize) -> String {\n    match index {\n");
    for index in 0..programs.len() {
        let _ = writeln!(text, "        {index} => p{index}::run(),");
    }
    text.push_str("        _ => unreachable!(),\n    }\n}\n");
    for (index, program) in programs.iter().enumerate() {
        let _ = write!(
            text,
            "\nmod p{index} {{\nuse super::*;\n{}}}\n",
            program.source()
        );
    }
    text
}
