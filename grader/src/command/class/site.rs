//! The report of a gradebook, as the pages want it.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;
use verdict::{Check, Verdict};

use super::alike::{self, OfExercise};
use crate::course::Course;
use crate::gradebook::{Book, Entry, Files, Gradebook};
use crate::home;
use crate::report::html::site::{self, Class, Given, Submission};
use crate::report::{Again, visible_line};

/// What a report is made of.
pub(super) struct Site<'a> {
    pub(super) gradebook: &'a Gradebook,
    /// What the gradebook holds.
    pub(super) book: &'a Book,
    pub(super) course: &'a Course,
    /// The course, as it was given.
    pub(super) course_as: Option<&'a Path>,
    /// What the class is called.
    pub(super) title: &'a OsStr,
    /// What the students are called.
    pub(super) names: &'a [String],
    /// The sources that are kept, by their digest.
    pub(super) texts: &'a HashMap<String, Files>,
    /// What is alike, by exercise.
    pub(super) alike: &'a [OfExercise<'a>],
}

/// What the course has for an exercise.
struct About {
    title: String,
    hints: Vec<String>,
}

impl Site<'_> {
    /// Everything that the pages show.
    pub(super) fn class(&self) -> Result<Class> {
        let exercises = &self.book.exercises;
        let mut about: BTreeMap<&str, About> = BTreeMap::new();
        for exercise in exercises {
            // A gradebook may know of exercises that the course has no more.
            let hints = match self.course.has(&exercise.name) {
                true => self.course.exercise(&exercise.name)?.manifest.hints,
                false => Vec::new(),
            };
            let title = exercise.title.clone();
            about.insert(&exercise.name, About { title, hints });
        }
        let mut students = Vec::new();
        for (student, name) in self.book.students.iter().zip(self.names) {
            let mut entries = BTreeMap::new();
            for (exercise, entry) in &student.entries {
                if let Some(about) = about.get(exercise.as_str()) {
                    let entry = self.entry(exercise, about, entry)?;
                    entries.insert(exercise.clone(), entry);
                }
            }
            let name = name.clone();
            students.push(site::Student { name, entries });
        }
        let exercises = exercises.iter().map(|exercise| site::Exercise {
            name: exercise.name.clone(),
            title: exercise.title.clone(),
            points: exercise.points,
        });
        let shown = || self.alike.iter().flat_map(alike::most);
        let found: usize = self.alike.iter().map(|of| of.pairs.len()).sum();
        Ok(Class {
            title: self.title.to_string_lossy().into_owned(),
            exercises: exercises.collect(),
            students,
            alike: shown().map(|pair| pair.page()).collect(),
            alike_left_out: found - shown().count(),
            not_compared: self.alike.iter().map(|of| of.not_compared).sum(),
        })
    }

    fn entry(&self, exercise: &str, about: &About, entry: &Entry) -> Result<site::Entry> {
        let mut shown = site::Entry {
            late: entry.submission.as_ref().is_some_and(|of| of.late),
            trouble: entry.trouble.clone(),
            given: entry.changed.as_ref().map(|changed| Given {
                points: changed.points,
                reason: changed.reason.clone(),
            }),
            graded: None,
        };
        // A verdict on what was handed in before is none on what is here now.
        if let (Some(submission), Some(_)) = (&entry.submission, entry.current())
            && let Some(verdict) = self.gradebook.verdict(submission.id)?
        {
            shown.graded = Some(Submission {
                title: about.title.clone(),
                hints: about.hints.clone(),
                sources: self
                    .texts
                    .get(&submission.sources)
                    .cloned()
                    .unwrap_or_default(),
                again: self.again(exercise, &submission.handed_in_as, &verdict),
                verdict,
            });
        }
        Ok(shown)
    }

    /// The commands that show findings again; of what was packed, once it is unpacked.
    fn again(&self, exercise: &str, path: &str, verdict: &Verdict) -> BTreeMap<String, String> {
        let is_failed = verdict.checks.iter().any(|check| check.finding.is_some());
        if !is_failed {
            return BTreeMap::new();
        }
        let path = match Path::new(path).join("src").is_dir() {
            true => path,
            false => site::UNPACKED,
        };
        let course = self.course_as.map(|course| course.display().to_string());
        let mut options = vec!["--exercise", exercise];
        if let Some(course) = &course {
            options.extend(["--course", course]);
        }
        let again = Again::new(&home::called_as(), path, &options);
        let command = |check: &Check| {
            let finding = check.finding.as_ref()?;
            Some((check.id.clone(), again.command(check, finding)))
        };
        verdict.checks.iter().filter_map(command).collect()
    }
}

/// The students' names, those of namesakes with what tells them apart.
pub(super) fn names(book: &Book) -> Vec<String> {
    let mut count: HashMap<String, u32> = HashMap::new();
    for student in &book.students {
        *count.entry(visible_line(&student.name)).or_default() += 1;
    }
    let names = book.students.iter().map(|student| {
        let name = visible_line(&student.name);
        match count[&name] {
            1 => name,
            _ => format!("{name} ({})", visible_line(&student.key)),
        }
    });
    names.collect()
}
