//! A timeline on a page: a drawing of lanes, and the same as a table.

mod drawing;
mod story;
mod table;

use maud::{Markup, html};
use verdict::Timeline;

pub(super) use self::drawing::tips;
use self::story::Story;
use super::escape::Cut;

/// The sources that are on the page, by the files' names.
pub(super) struct Listings<'a> {
    /// What the ids of this submission's listings begin with.
    pub(super) prefix: &'a str,
    /// The files, in the order of the listings.
    pub(super) files: &'a [&'a str],
}

impl Listings<'_> {
    /// The id of a file's listing, where it is on the page.
    pub(super) fn id(&self, file: &str) -> Option<String> {
        let number = self.files.iter().position(|known| *known == file)?;
        Some(self.id_of(number))
    }

    /// The id of a listing.
    pub(super) fn id_of(&self, number: usize) -> String {
        format!("{}-f{number}", self.prefix)
    }
}

/// A timeline with all that belongs to it. `id` is its own on the page.
pub(super) fn timeline(timeline: &Timeline, id: &str, listings: &Listings<'_>) -> Markup {
    let story = Story::of(timeline);
    let names: Vec<&str> = story.lanes.iter().map(|lane| lane.name.as_str()).collect();
    let steps = timeline.len();
    let things = if steps == 1 { "step" } else { "steps" };
    html! {
        div.timeline id=(id) role="group" aria-label=(format!("Timeline of {steps} {things}")) {
            div.stepper hidden {
                div.buttons role="group" aria-label="Steps" {
                    button type="button" data-go="first" title="First step (Home)" { "First" }
                    button type="button" data-go="back" title="Step back (arrow left or up)" { "Back" }
                    button type="button" data-go="next" title="Next step (arrow right or down)" { "Next" }
                    button type="button" data-go="last" title="Last step (End)" { "Last" }
                }
                div.buttons role="group" aria-label="View" {
                    button type="button" data-view="drawing" aria-pressed="true" { "Drawing" }
                    button type="button" data-view="table" aria-pressed="false" { "Table" }
                }
            }
            p.now aria-live="polite" aria-atomic="true" hidden {}
            div.stage {
                div.lanes tabindex="0" role="group"
                    aria-label=(format!("Drawing of the {things} of {}; arrow keys go through them", Cut(&names.join(", "), 200).text())) {
                    (drawing::drawing(timeline, &story))
                }
                div.beside hidden {
                    p.file {}
                    div.listing tabindex="0" role="group" aria-label="Source" {}
                }
            }
            (drawing::legend(&story))
            (table::table(timeline, &story, listings))
        }
    }
}
