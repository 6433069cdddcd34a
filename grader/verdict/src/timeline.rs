//! A failing execution as it is shown: a row for each step.

use serde::{Deserialize, Serialize};

use crate::Place;

/// A step as the simulation tells it in a replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawStep {
    /// What the thread does, in words: `locks mutex 1`, `prints "3"`.
    pub action: String,
    /// Where, where the place is known.
    pub place: Option<Place>,
    /// The value that passed: what was loaded, sent, received, returned.
    pub value: Option<String>,
    /// Why this thread runs now and another did before: `None` when the same
    /// thread goes on.
    pub switch: Option<String>,
    /// The name of what it works on, the same wherever that is worked on;
    /// `None` for what has no name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<String>,
}

/// A row of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Number of the step, from 1.
    pub step: u64,
    /// The thread, by number; 0 is the main one.
    pub thread: u32,
    /// The thread's name as it is shown: `main`, `T1`, `T2 "writer"`.
    pub name: String,
    /// What it does.
    pub action: String,
    /// Where.
    pub place: Option<Place>,
    /// The value that passed.
    pub value: Option<String>,
    /// Why this thread runs now, where another did before.
    pub switch: Option<String>,
    /// Whether it works on something that no other thread of the execution
    /// works on, and so explains little.
    #[serde(skip)]
    pub own: bool,
    /// The steps between the row before and this one that are left out, by
    /// their threads; empty where none are.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub left_out: Vec<LeftOut>,
}

/// Steps of one thread that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The thread, by number; 0 is the main one.
    pub thread: u32,
    /// The thread's name as it is shown.
    pub name: String,
    /// How many of its steps.
    pub steps: u64,
}

impl LeftOut {
    /// Counts further steps of a thread, in counts in order of the threads.
    pub fn add(counts: &mut Vec<LeftOut>, thread: u32, name: &str, steps: u64) {
        match counts.binary_search_by_key(&thread, |count| count.thread) {
            Ok(known) => counts[known].steps += steps,
            Err(place) => {
                let name = name.to_owned();
                counts.insert(
                    place,
                    LeftOut {
                        thread,
                        name,
                        steps,
                    },
                );
            }
        }
    }
}

/// The rows of a failing execution.
pub type Timeline = Vec<Step>;
