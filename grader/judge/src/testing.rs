//! Executions for the tests of the other modules.

use verdict::record::Thread;
use verdict::{Ending, Event, Execution, Place, What};

/// An execution with four threads without names.
pub(crate) fn execution(ending: Ending, events: Vec<Event>) -> Execution {
    let thread = Thread {
        name: None,
        spawned: None,
        process: 0,
    };
    Execution {
        schedule: "0".into(),
        number: 0,
        preemptions: 0,
        ending,
        began: 0,
        processes: vec![],
        threads: vec![thread; 4],
        events,
    }
}

/// An execution that ends by itself.
pub(crate) fn finished(events: Vec<Event>) -> Execution {
    execution(Ending::Exited { code: 0 }, events)
}

pub(crate) fn event(thread: u32, what: What) -> Event {
    Event { thread, what }
}

/// A place in `src/lib.rs`.
pub(crate) fn place(line: u32) -> Place {
    Place {
        file: "src/lib.rs".into(),
        line,
        column: 5,
    }
}
