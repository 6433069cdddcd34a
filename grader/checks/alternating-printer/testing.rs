//! Executions for the tests of the other modules.

use judge::{Ending, Event, Execution, Stream, Thread, What};

/// An execution that ends with exit code 0 after these threads printed these
/// texts on standard output.
pub(crate) fn prints(prints: &[(u32, &str)]) -> Execution {
    ended(Ending::Exited { code: 0 }, prints)
}

/// An execution with this ending after these prints on standard output.
pub(crate) fn ended(ending: Ending, prints: &[(u32, &str)]) -> Execution {
    let events = prints
        .iter()
        .map(|&(thread, text)| print(thread, Stream::Stdout, text))
        .collect();
    Execution {
        schedule: "0".into(),
        number: 0,
        preemptions: 0,
        ending,
        began: 0,
        processes: vec![],
        threads: vec![
            Thread {
                name: None,
                spawned: None,
                process: 0
            };
            4
        ],
        events,
    }
}

/// An execution that ends with this exit code after these prints on standard
/// error.
pub(crate) fn complains(code: i32, texts: &[&str]) -> Execution {
    let mut execution = ended(Ending::Exited { code }, &[]);
    execution.events = texts
        .iter()
        .map(|text| print(0, Stream::Stderr, text))
        .collect();
    execution
}

/// An execution in which this thread panics and nothing is printed.
pub(crate) fn panics(thread: u32, message: &str) -> Execution {
    let mut execution = ended(Ending::Exited { code: 101 }, &[]);
    let what = What::Panic {
        message: message.into(),
        place: None,
        caught: None,
    };
    execution.events.push(Event { thread, what });
    execution
}

/// An execution that gets stuck after these prints.
pub(crate) fn stuck(prints: &[(u32, &str)]) -> Execution {
    ended(Ending::Deadlock { waits: vec![] }, prints)
}

fn print(thread: u32, stream: Stream, text: &str) -> Event {
    Event {
        thread,
        what: What::Print {
            stream,
            text: text.into(),
        },
    }
}
