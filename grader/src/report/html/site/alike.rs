//! Two submissions that are alike: a row of the index, and a page with both side by
//! side.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::Class;
use crate::report::html::escape::{Shown, SourceLine, slug};
use crate::report::html::page::page;
use crate::report::words;

/// Two submissions that are more alike than chance would have it. No verdict is
/// drawn from that.
#[derive(Debug, Clone)]
pub struct Alike {
    /// The exercise, by its name.
    pub exercise: String,
    /// The two.
    pub sides: [Side; 2],
    /// What is alike, in the order of the first one's lines.
    pub regions: Vec<[Lines; 2]>,
}

/// One of the two.
#[derive(Debug, Clone)]
pub struct Side {
    /// Whose it is.
    pub who: String,
    /// How much of it is in the other, in percent.
    pub share: u32,
    /// How many tokens of it are in the other.
    pub tokens: usize,
    /// Its sources, by the files' names.
    pub sources: BTreeMap<String, String>,
}

/// Lines of a file, from 1.
#[derive(Debug, Clone)]
pub struct Lines {
    /// The file's name.
    pub file: String,
    /// The first line.
    pub first: u32,
    /// The last line.
    pub last: u32,
}

impl Alike {
    /// How much of the one that has less of its own is in the other, in percent.
    fn percent(&self) -> u32 {
        self.sides[0].share.max(self.sides[1].share)
    }
}

/// What is said wherever somebody reads of it.
const CAUTION: &str = "Names, values, comments and the order of functions make no difference to this, and what \
     everybody was given or many have does not count. What is alike may have good reasons: it is \
     for a person to judge, and no verdict follows from it.";

/// The paths of the pairs' pages, in their order. No text of the class's own is in
/// them but that of the exercise, as letters, digits and hyphens.
pub(super) fn paths(class: &Class) -> Vec<String> {
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let pairs = class.alike.iter();
    let paths = pairs.map(|pair| {
        let slug = slug(&pair.exercise);
        let number = numbers.entry(slug.clone()).or_default();
        *number += 1;
        format!("alike/{slug}-{number}.html")
    });
    paths.collect()
}

/// The part of the index that lists them, and says how many it does not list.
pub(super) fn section(class: &Class) -> Markup {
    html! {
        @if !class.alike.is_empty() || class.not_compared > 0 {
            section {
                h2 id="alike" { "Alike" }
                p { (CAUTION) }
                @if !class.alike.is_empty() { (table(class)) }
                @if class.alike_left_out > 0 {
                    p { (class.alike_left_out) " more pairs are left out, which are less alike than those of their exercise." }
                }
                @if class.not_compared > 0 { p { (words::not_compared(class.not_compared)) "." } }
            }
        }
    }
}

fn table(class: &Class) -> Markup {
    let paths = paths(class);
    html! {
        div.scroll tabindex="0" role="group" aria-label="Alike" {
            table.sortable {
                thead {
                    tr {
                        th.number scope="col" data-sort="number" { "Alike" }
                        th scope="col" data-sort="text" { "Exercise" }
                        th scope="col" data-sort="text" { "One" }
                        th scope="col" data-sort="text" { "The other" }
                        th.number scope="col" data-sort="number" { "Tokens" }
                    }
                }
                tbody {
                    @for (pair, path) in class.alike.iter().zip(&paths) {
                        @let tokens = pair.sides[0].tokens;
                        tr {
                            td.number data-value=(pair.percent()) { a href=(path) { (pair.percent()) " %" } }
                            td { (Shown(title(class, pair))) }
                            @for side in &pair.sides {
                                td { (Shown(&side.who)) " " span.note { (side.share) " %" } }
                            }
                            td.number data-value=(tokens) { (tokens) }
                        }
                    }
                }
            }
        }
    }
}

fn title<'a>(class: &'a Class, pair: &'a Alike) -> &'a str {
    let mut exercises = class.exercises.iter();
    let exercise = exercises.find(|exercise| exercise.name == pair.exercise);
    exercise.map_or(&pair.exercise, |exercise| &exercise.title)
}

/// The page of a pair.
pub(super) fn document(class: &Class, pair: &Alike) -> String {
    let title = title(class, pair);
    let [one, other] = &pair.sides;
    let body = html! {
        header {
            p.path { a href="../index.html#alike" { "All that is alike" } }
            h1 { (Shown(title)) ": " (Shown(&one.who)) " and " (Shown(&other.who)) }
            ul.facts {
                @for side in &pair.sides {
                    li {
                        strong { (side.share) " %" }
                        span { "of " (Shown(&side.who)) ", " (side.tokens) " tokens" }
                    }
                }
            }
            p { (CAUTION) }
        }
        div.sides {
            section {
                h2 { "What is alike" }
                div.scroll tabindex="0" role="group" aria-label="What is alike" {
                    table.regions {
                        thead {
                            tr {
                                th.number scope="col" { "No." }
                                @for side in &pair.sides { th scope="col" { (Shown(&side.who)) } }
                            }
                        }
                        tbody {
                            @for (number, region) in (1..).zip(&pair.regions) {
                                tr data-region=(number) {
                                    th.number scope="row" { (number) }
                                    @for (side, lines) in region.iter().enumerate() {
                                        td { (place(pair, side, lines)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            section {
                h2 { "Side by side" }
                p.note { "The number beside a line is that of what is alike there." }
                div.both {
                    @for side in 0..2 { (listings(pair, side)) }
                }
            }
        }
    };
    page(&format!("{title}: {} and {}", one.who, other.who), &body)
}

/// A link to the lines, in words.
fn place(pair: &Alike, side: usize, lines: &Lines) -> Markup {
    let Lines { file, first, last } = lines;
    let number = pair.sides[side]
        .sources
        .keys()
        .position(|known| known == file);
    let told = match first == last {
        true => format!("{file}, line {first}"),
        false => format!("{file}, lines {first} to {last}"),
    };
    html! {
        @match number {
            Some(number) => a href=(format!("#{}", line_id(side, number, *first))) { (Shown(&told)) },
            None => (Shown(&told)),
        }
    }
}

fn line_id(side: usize, file: usize, line: u32) -> String {
    format!("s{side}-f{file}-l{line}")
}

/// The sources of one of the two, with the numbers of what is alike.
fn listings(pair: &Alike, side: usize) -> Markup {
    let Side { who, sources, .. } = &pair.sides[side];
    html! {
        div.side tabindex="0" role="group" aria-label=(Shown(who)) {
            h3 { (Shown(who)) }
            @for (number, (file, text)) in sources.iter().enumerate() {
                @let marks = marks(pair, side, file);
                p.file { (Shown(file)) }
                pre { code {
                    @for (line, text) in (1..).zip(text.lines()) {
                        @let of_line = marks.get(&line).map(Vec::as_slice).unwrap_or_default();
                        @let mark = of_line.join(" ");
                        @match of_line.is_empty() {
                            true => span.line data-n=(line) { span.m {} (SourceLine(text)) },
                            false => span.line.alike id=(line_id(side, number, line)) data-n=(line) data-m=(mark) {
                                span.m { (mark) } (SourceLine(text))
                            },
                        }
                    }
                } }
            }
        }
    }
}

/// The numbers of what is alike, for each line of a file.
fn marks(pair: &Alike, side: usize, file: &str) -> BTreeMap<u32, Vec<String>> {
    let mut marks: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (number, region) in (1u32..).zip(&pair.regions) {
        let lines = &region[side];
        if lines.file == file {
            for line in lines.first..=lines.last {
                marks.entry(line).or_default().push(number.to_string());
            }
        }
    }
    marks
}
