//! How an execution ended, in words.

use verdict::{Ending, Execution, FindingKind, Place, What};

use crate::words::{and, at, brief, thread_name};
use crate::{Fault, deadlock};

/// The exit code of an execution that ended by itself. Every other ending is a
/// fault, whose message says who waited for what, and where.
pub fn exited(execution: &Execution) -> Result<i32, Fault> {
    let (kind, message) = match &execution.ending {
        Ending::Exited { code } => return Ok(*code),
        // Each of its programs has an ending of its own.
        Ending::Over { .. } => return Ok(0),
        Ending::Deadlock { waits } => return Err(deadlock::tell(execution, waits)),
        Ending::Endless { places } => (FindingKind::Livelock, endless(execution, places)),
        Ending::Polling {
            held_up,
            thread,
            places,
        } => (
            FindingKind::Polling,
            polling(execution, *held_up, *thread, places),
        ),
        Ending::Runaway {
            thread,
            since,
            seconds,
        } => {
            let name = thread_name(execution, *thread);
            let since = match since {
                Some(place) => format!(" after its step at {place}"),
                None => String::new(),
            };
            let message = format!(
                "{name} runs for ever{since}: it used {seconds} seconds of processor time \
                 without reaching anything through which threads wait or communicate"
            );
            (FindingKind::LimitExceeded, message)
        }
        Ending::Crashed { reason } => {
            let message = format!("the process was ended: {reason}{}", after_panic(execution));
            (FindingKind::Crash, message)
        }
        Ending::Unsupported {
            what,
            place: Some(place),
        } => (FindingKind::Unsupported, format!("at {place}: {what}")),
        Ending::Unsupported { what, place: None } => (FindingKind::Unsupported, what.clone()),
        // The grader asks no judge about such an execution.
        Ending::NotSimulated { what, .. } => (
            FindingKind::Unsupported,
            format!("the simulation does not support {what}"),
        ),
        Ending::TooMuch { what, thread, .. } => (
            FindingKind::LimitExceeded,
            format!(
                "the program was stopped in {}: {what}",
                thread_name(execution, *thread)
            ),
        ),
    };
    Err(Fault::new(kind, message))
}

/// The first panic of the submission that nobody caught, as a fault. Panics
/// that follow from it (a poisoned lock) need no telling. One that was caught,
/// by `catch_unwind` or by whoever joined the thread, is no fault; nor is one
/// that the scenario itself began (its place is in `check/`) the submission's.
pub fn no_panic(execution: &Execution) -> Result<(), Fault> {
    match uncaught_panic(execution) {
        Some(panic) => Err(Fault::new(FindingKind::Panic, panic)),
        None => Ok(()),
    }
}

/// `; T1 had panicked ...`, where a thread had and nobody caught it: what came
/// of it is easier to understand so.
pub(crate) fn after_panic(execution: &Execution) -> String {
    let panic = panics(execution).find(|panic| panic.caught.is_none());
    panic
        .map(|panic| format!("; {}", panic.tell(execution, "had panicked")))
        .unwrap_or_default()
}

/// The first panic that nobody caught, in words. Where its thread had caught
/// another one before (an `unwrap` of a `join`), that is told too: it is what
/// went wrong first.
fn uncaught_panic(execution: &Execution) -> Option<String> {
    let uncaught = panics(execution).find(|panic| panic.caught.is_none())?;
    let mut told = uncaught.tell(execution, "panicked");
    let caught = panics(execution)
        .take_while(|panic| panic.caught.is_some())
        .filter(|panic| panic.caught == Some(uncaught.thread))
        .last();
    if let Some(caught) = caught {
        told.push_str(", after ");
        told.push_str(&caught.tell(execution, "had panicked"));
    }
    Some(told)
}

struct Panic<'a> {
    thread: u32,
    message: &'a str,
    place: Option<&'a Place>,
    caught: Option<u32>,
}

impl Panic<'_> {
    fn tell(&self, execution: &Execution, verb: &str) -> String {
        let thread = thread_name(execution, self.thread);
        format!("{thread} {verb}{}: {}", at(self.place), brief(self.message))
    }
}

/// The panics of the submission.
fn panics(execution: &Execution) -> impl Iterator<Item = Panic<'_>> {
    execution
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Panic {
                message,
                place,
                caught,
            } => {
                let place = place.as_ref();
                let of_check = place.is_some_and(|place| place.file.starts_with("check/"));
                (!of_check).then_some(Panic {
                    thread: event.thread,
                    message,
                    place,
                    caught: *caught,
                })
            }
            _ => None,
        })
}

