//! What an examined process tells: a stream of lines, each the JSON of one
//! [`Record`].
//!
//! The stream begins with [`Record::Head`] and ends with [`Record::End`], both
//! with the nonce of the plan; the last one says how much was told before it
//! ([`Seal`]). A stream that does not is never a pass.

use serde::{Deserialize, Serialize};

use crate::{Bytes, Limit, Place, Value};

/// The version of the stream's format.
pub const FORMAT: &str = "lockstep/record/v1";

/// A line of the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The first line.
    Head {
        /// [`FORMAT`].
        format: String,
        /// The plan's nonce.
        nonce: String,
    },
    /// One execution. Of several alike only the first is told.
    Execution(Execution),
    /// The last line.
    End {
        /// The plan's nonce.
        nonce: String,
        /// Number of [`Record::Execution`] lines before this one.
        told: u64,
        /// All that was told before this line.
        seal: Seal,
        /// What was run.
        coverage: Coverage,
    },
}

/// The length and the checksum of a stream up to some place: what POSIX's `cksum`
/// gives. A line that is missing, doubled, changed or not where it was tells.
///
/// It is no secret: who could write to the stream could seal it, too. No safe code
/// can but the simulation's; of code that is not, ARCHITECTURE tells under "What this
/// does not stop".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Bytes.
    pub length: u64,
    /// The checksum.
    pub sum: u32,
}

/// A stream that is being sealed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sealing {
    length: u64,
    register: u32,
}

impl Sealing {
    /// The polynomial of `cksum`'s register, by the byte that falls out of it.
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut register = (byte as u32) << 24;
            let mut bit = 0;
            while bit < 8 {
                let top = register >> 31;
                register = (register << 1) ^ (top * 0x04c1_1db7);
                bit += 1;
            }
            table[byte] = register;
            byte += 1;
        }
        table
    };

    fn push(&mut self, byte: u8) {
        let out = (self.register >> 24) as u8 ^ byte;
        self.register = (self.register << 8) ^ Sealing::TABLE[usize::from(out)];
    }

    /// More of the stream.
    pub fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        for byte in bytes {
            self.push(*byte);
        }
    }

    /// The seal of all that was added.
    #[must_use]
    pub fn seal(mut self) -> Seal {
        let length = self.length;
        let mut rest = length;
        while rest > 0 {
            self.push(rest as u8);
            rest >>= 8;
        }
        Seal {
            length,
            sum: !self.register,
        }
    }
}

/// What a search has run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Schedules run by the bounded search.
    pub bounded: u64,
    /// Executions of the bounded search that were ended since everything that
    /// could follow had been run.
    #[serde(default)]
    pub known: u64,
    /// Every schedule with at most this many preemptions was run; `None` when
    /// the budget did not suffice for those without any.
    pub preemptions: Option<u32>,
    /// Whether the bounded search ran every schedule there is.
    pub complete: bool,
    /// Schedules run by the randomized schedulers.
    pub random: u64,
    /// Schedules in which one thread was held up, to look for polling.
    pub held_up: u64,
    /// Steps of all schedules together.
    pub steps: u64,
    /// How many schedules gave each execution of the record, in its order.
    #[serde(default)]
    pub alike: Vec<u64>,
}

/// One execution of a scenario: how it ended and what was observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// The choices that give this execution again.
    pub schedule: String,
    /// With which execution of the search it came, those counted that were
    /// ended early or gave what others had given; 0 where there is no search.
    #[serde(default)]
    pub number: u64,
    /// Number of preemptions in it.
    pub preemptions: u32,
    /// The date at its beginning, in nanoseconds since 1970-01-01 00:00 UTC,
    /// which 64 bits do not hold up to the year 9999; the times of its events
    /// count from there. 0 where it is of no interest.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub began: u128,
    /// How it ended.
    pub ending: Ending,
    /// Its processes: the programs of the world, then its peers, then its
    /// sites, in that order. Empty where a single program is all there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<Process>,
    /// Its threads, by number; 0 is the main one. A peer is a thread, too.
    pub threads: Vec<Thread>,
    /// What happened, in the order in which it happened.
    pub events: Vec<Event>,
}

impl Execution {
    /// A thread without its own name: `main`, `T1`; with several processes the
    /// process's name, and the thread's number in it: `server`, `server T1`.
    #[must_use]
    pub fn label(&self, thread: u32) -> String {
        let process = self
            .threads
            .get(thread as usize)
            .map_or(0, |thread| thread.process);
        let Some(of) = self.processes.get(process as usize) else {
            return label(None, thread);
        };
        let before = self.threads.iter().take(thread as usize);
        let number = before.filter(|other| other.process == process).count();
        label(Some(&of.name), u32::try_from(number).unwrap_or(u32::MAX))
    }
}

