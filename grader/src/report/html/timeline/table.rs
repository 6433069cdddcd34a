//! A timeline as a table: the whole of it, for who reads without the drawing,
//! and what the script steps through.

use maud::{Markup, html};
use verdict::{Place, Step, Timeline};

use super::Listings;
use super::drawing::told;
use super::story::Story;
use crate::report::html::escape::Shown;
use crate::report::timeline::left_out;

/// The rows of a timeline.
pub(super) fn table(timeline: &Timeline, story: &Story, listings: &Listings<'_>) -> Markup {
    html! {
        div.scroll.steps tabindex="0" role="group" aria-label="Steps as a table" {
            table {
                thead {
                    tr {
                        th.number scope="col" { "Step" }
                        th scope="col" { "Thread" }
                        th scope="col" { "What it does" }
                        th scope="col" { "Where" }
                        th scope="col" { "Locks held then" }
                        th scope="col" { "Why it runs now" }
                    }
                }
                tbody {
                    @for (index, step) in timeline.iter().enumerate() {
                        @if !step.left_out.is_empty() {
                            tr.gap { td colspan="6" { (Shown(&left_out(&step.left_out))) } }
                        }
                        (row(index, step, story, listings))
                    }
                }
            }
        }
    }
}

fn row(index: usize, step: &Step, story: &Story, listings: &Listings<'_>) -> Markup {
    let listing = step
        .place
        .as_ref()
        .and_then(|place| Some((listings.id(&place.file)?, place)));
    let (id, line) = match &listing {
        Some((id, place)) => (Some(id), Some(place.line)),
        None => (None, None),
    };
    html! {
        tr.step data-listing=[id] data-line=[line] {
            th.number scope="row" { (step.step) }
            td { (Shown(&step.name)) }
            td { (Shown(&told(step))) }
            td { (place(step.place.as_ref(), id)) }
            td { (held(index, story)) }
            td { (Shown(step.switch.as_deref().unwrap_or_default())) }
        }
    }
}

fn place(place: Option<&Place>, listing: Option<&String>) -> Markup {
    let Some(place) = place else {
        return Markup::default();
    };
    let told = place.to_string();
    html! {
        @match listing {
            Some(id) => a href=(format!("#{id}-l{}", place.line)) { code { (Shown(&told)) } },
            None => code { (Shown(&told)) },
        }
    }
}

/// Who holds which locks after a step: `T1: mutex 1, mutex 2; T2: mutex 3`.
fn held(step: usize, story: &Story) -> Markup {
    let mut held: Vec<(usize, String)> = Vec::new();
    for bar in story.held(step) {
        let reads = if bar.shared { " (to read)" } else { "" };
        let lock = format!("{}{reads}", bar.lock);
        match held.iter_mut().find(|(lane, _)| *lane == bar.lane) {
            Some((_, locks)) => {
                locks.push_str(", ");
                locks.push_str(&lock);
            }
            None => held.push((bar.lane, lock)),
        }
    }
    held.sort_by_key(|(lane, _)| *lane);
    let told: Vec<String> = held
        .iter()
        .map(|(lane, locks)| format!("{}: {locks}", story.lanes[*lane].name))
        .collect();
    html! { (Shown(&told.join("; "))) }
}