fn endless(execution: &Execution, places: &[(u32, Place)]) -> String {
    let mut threads: Vec<u32> = places.iter().map(|(thread, _)| *thread).collect();
    threads.sort_unstable();
    threads.dedup();
    let loops: Vec<String> = threads
        .into_iter()
        .map(|thread| {
            let own = places
                .iter()
                .filter(|(other, _)| *other == thread)
                .map(|(_, place)| place);
            format!(
                "{} comes back to {}",
                thread_name(execution, thread),
                several(own)
            )
        })
        .collect();
    let loops = match loops.as_slice() {
        [] => String::new(),
        loops => format!(": {}", and(loops)),
    };
    format!("the program goes on for ever although every thread gets its turns{loops}")
}

fn polling(execution: &Execution, held_up: u32, thread: u32, places: &[Place]) -> String {
    let thread = thread_name(execution, thread);
    let held_up = thread_name(execution, held_up);
    let back = match places {
        [] => "went on taking steps".to_owned(),
        places => format!("kept coming back to {}", several(places.iter())),
    };
    format!("{thread} does not wait blocked: while {held_up} was held up, it {back}")
}

/// A few different places, as `a, b and 2 more`.
fn several<'a>(places: impl Iterator<Item = &'a Place>) -> String {
    const SHOWN: usize = 3;
    let mut different: Vec<String> = Vec::new();
    for place in places {
        let place = place.to_string();
        if !different.contains(&place) {
            different.push(place);
        }
    }
    if different.len() > SHOWN {
        let more = different.len() - SHOWN;
        different.truncate(SHOWN);
        different.push(format!("{more} more"));
    }
    and(&different)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{event, execution, finished, place};

    /// The kind and the message of what `exited` finds.
    fn told(ending: Ending) -> (FindingKind, String) {
        let fault = exited(&execution(ending, vec![])).unwrap_err();
        (fault.kind, fault.message)
    }

    fn panicked(thread: u32, message: &str, place: Option<Place>) -> verdict::Event {
        event(
            thread,
            What::Panic {
                message: message.into(),
                place,
                caught: None,
            },
        )
    }

    /// The same, caught by a thread.
    fn caught(by: u32, mut event: verdict::Event) -> verdict::Event {
        match &mut event.what {
            What::Panic { caught, .. } => *caught = Some(by),
            other => panic!("{other:?} is no panic"),
        }
        event
    }

    #[test]
    fn an_exit_code_is_no_fault_whatever_it_is() {
        assert_eq!(
            exited(&execution(Ending::Exited { code: 101 }, vec![])),
            Ok(101)
        );
    }

    #[test]
    fn an_endless_execution_tells_where_each_thread_comes_back_to() {
        let places = vec![(2, place(7)), (1, place(9)), (2, place(8)), (2, place(7))];
        assert_eq!(
            told(Ending::Endless { places }),
            (
                FindingKind::Livelock,
                "the program goes on for ever although every thread gets its turns: T1 comes back \
                 to src/lib.rs:9:5 and T2 comes back to src/lib.rs:7:5 and src/lib.rs:8:5"
                    .into()
            )
        );
        assert_eq!(
            told(Ending::Endless { places: vec![] }).1,
            "the program goes on for ever although every thread gets its turns"
        );
    }

    #[test]
    fn polling_tells_who_polls_where_and_who_was_held_up() {
        let places = (20..25).map(place).collect();
        assert_eq!(
            told(Ending::Polling {
                held_up: 1,
                thread: 2,
                places
            }),
            (
                FindingKind::Polling,
                "T2 does not wait blocked: while T1 was held up, it kept coming back to \
                 src/lib.rs:20:5, src/lib.rs:21:5, src/lib.rs:22:5 and 2 more"
                    .into()
            )
        );
        assert_eq!(
            told(Ending::Polling {
                held_up: 0,
                thread: 1,
                places: vec![]
            })
            .1,
            "T1 does not wait blocked: while main was held up, it went on taking steps"
        );
    }

    #[test]
    fn a_thread_without_steps_tells_its_last_one_where_that_is_known() {
        let runs = |since| {
            told(Ending::Runaway {
                thread: 1,
                since,
                seconds: 2,
            })
            .1
        };
        assert_eq!(
            runs(Some(place(4))),
            "T1 runs for ever after its step at src/lib.rs:4:5: it used 2 seconds of processor \
             time without reaching anything through which threads wait or communicate"
        );
        assert!(runs(None).starts_with("T1 runs for ever: it used 2 seconds"));
    }

    #[test]
    fn a_crash_tells_its_reason_and_the_panic_before_it() {
        let ending = Ending::Crashed {
            reason: "a panic while unwinding".into(),
        };
        assert_eq!(
            told(ending.clone()),
            (
                FindingKind::Crash,
                "the process was ended: a panic while unwinding".into()
            )
        );
        let events = vec![
            panicked(3, "first", Some(place(3))),
            panicked(3, "second", None),
        ];
        assert_eq!(
            exited(&execution(ending, events)).unwrap_err().message,
            "the process was ended: a panic while unwinding; T3 had panicked at src/lib.rs:3:5: \
             first"
        );
    }

    #[test]
    fn what_is_not_supported_is_told_with_its_place() {
        let what = "`std::process::Command` starts programs, and a graded one may not".to_owned();
        assert_eq!(
            told(Ending::Unsupported {
                what: what.clone(),
                place: Some(place(4))
            }),
            (
                FindingKind::Unsupported,
                "at src/lib.rs:4:5: `std::process::Command` starts programs, and a graded one may \
                 not"
                .into()
            )
        );
        assert_eq!(
            told(Ending::Unsupported {
                what: what.clone(),
                place: None
            })
            .1,
            what
        );
    }

    #[test]
    fn a_panic_that_was_caught_is_no_fault() {
        let events = vec![
            caught(1, panicked(1, "tried", Some(place(3)))),
            caught(0, panicked(2, "joined", Some(place(4)))),
        ];
        assert_eq!(no_panic(&finished(events.clone())), Ok(()));
        let ending = Ending::Crashed {
            reason: "it aborted".into(),
        };
        assert_eq!(
            exited(&execution(ending.clone(), events.clone()))
                .unwrap_err()
                .message,
            "the process was ended: it aborted"
        );
        let last = vec![panicked(3, "in the end", Some(place(5)))];
        let events = [events, last].concat();
        assert_eq!(
            no_panic(&finished(events.clone())).unwrap_err().message,
            "T3 panicked at src/lib.rs:5:5: in the end"
        );
        assert_eq!(
            exited(&execution(ending, events)).unwrap_err().message,
            "the process was ended: it aborted; T3 had panicked at src/lib.rs:5:5: in the end"
        );
    }

    #[test]
    fn a_panic_over_a_caught_one_tells_both() {
        let events = vec![
            caught(0, panicked(1, "tried", Some(place(3)))),
            caught(2, panicked(1, "not its own", Some(place(9)))),
            panicked(0, "called `Result::unwrap()` on an `Err`", Some(place(7))),
            caught(0, panicked(2, "later", Some(place(8)))),
        ];
        assert_eq!(
            no_panic(&finished(events)).unwrap_err().message,
            "main panicked at src/lib.rs:7:5: called `Result::unwrap()` on an `Err`, after T1 had \
             panicked at src/lib.rs:3:5: tried"
        );
    }

    #[test]
    fn what_is_too_much_is_a_limit_with_its_thread() {
        let ending = Ending::TooMuch {
            limit: verdict::Limit::Output,
            what: "it printed more than 8 MiB".into(),
            thread: 1,
        };
        assert_eq!(
            told(ending),
            (
                FindingKind::LimitExceeded,
                "the program was stopped in T1: it printed more than 8 MiB".into()
            )
        );
    }

    #[test]
    fn the_first_panic_of_the_submission_is_told() {
        let of_check = Place {
            file: "check/scenarios.rs".into(),
            line: 1,
            column: 1,
        };
        let events = vec![
            panicked(1, "this fetch fails by design", Some(of_check)),
            panicked(2, "attempt to subtract with overflow\n", Some(place(12))),
            panicked(
                0,
                "called `Result::unwrap()` on an `Err` value: PoisonError",
                None,
            ),
        ];
        let fault = no_panic(&finished(events.clone())).unwrap_err();
        assert_eq!(fault.kind, FindingKind::Panic);
        assert_eq!(
            fault.message,
            "T2 panicked at src/lib.rs:12:5: attempt to subtract with overflow"
        );
        assert_eq!(no_panic(&finished(events[..1].to_vec())), Ok(()));
        assert_eq!(
            no_panic(&finished(events[2..].to_vec()))
                .unwrap_err()
                .message,
            "main panicked: called `Result::unwrap()` on an `Err` value: PoisonError"
        );
    }
}
