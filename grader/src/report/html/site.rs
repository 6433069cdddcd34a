//! The site of a class, for who teaches it: a table of students and exercises,
//! what the exercises show, and a page for each submission.
//!
//! It is made of plain data, and knows nothing of where that is kept.

mod alike;
mod exercises;
mod matrix;

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use verdict::Outcome;

pub use self::alike::{Alike, Lines, Side};
pub use super::submission::Submission;

use super::escape::{Shown, slug};
use super::page::page;
use super::submission;
use crate::report::words;

/// A class and its results.
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// What the class is called.
    pub title: String,
    /// The exercises, in the order of the columns.
    pub exercises: Vec<Exercise>,
    /// The students, in the order of the rows.
    pub students: Vec<Student>,
    /// Submissions that are too alike.
    pub alike: Vec<Alike>,
    /// How many more pairs there are.
    pub alike_left_out: usize,
    /// How many more may be alike, and were not compared.
    pub not_compared: usize,
}

/// An exercise of the class.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its points.
    pub points: u32,
}

/// A student.
#[derive(Debug, Clone, Default)]
pub struct Student {
    /// The name that is shown.
    pub name: String,
    /// What there is for each exercise, by its name; nothing for one that was
    /// not handed in and not changed by hand.
    pub entries: BTreeMap<String, Entry>,
}

/// A student and an exercise.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The last verdict, with all that its page shows.
    pub graded: Option<Submission>,
    /// Whether it was handed in late.
    pub late: bool,
    /// Why it could not be graded the last time. Never a score.
    pub trouble: Option<String>,
    /// Points given by hand, which count instead of those of the verdict.
    pub given: Option<Given>,
}

/// Points given by hand.
#[derive(Debug, Clone)]
pub struct Given {
    /// The points.
    pub points: u32,
    /// Why.
    pub reason: String,
}

impl Entry {
    /// The points that count; none where nothing was graded.
    fn points(&self) -> Option<u32> {
        match (&self.given, &self.graded) {
            (Some(given), _) => Some(given.points),
            (None, Some(graded)) if graded.verdict.outcome != Outcome::InfrastructureError => {
                Some(graded.verdict.score)
            }
            _ => None,
        }
    }

    /// Why it could not be graded, if that is so.
    fn trouble(&self) -> Option<&str> {
        let failed = self.graded.as_ref().map(|graded| &graded.verdict);
        let failed = failed.filter(|verdict| verdict.outcome == Outcome::InfrastructureError);
        self.trouble
            .as_deref()
            .or(failed.map(|verdict| verdict.message.as_str()))
    }
}

/// What stands for a submission's folder in a command, where it was packed.
pub const UNPACKED: &str = "FOLDER";

/// The files of the site, each with its path.
pub fn site(class: &Class) -> Vec<(String, String)> {
    files(class).collect()
}

/// The same one after the other, each made when it is asked for: `index.html`,
/// a page for each submission, and one for each pair that is alike. Text of the
/// class's own is in no path but as letters, digits and hyphens.
pub fn files(class: &Class) -> impl Iterator<Item = (String, String)> {
    let pages = pages(class);
    let index = ("index.html".to_owned(), index(class, &pages));
    let around = around(class, &pages);
    let submissions = pages.into_iter().filter_map(move |(of, path)| {
        let (student, exercise) = of;
        let graded = class.students[student].entries[exercise].graded.as_ref()?;
        let student = &class.students[student];
        Some((path, of_class(student, exercise, graded, &around[&of])))
    });
    let alike = alike::paths(class).into_iter().zip(&class.alike);
    let alike = alike.map(|(path, pair)| (path, alike::document(class, pair)));
    std::iter::once(index).chain(submissions).chain(alike)
}

/// The paths of the submissions' pages, by the student's number and the
/// exercise's name.
type Pages<'a> = BTreeMap<(usize, &'a str), String>;

fn pages(class: &Class) -> Pages<'_> {
    let mut taken = BTreeSet::new();
    let mut pages = Pages::new();
    for (number, student) in class.students.iter().enumerate() {
        for (exercise, entry) in &student.entries {
            let is_listed = class.exercises.iter().any(|known| known.name == *exercise);
            if entry.graded.is_none() || !is_listed {
                continue;
            }
            let name = format!("{}--{}", slug(&student.name), slug(exercise));
            let names = (2..).map(|more| format!("{name}-{more}"));
            let free = std::iter::once(name.clone())
                .chain(names)
                .find(|name| taken.insert(name.clone()));
            if let Some(free) = free {
                pages.insert((number, exercise), format!("pages/{free}.html"));
            }
        }
    }
    pages
}

/// The pages of an exercise before and after one, each with its student's name.
type Around<'a> = [Option<(&'a str, String)>; 2];

/// What is around each page, in the order of the students.
fn around<'a>(class: &'a Class, pages: &Pages<'a>) -> BTreeMap<(usize, &'a str), Around<'a>> {
    let mut around: BTreeMap<(usize, &str), Around<'_>> = BTreeMap::new();
    let mut last: BTreeMap<&str, (usize, &String)> = BTreeMap::new();
    // Pages lie in one folder, so the name of the file is the way there.
    let link = |student: usize, path: &String| {
        let name = class.students[student].name.as_str();
        Some((name, path.trim_start_matches("pages/").to_owned()))
    };
    for ((student, exercise), path) in pages {
        let before = last.insert(*exercise, (*student, path));
        let of = before.and_then(|(student, path)| link(student, path));
        around.insert((*student, *exercise), [of, None]);
        if let Some((before, _)) = before
            && let Some(of) = around.get_mut(&(before, *exercise))
        {
            of[1] = link(*student, path);
        }
    }
    around
}

