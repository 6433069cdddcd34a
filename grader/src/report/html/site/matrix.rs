//! The table of students and exercises.

use maud::{Markup, html};

use super::{Class, Entry, Exercise, Pages, Student, remark};
use crate::report::html::escape::Shown;

/// What rows can be filtered by: the tag, and its words.
const TAGS: [(&str, &str); 7] = [
    ("full", "full marks everywhere"),
    ("short", "points missing"),
    ("missing", "something not handed in"),
    ("trouble", "could not be graded"),
    ("hand", "changed by hand"),
    ("late", "late"),
    ("broken", "does not compile, or refused"),
];

/// A row for each student, a column for each exercise.
pub(super) fn matrix(class: &Class, pages: &Pages<'_>) -> Markup {
    html! {
        div.filters data-of="matrix" hidden {
            label { "Student" input type="search" autocomplete="off"; }
            label {
                "Shown"
                select {
                    option value="" { "all" }
                    @for (tag, words) in TAGS { option value=(tag) { (words) } }
                }
            }
            span.said role="status" {}
        }
        div.scroll.matrix tabindex="0" role="group" aria-label="Results" {
            table.sortable id="matrix" {
                thead {
                    tr {
                        th scope="col" data-sort="text" { "Student" }
                        @for exercise in &class.exercises {
                            th.number scope="col" data-sort="number" { (Shown(&exercise.title)) }
                        }
                        th.number scope="col" data-sort="number" { "All" }
                    }
                }
                tbody {
                    @for (number, student) in class.students.iter().enumerate() {
                        tr data-tags=(tags(class, student).join(" ")) {
                            th scope="row" { (Shown(&student.name)) }
                            @for exercise in &class.exercises {
                                (cell(student.entries.get(&exercise.name), exercise, pages.get(&(number, exercise.name.as_str()))))
                            }
                            (total(class, student))
                        }
                    }
                }
            }
        }
    }
}

fn cell(entry: Option<&Entry>, exercise: &Exercise, page: Option<&String>) -> Markup {
    let Some(entry) = entry else {
        return html! { td.number data-value="" { "–" } };
    };
    let points = entry.points();
    let told = match points {
        Some(points) => format!("{points}/{}", exercise.points),
        None => "–".to_owned(),
    };
    let value = points.map_or(String::new(), |points| points.to_string());
    let outcome = entry.graded.as_ref().map(|graded| graded.verdict.outcome);
    // Who teaches looks for these.
    let low = points.is_some_and(|points| points * 2 < exercise.points);
    html! {
        td.number.low[low] data-value=(value) {
            @match page { Some(page) => a href=(page) { (told) }, None => (told) }
            @if let Some(remark) = outcome.and_then(remark) { " " span.note { (remark) } }
            @if entry.given.is_some() { " " span.note { "by hand" } }
            @if entry.late { " " span.note { "late" } }
            @if entry.trouble().is_some() { " " span.note.bad { "not graded" } }
        }
    }
}

fn total(class: &Class, student: &Student) -> Markup {
    let of = |exercise: &Exercise| student.entries.get(&exercise.name)?.points();
    let points: u32 = class.exercises.iter().filter_map(of).sum();
    let all: u32 = class.exercises.iter().map(|exercise| exercise.points).sum();
    html! { td.number data-value=(points) { (points) "/" (all) } }
}

fn tags(class: &Class, student: &Student) -> Vec<&'static str> {
    let entries = || {
        let of = |exercise: &Exercise| student.entries.get(&exercise.name);
        class
            .exercises
            .iter()
            .map(move |exercise| (exercise, of(exercise)))
    };
    let any = |is: fn(&Entry) -> bool| entries().any(|(_, entry)| entry.is_some_and(is));
    let is_full = |(exercise, entry): (&Exercise, Option<&Entry>)| {
        entry
            .and_then(Entry::points)
            .is_some_and(|points| points >= exercise.points)
    };
    let broken = |entry: &Entry| {
        let outcome = entry.graded.as_ref().map(|graded| graded.verdict.outcome);
        outcome.and_then(remark).is_some()
    };
    let missing = |entry: Option<&Entry>| {
        entry.is_none_or(|entry| entry.points().is_none() && entry.trouble().is_none())
    };
    let full = entries().all(is_full);
    [
        ("full", full),
        ("short", !full),
        ("missing", entries().any(|(_, entry)| missing(entry))),
        ("trouble", any(|entry| entry.trouble().is_some())),
        ("hand", any(|entry| entry.given.is_some())),
        ("late", any(|entry| entry.late)),
        ("broken", any(broken)),
    ]
    .into_iter()
    .filter_map(|(tag, has)| has.then_some(tag))
    .collect()
}
