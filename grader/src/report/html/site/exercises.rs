//! What an exercise shows of a class: how the points are spread, and which
//! checks were hardest.

use std::collections::BTreeMap;

use maud::{Markup, html};
use verdict::{CheckOutcome, Outcome};

use super::{Class, Entry, Exercise};
use crate::report::html::escape::Shown;
use crate::report::html::prose::line;
use crate::report::words;

/// Most bars of a histogram, and the size of it.
const BARS: u32 = 25;
const SIZE: (u32, u32) = (420, 130);
/// Checks that are listed as the hardest.
const HARDEST: usize = 6;

pub(super) fn exercise(class: &Class, exercise: &Exercise) -> Markup {
    let entries: Vec<&Entry> = class
        .students
        .iter()
        .filter_map(|student| student.entries.get(&exercise.name))
        .collect();
    let mut points: Vec<u32> = entries.iter().filter_map(|entry| entry.points()).collect();
    points.sort_unstable();
    html! {
        section {
            h3 { (Shown(&exercise.title)) }
            @if points.is_empty() {
                p.note { "No results yet." }
            } @else {
                (histogram(&points, exercise.points))
                p.note { (in_words(&points, exercise.points)) }
                (hardest(&entries))
            }
        }
    }
}

/// `180 results; half of them have 17 points or more; 16.2 on average.`
fn in_words(points: &[u32], of: u32) -> String {
    let count = points.len();
    let median = points[count / 2];
    let average = f64::from(points.iter().sum::<u32>()) / count as f64;
    let full = points.iter().filter(|points| **points >= of).count();
    let results = words::count(count as u32, "result");
    format!("{results}, {full} with full marks; median {median}, average {average:.1} of {of}.")
}

/// A bar for each number of points, or for several where there are many.
fn histogram(points: &[u32], of: u32) -> Markup {
    let wide = (of + 1).div_ceil(BARS);
    let bars = (of / wide + 1) as usize;
    let mut counts = vec![0u32; bars];
    for points in points {
        let bar = (points / wide) as usize;
        counts[bar.min(bars - 1)] += 1;
    }
    let range = |bar: usize| {
        let from = bar as u32 * wide;
        let end = if bar + 1 == bars { of } else { from + wide - 1 };
        if from == end {
            from.to_string()
        } else {
            format!("{from} to {end}")
        }
    };
    let told: Vec<String> = counts
        .iter()
        .enumerate()
        .filter(|(_, count)| **count > 0)
        .map(|(bar, count)| format!("{} with {}", count, range(bar)))
        .collect();
    let most = counts.iter().max().copied().unwrap_or_default().max(1);
    let (width, height) = SIZE;
    let base = height - 18;
    let step = width / bars as u32;
    html! {
        svg.histogram role="img" viewBox=(format!("0 0 {width} {height}"))
            aria-label=(format!("How many have how many points: {}", told.join(", "))) {
            @for (bar, count) in counts.iter().enumerate() {
                @let tall = count * (base - 18) / most;
                @let x = bar as u32 * step;
                @if *count > 0 {
                    rect x=(x + 1) y=(base - tall.max(1)) width=(step - 2) height=(tall.max(1)) {}
                    text text-anchor="middle" x=(x + step / 2) y=(base - tall - 4) { (count) }
                }
                @if bar == 0 || bar + 1 == bars || bar % 5 == 0 && bar + 3 < bars {
                    text text-anchor="middle" x=(x + step / 2) y=(height - 4) { (bar as u32 * wide) }
                }
            }
            path.axis d=(format!("M0 {base}.5H{}", step * bars as u32)) {}
        }
    }
}

/// The checks that most have failed, of what was graded.
fn hardest(entries: &[&Entry]) -> Markup {
    let mut failed: BTreeMap<&str, (u32, &str)> = BTreeMap::new();
    let mut graded = 0;
    for entry in entries {
        let Some(verdict) = entry.graded.as_ref().map(|graded| &graded.verdict) else {
            continue;
        };
        if verdict.outcome != Outcome::Graded {
            continue;
        }
        graded += 1;
        for check in &verdict.checks {
            if check.outcome == CheckOutcome::Failed {
                failed.entry(&check.id).or_insert((0, &check.title)).0 += 1;
            }
        }
    }
    let mut failed: Vec<(u32, &str)> = failed.into_values().collect();
    failed.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    html! {
        @if !failed.is_empty() {
            div.scroll tabindex="0" role="group" aria-label="Hardest checks" {
                table {
                    thead { tr { th.number scope="col" { "Failed by" } th scope="col" { "Hardest checks" } } }
                    tbody {
                        @for (count, title) in failed.iter().take(HARDEST) {
                            tr {
                                td.number { (count) " of " (graded) }
                                td { (line(title)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_tells_its_numbers_in_words() {
        let drawn = histogram(&[0, 7, 7, 20], 20).into_string();
        assert!(
            drawn.contains(
                "aria-label=\"How many have how many points: 1 with 0, 2 with 7, 1 with 20\""
            ),
            "{drawn}"
        );
        assert_eq!(drawn.matches("<rect").count(), 3);
        // Many points share a bar, and more than there are lie in the last one.
        let drawn = histogram(&[0, 1, 99, 100, 130], 100).into_string();
        assert!(
            drawn.contains("2 with 0 to 4, 1 with 95 to 99, 2 with 100"),
            "{drawn}"
        );
        assert_eq!(
            in_words(&[3, 4, 20], 20),
            "3 results, 1 with full marks; median 4, average 9.0 of 20."
        );
    }
}
