//! What the running thread tells of itself: the events of the record, and the values
//! and rows of its timeline.

use std::panic::Location;

use verdict::{Did, Event, Limit, Place, Stream, What};

use super::calls::too_much_of;
use super::known::is_world;
use super::trace::{Action, Trace};
use super::{MOST_WRITES, Panic, Shared, Use, Value, kernel, with, world};
use crate::arena::Outside;
use crate::op::Object;

/// Records what the current thread did. An execution that prints without end
/// has its end here.
pub(crate) fn record(what: What) {
    if let What::Print {
        stream: Stream::Stdout,
        text,
    } = &what
        && is_world()
    {
        world::printed(text);
    }
    let too_much = with(|kernel| {
        let run = &mut kernel.run;
        if let What::Print { text, .. } = &what {
            run.printed.0 += text.len();
            run.printed.1 += 1;
        }
        let (thing, class) = match &what {
            What::Print { .. } => (Some(Shared::Streams), Use::ALONE),
            What::Call { .. } => (Some(Shared::History), Use::CALL),
            What::Return(_) | What::CallPanicked => (Some(Shared::History), Use::RETURN),
            // What processes do is in order where one can know of the other.
            What::Peer { .. } | What::Exited { .. } => (None, Use::ALONE),
            _ => (Some(Shared::History), Use::ALONE),
        };
        if let Some(thing) = thing {
            let thing = run.thing_of(run.process_of(run.current), thing);
            run.uses(run.current, thing, class);
        }
        // Who gives up changes nothing for those that go on in vain.
        if !matches!(
            &what,
            What::Peer {
                did: Did::GaveUp,
                ..
            }
        ) {
            run.progresses();
        }
        let thread = run.current as u32;
        run.events.push(Event { thread, what });
        let limits = kernel.plan.world.limits;
        match run.printed {
            (bytes, _) if bytes as u64 > limits.output_mib << 20 => {
                Some(limits.passed(Limit::Output))
            }
            (_, writes) if writes > MOST_WRITES => {
                Some(format!("it printed more than {MOST_WRITES} times"))
            }
            _ => None,
        }
    });
    if let Some(what) = too_much.flatten() {
        too_much_of(Limit::Output, what);
    }
}

/// Adds the value that passed to the last step of this thread, where steps are
/// recorded.
pub fn value<V: Into<Value>>(value: impl FnOnce() -> V) {
    if is_traced() {
        // A trace must leave no mark on the memory of the execution: its
        // addresses are the same with and without one.
        let value = {
            let _outside = Outside::enter();
            value().into()
        };
        passes(value);
    }
}

/// The same for a value that has the name of a thing in it.
pub(crate) fn value_with_name(object: Object, value: impl FnOnce(&str) -> String) {
    if is_traced() {
        let name = name(object);
        let _outside = Outside::enter();
        let value = value(&name).into();
        drop(name);
        // SAFETY: as in `with`, which finds nobody inside now.
        unsafe { kernel() }.run.trace_value(value);
    }
}

/// Whether steps are recorded.
fn is_traced() -> bool {
    with(|kernel| kernel.run.trace.is_some()) == Some(true)
}

fn passes(value: Value) {
    with(|kernel| kernel.run.trace_value(value));
}

/// A number for a thing that keeps it, where steps are recorded; 0 elsewhere.
pub(crate) fn number_for_timeline() -> u32 {
    with(|kernel| kernel.run.trace.as_mut().map_or(0, Trace::number)).unwrap_or(0)
}

/// Adds a row to the timeline that is not a step: `unlocks mutex 1`.
pub fn row(verb: &'static str, object: Object, place: &'static Location<'static>) {
    with(|kernel| {
        if kernel.run.trace.is_some() {
            let current = kernel.run.current;
            let id = kernel.run.salted(current, object.id);
            let name = kernel.run.name_of(Object { id, ..object });
            let row = Action::Row(verb, name);
            kernel.run.trace_row(current, row, Some(place));
        }
    });
}

/// The name of a thing in the timeline; see [`Run::name_of`].
fn name(object: Object) -> String {
    with(|kernel| {
        let name = kernel.run.name_of(object);
        kernel.run.words(&name)
    })
    .unwrap_or_default()
}

/// A panic that is told of begins in the current thread.
pub(crate) fn tell_panic(message: String, place: Option<Place>) {
    let panic = with(|kernel| kernel.run.events.len());
    record(What::Panic {
        message,
        place,
        caught: None,
    });
    unwinds(panic);
}

/// The current thread begins to unwind from this panic.
pub(crate) fn unwinds(panic: Panic) {
    with(|kernel| {
        let current = kernel.run.current;
        kernel.run.threads[current].panics.push(panic);
    });
}

/// The current thread no longer unwinds from its last panic, which is given.
pub(crate) fn stops_unwinding() -> Panic {
    with(|kernel| {
        let current = kernel.run.current;
        kernel.run.threads[current].panics.pop()
    })
    .flatten()
    .flatten()
}

/// Tells of this panic that the current thread caught it, or (`false`) that
/// nobody did after all.
pub(crate) fn tell_caught(panic: Panic, is_caught: bool) {
    with(|kernel| {
        let by = is_caught.then_some(kernel.run.current as u32);
        let event = panic.and_then(|index| kernel.run.events.get_mut(index));
        if let Some(What::Panic { caught, .. }) = event.map(|event| &mut event.what) {
            *caught = by;
        }
    });
}

/// Whether the current thread unwinds from a panic.
pub(crate) fn is_panicking() -> bool {
    with(|kernel| !kernel.run.threads[kernel.run.current].panics.is_empty())
        .unwrap_or_else(std::thread::panicking)
}