/// A thread by its number in its process, which has a name where there are
/// several.
#[must_use]
pub fn label(process: Option<&str>, number: u32) -> String {
    match (process, number) {
        (None, 0) => "main".to_owned(),
        (None, number) => format!("T{number}"),
        (Some(process), 0) => process.to_owned(),
        (Some(process), number) => format!("{process} T{number}"),
    }
}

/// A simulated thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where it was spawned; `None` for the main thread.
    pub spawned: Option<Place>,
    /// Which of the execution's processes it belongs to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub process: u32,
}

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// A process of an execution that has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// What the scenario calls it.
    pub name: String,
    /// Whether it is a peer, and not the submission's.
    #[serde(default)]
    pub peer: bool,
    /// The exit code of a program that has ended by itself.
    #[serde(default)]
    pub exit: Option<i32>,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Ending {
    /// `main` returned (a panic in it gives 101) or `process::exit` was called.
    Exited {
        /// The exit code.
        code: i32,
    },
    /// Every peer has done what it does or has given up, and the programs that
    /// go on have come to rest (or went on for a minute more).
    Over {
        /// What each live thread of a program waits for.
        waits: Vec<Wait>,
    },
    /// No thread can run and none waits for a time to come.
    Deadlock {
        /// What each live thread waits for.
        waits: Vec<Wait>,
    },
    /// The execution took more steps than the plan allows, although every
    /// thread that could run was given its turns.
    Endless {
        /// The places that the last steps came back to, each with its thread.
        places: Vec<(u32, Place)>,
    },
    /// While one thread was held up, another went on taking steps.
    Polling {
        /// The thread that was held up.
        held_up: u32,
        /// The thread that polls.
        thread: u32,
        /// The places it came back to.
        places: Vec<Place>,
    },
    /// A thread went on for ever without taking a step, so that nobody else
    /// could run.
    Runaway {
        /// The thread.
        thread: u32,
        /// Its last step, if it took one.
        since: Option<Place>,
        /// Seconds of processor time after which it was ended.
        seconds: u64,
    },
    /// The submission did what no graded program may: it left its folder, or
    /// started another program.
    Unsupported {
        /// What, in words for a student.
        what: String,
        /// Where.
        place: Option<Place>,
    },
    /// The submission used something that is not simulated, although a right
    /// program may use it. This says nothing about the submission.
    NotSimulated {
        /// What, as in `the simulation does not support ...`.
        what: String,
        /// The thread that used it.
        thread: u32,
        /// Where, or the last place before that.
        place: Option<Place>,
    },
    /// A program used more than it may.
    TooMuch {
        /// Of what.
        limit: Limit,
        /// The same in words and with the number, as in `it printed more than
        /// ...`.
        what: String,
        /// The thread that went too far.
        thread: u32,
    },
    /// The process itself ended: an abort, a panic while unwinding, a stack
    /// overflow, memory used up.
    Crashed {
        /// In words.
        reason: String,
    },
}

/// What one thread waits for in a deadlock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The thread.
    pub thread: u32,
    /// The call it is in, as `Mutex::lock`, `Condvar::wait`, `JoinHandle::join`.
    pub call: String,
    /// The thing it waits for, named as in the timeline (`mutex 1`).
    pub object: String,
    /// Where that thing was made, if known.
    pub made: Option<Place>,
    /// Where it waits.
    pub place: Option<Place>,
    /// The threads that it waits for: who holds the lock, who is joined.
    pub holders: Vec<Holder>,
    /// For a condition variable: the last notification that found nobody
    /// waiting although this thread came to wait afterwards.
    pub missed: Option<Holder>,
}

/// A thread at a place: where it took a lock, or sent a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The thread.
    pub thread: u32,
    /// Where it did so.
    pub place: Option<Place>,
}

