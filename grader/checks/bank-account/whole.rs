//! Whether an execution came to its end, with every call returned.

use judge::{Ending, Execution, Fault, FindingKind, Operation, Returned, Value, What};

use crate::history;

/// The sentence of the contract that every call returns.
const CALLS_RETURN: &str = "C15";

/// An execution in which every call of the script was made and returned, but for
/// a `total` that may panic.
pub(crate) struct Whole {
    /// The calls.
    pub(crate) calls: Vec<Operation>,
    /// The threads that were alive at the end, the main one included.
    pub(crate) threads: u64,
}

/// Reads an execution; one that is not whole is the fault.
pub(crate) fn read(execution: &Execution) -> Result<Whole, Fault> {
    let code = judge::exited(execution).map_err(|fault| match execution.ending {
        // What no graded program may do breaks no sentence.
        Ending::Unsupported { .. } => fault,
        _ => fault.sentence(CALLS_RETURN),
    })?;
    let calls = judge::history(execution);
    let open = history::panics_that_are_open(&calls);
    let panicked =
        |call: &&Operation| call.outcome == Returned::Panicked && !open.contains(&call.began);
    if let Some(call) = calls.iter().find(panicked) {
        judge::no_panic(&without(execution, &calls, &open))
            .map_err(|fault| told_with(call, fault))?;
        return Err(fault(FindingKind::Panic, format!("`{call}` panicked")));
    }
    if let Some(call) = calls.iter().find(|call| call.outcome == Returned::Pending) {
        let message = format!("the process ended with exit code {code} in the middle of `{call}`");
        return Err(fault(FindingKind::WrongResult, message));
    }
    // The scenario makes this note last. Without it, or with another exit code,
    // something of the submission's ended the process between two calls.
    match judge::marks(execution, "threads").as_slice() {
        [(0, Value::Number(threads))] if code == 0 => Ok(Whole {
            calls,
            threads: *threads,
        }),
        _ => {
            let message =
                format!("the process ended with exit code {code} before all calls were made");
            Err(fault(FindingKind::WrongResult, message))
        }
    }
}

/// The execution without what panicked in those calls: it is no reason for what
/// another call did.
fn without(execution: &Execution, calls: &[Operation], open: &[usize]) -> Execution {
    let mut execution = execution.clone();
    let mut index = 0;
    execution.events.retain(|event| {
        let at = index;
        index += 1;
        let within = |call: &Operation| {
            open.contains(&call.began)
                && call.thread == event.thread
                && (call.began..call.ended.unwrap_or(usize::MAX)).contains(&at)
        };
        !(matches!(event.what, What::Panic { .. }) && calls.iter().any(within))
    });
    execution
}

fn fault(kind: FindingKind, message: String) -> Fault {
    Fault::new(kind, message).sentence(CALLS_RETURN)
}

/// The fault of a panic, with the call that it ended.
fn told_with(call: &Operation, panic: Fault) -> Fault {
    fault(
        panic.kind,
        history::readable(format!("`{call}` did not return: {}", panic.message)),
    )
}