/// The page of a student's submission, with the ways to the index and to the next
/// one.
fn of_class(student: &Student, exercise: &str, graded: &Submission, around: &Around<'_>) -> String {
    let [before, after] = around;
    let entry = &student.entries[exercise];
    let body = html! {
        nav.ways aria-label="The class" {
            a href="../index.html#results" { "All results" }
            @if let Some((name, path)) = before {
                a href=(path) rel="prev" { span aria-hidden="true" { "← " } "Before: " (Shown(name)) }
            }
            @if let Some((name, path)) = after {
                a href=(path) rel="next" { "Next: " (Shown(name)) span aria-hidden="true" { " →" } }
            }
        }
        p.who {
            strong { (Shown(&student.name)) }
            @if entry.late { ", handed in late" }
        }
        @if let Some(given) = &entry.given {
            p.given {
                strong { (given.points) " of " (words::count(graded.verdict.max_score, "point")) " by hand" }
                ", and not those of the verdict below: " (Shown(&given.reason))
            }
        }
        (submission::section(graded, 0))
    };
    page(&format!("{}: {}", graded.title, student.name), &body)
}

fn index(class: &Class, pages: &Pages<'_>) -> String {
    let body = html! {
        header {
            h1 { (Shown(&class.title)) }
            (facts(class))
        }
        section {
            h2 id="results" { "Results" }
            (matrix::matrix(class, pages))
        }
        section {
            h2 { "Exercises" }
            div.exercises {
                @for exercise in &class.exercises { (exercises::exercise(class, exercise)) }
            }
        }
        (troubles(class))
        (given(class, pages))
        (alike::section(class))
    };
    page(&class.title, &body)
}

/// Every entry of the class, with its student and its exercise.
fn entries(class: &Class) -> impl Iterator<Item = (usize, &Student, &Exercise, &Entry)> {
    class
        .students
        .iter()
        .enumerate()
        .flat_map(move |(number, student)| {
            let of = move |exercise: &'_ Exercise| student.entries.get(&exercise.name);
            class
                .exercises
                .iter()
                .filter_map(move |exercise| Some((number, student, exercise, of(exercise)?)))
        })
}

fn facts(class: &Class) -> Markup {
    let count = |counts: fn(&Entry) -> bool| {
        entries(class)
            .filter(|(_, _, _, entry)| counts(entry))
            .count()
    };
    let facts = [
        (class.students.len(), "students"),
        (class.exercises.len(), "exercises"),
        (count(|entry| entry.points().is_some()), "results"),
        (
            count(|entry| entry.trouble().is_some()),
            "could not be graded",
        ),
        (count(|entry| entry.given.is_some()), "changed by hand"),
        (class.alike.len() + class.alike_left_out, "pairs alike"),
    ];
    html! {
        ul.facts {
            @for (number, what) in facts {
                li { strong { (number) } span { (what) } }
            }
        }
    }
}

fn troubles(class: &Class) -> Markup {
    let troubles: Vec<_> = entries(class)
        .filter_map(|(_, student, exercise, entry)| Some((student, exercise, entry.trouble()?)))
        .collect();
    html! {
        @if !troubles.is_empty() {
            section {
                h2 { "Could not be graded" }
                p { "That is the grader's trouble or the machine's, and no score. Grade these again." }
                div.scroll tabindex="0" role="group" aria-label="Could not be graded" {
                    table {
                        thead { tr { th scope="col" { "Student" } th scope="col" { "Exercise" } th scope="col" { "Why" } } }
                        tbody {
                            @for (student, exercise, why) in troubles {
                                tr {
                                    th scope="row" { (Shown(&student.name)) }
                                    td { (Shown(&exercise.title)) }
                                    td { (Shown(why)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn given(class: &Class, pages: &Pages<'_>) -> Markup {
    let given: Vec<_> = entries(class)
        .filter_map(|(number, student, exercise, entry)| {
            let page = pages.get(&(number, exercise.name.as_str()));
            Some((
                student,
                exercise,
                entry.given.as_ref()?,
                entry.graded.as_ref(),
                page,
            ))
        })
        .collect();
    html! {
        @if !given.is_empty() {
            section {
                h2 { "Changed by hand" }
                div.scroll tabindex="0" role="group" aria-label="Changed by hand" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Student" }
                                th scope="col" { "Exercise" }
                                th.number scope="col" { "Graded" }
                                th.number scope="col" { "Given" }
                                th scope="col" { "Why" }
                            }
                        }
                        tbody {
                            @for (student, exercise, given, graded, page) in given {
                                @let score = graded.map_or("–".to_owned(), |graded| graded.verdict.score.to_string());
                                tr {
                                    th scope="row" { (Shown(&student.name)) }
                                    td { (Shown(&exercise.title)) }
                                    td.number { @match page { Some(page) => a href=(page) { (score) }, None => (score) } }
                                    td.number { (given.points) "/" (exercise.points) }
                                    td { (Shown(&given.reason)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An outcome that is worth a word beside a score.
fn remark(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Graded | Outcome::InfrastructureError => None,
        outcome => Some(words::outcome(outcome)),
    }
}
