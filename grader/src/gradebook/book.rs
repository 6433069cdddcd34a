//! What a gradebook holds, as plain data for reports. Verdicts are here without
//! their timelines; [`super::Gradebook::verdict`] gives a whole one.

use std::collections::BTreeMap;

use verdict::{CheckOutcome, FindingKind, Outcome};

use crate::git::Commit;

/// A class and its results.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Book {
    /// The exercises that were graded, by name.
    pub(crate) exercises: Vec<Exercise>,
    /// The students, by name.
    pub(crate) students: Vec<Student>,
}

/// An exercise that somebody was graded on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exercise {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) points: u32,
}

/// A student, with or without anything handed in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Student {
    /// What the hand-ins are called by, which is no other student's.
    pub(crate) key: String,
    /// How they are shown.
    pub(crate) name: String,
    /// Their id in the roster, where there was one.
    pub(crate) roster_id: Option<String>,
    /// What there is for each exercise, by its name; nothing for one that was
    /// not handed in and not changed by hand.
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// One student and one exercise.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Entry {
    /// What was handed in.
    pub(crate) submission: Option<Submission>,
    /// The last verdict on it.
    pub(crate) graded: Option<Graded>,
    /// Why it could not be graded the last time; never a score.
    pub(crate) trouble: Option<String>,
    /// Points given by hand.
    pub(crate) changed: Option<Override>,
}

/// What a student has handed in for an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// Its number in the gradebook, for [`super::Gradebook::verdict`].
    pub(crate) id: i64,
    /// The path that it was found at.
    pub(crate) handed_in_as: String,
    /// The number that the LMS's file name has for the student.
    pub(crate) lms_id: Option<String>,
    /// Whether the LMS's file name says that it was late.
    pub(crate) late: bool,
    /// The digest of its sources.
    pub(crate) sources: String,
    /// When it was first seen with these sources, in seconds since 1970.
    pub(crate) seen: i64,
    /// The commit that has these sources, where they lie in a clone that tells.
    pub(crate) commit: Option<Commit>,
}

/// A verdict without its timelines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graded {
    pub(crate) outcome: Outcome,
    pub(crate) score: u32,
    pub(crate) max_score: u32,
    pub(crate) message: String,
    /// In seconds since 1970.
    pub(crate) graded_at: i64,
    /// Whether the verdict is on the sources that are there now, and not on
    /// those of an earlier hand-in.
    pub(crate) current: bool,
    pub(crate) checks: Vec<Check>,
}

/// A check of a verdict.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) outcome: CheckOutcome,
    pub(crate) points: u32,
    pub(crate) max_points: u32,
    /// Whether students were told of it before.
    pub(crate) visible: bool,
    /// The kind of its finding, where it failed.
    pub(crate) finding: Option<FindingKind>,
    /// What is wrong, or where it holds.
    pub(crate) message: String,
}

/// Points that a person has given, whatever the verdict is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) points: u32,
    pub(crate) reason: String,
    /// In seconds since 1970.
    pub(crate) at: i64,
}

impl Entry {
    /// The verdict, if it is on what is handed in now.
    pub(crate) fn current(&self) -> Option<&Graded> {
        self.graded.as_ref().filter(|graded| graded.current)
    }

    /// The points that count: those given by hand, else those of the verdict on
    /// what is handed in now.
    pub(crate) fn points(&self) -> Option<u32> {
        match &self.changed {
            Some(changed) => Some(changed.points),
            None => self.current().map(|graded| graded.score),
        }
    }
}