/// Something that happened in an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The thread that did it.
    pub thread: u32,
    /// What it did.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A call of the submission by the scenario begins.
    Call {
        /// The function's name.
        op: String,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// The thread's last open call returned.
    Return(Value),
    /// The thread's last open call panicked.
    CallPanicked,
    /// Bytes were written to a standard stream.
    Print {
        /// Which.
        stream: Stream,
        /// The text; bytes that are not UTF-8 are U+FFFD.
        text: String,
    },
    /// A panic began.
    Panic {
        /// Its message.
        message: String,
        /// Where.
        place: Option<Place>,
        /// The thread that caught it, if one did: by `catch_unwind`, or by
        /// joining the thread that it ended. A panic that was thrown on
        /// (`resume_unwind`) was not caught.
        #[serde(default)]
        caught: Option<u32>,
    },
    /// A note of the scenario's own.
    Mark {
        /// What it is about.
        name: String,
        /// The value.
        value: Value,
    },
    /// A peer did something.
    Peer {
        /// Which line of its script, from 0.
        line: u32,
        /// Nanoseconds since the beginning of the execution.
        at: u64,
        /// What.
        did: Did,
    },
    /// A program has ended (by itself, or since a peer killed it).
    Exited {
        /// Which of the execution's processes.
        process: u32,
        /// Its exit code; `None` where it was killed.
        code: Option<i32>,
    },
    /// Only in a replay: a step.
    Step(crate::timeline::RawStep),
}

/// What a peer did. Bytes are told as they passed: several of these for one
/// action where they came in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Did {
    /// It got a connection, by `connect` or by `accept`.
    Connected,
    /// It could not connect, for this reason (an `ErrorKind`, as
    /// `ConnectionRefused`).
    NotConnected(String),
    /// The connection took these bytes.
    Sent(Bytes),
    /// It could not send (all of) what it wanted to, for this reason.
    NotSent(String),
    /// It read these bytes; with UDP, one datagram.
    Received(Bytes),
    /// It read the end of input: the other side has closed in good order.
    End,
    /// The connection broke while it read, for this reason
    /// (`ConnectionReset`).
    Broken(String),
    /// It closed its side, or part of it: `shutdown`, `close`, `reset`,
    /// `vanish`, `unlisten`.
    Closed(String),
    /// It did something that is told by its line alone: `type`, `tell`,
    /// `start`, ...
    Acted,
    /// What this line waits for did not come, and it does no more. A site goes
    /// on: it answers a request that it held back for too long.
    GaveUp,
    /// A site was asked for this path, with its query.
    Asked {
        /// The path.
        path: String,
        /// How many requests of the site are under way then, this one counted.
        under_way: u32,
    },
    /// A site begins to end its answer to such a request: its last bytes are
    /// still to go out, or the transfer is about to break off.
    Answered {
        /// The path.
        path: String,
    },
    /// This was its last line, and it is done.
    Done,
}

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_counted_in_their_process() {
        let process = |name: &str, peer| Process {
            name: name.to_owned(),
            peer,
            exit: None,
        };
        let thread = |process| Thread {
            name: None,
            spawned: None,
            process,
        };
        let mut execution = Execution {
            schedule: String::new(),
            number: 0,
            preemptions: 0,
            began: 0,
            ending: Ending::Over { waits: vec![] },
            processes: vec![process("server", false), process("ann", true)],
            threads: [1, 0, 0, 0].map(thread).to_vec(),
            events: vec![],
        };
        let labels = |execution: &Execution| [0, 1, 2, 3].map(|thread| execution.label(thread));
        assert_eq!(
            labels(&execution),
            ["ann", "server", "server T1", "server T2"]
        );
        execution.processes.clear();
        assert_eq!(labels(&execution), ["main", "T1", "T2", "T3"]);
    }

    #[test]
    fn a_seal_is_what_cksum_gives() {
        let of = |parts: &[&str]| {
            let mut sealing = Sealing::default();
            parts.iter().for_each(|part| sealing.add(part.as_bytes()));
            let Seal { length, sum } = sealing.seal();
            (length, sum)
        };
        assert_eq!(of(&[]), (0, 4_294_967_295));
        assert_eq!(of(&["123456789"]), (9, 930_766_865));
        assert_eq!(of(&["1234", "", "56789"]), (9, 930_766_865));
        assert_ne!(of(&["56789", "1234"]), (9, 930_766_865));
    }

    #[test]
    fn an_execution_may_begin_in_the_year_9999() {
        let line = r#"{"execution":{"schedule":"a","preemptions":0,
            "began":253402300799000000001,"ending":{"how":"exited","code":0},
            "threads":[],"events":[]}}"#;
        let Record::Execution(execution) = serde_json::from_str(line).unwrap() else {
            panic!("it is an execution");
        };
        assert_eq!(execution.began, 253_402_300_799_000_000_001);
        let again = serde_json::to_string(&Record::Execution(execution)).unwrap();
        assert!(again.contains("253402300799000000001"), "{again}");
    }
}
