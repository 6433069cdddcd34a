//! A timeline as a drawing: a lane for each thread and each peer, a row for each
//! step, from the top to the bottom.
//!
//! Only one thread acts in a row, so the words of a step may run on over the
//! lanes to the right. Shapes and words carry the meaning; colour repeats it.

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};
use verdict::{Step, Timeline};

use super::story::{Arrow, ArrowKind, Bar, Story, is_wait};
use crate::report::html::escape::Cut;
use crate::report::timeline::left_out;

/// Height of the row of a step, of one of words between steps, and of the head.
const ROW: u32 = 26;
const BETWEEN: u32 = 22;
const HEAD: u32 = 34;
/// Where the numbers of the steps end, and where the first lane may begin.
const NUMBERS: u32 = 34;
const LEFT: u32 = 46;
/// From a lane to its first lock, and from one to the next, with its name.
const SLOT: (u32, u32) = (12, 20);
/// From a lane to the words of its steps.
const WORDS: u32 = 14;
/// About how wide a character is, in tenths.
const CHARACTER: u32 = 72;
/// Most characters of a step that are drawn; the table has all of them.
const LONGEST: usize = 72;

/// Where everything is.
struct Layout {
    /// Of each lane, how far to the right.
    lanes: Vec<u32>,
    /// The middle of each step's row.
    rows: Vec<u32>,
    /// The slot of each bar beside its lane.
    slots: Vec<u32>,
    width: u32,
    height: u32,
}

impl Layout {
    fn of(timeline: &Timeline, story: &Story) -> Layout {
        let slots = slots(story);
        let mut deepest = vec![0; story.lanes.len()];
        for (bar, slot) in story.bars.iter().zip(&slots) {
            deepest[bar.lane] = deepest[bar.lane].max(slot + 1);
        }
        let apart = match story.lanes.len() {
            0..=2 => 270,
            3 => 210,
            4..=5 => 160,
            _ => 120,
        };
        let mut lanes = Vec::new();
        let mut x = LEFT;
        for deepest in deepest {
            x += 12 + deepest * SLOT.1;
            lanes.push(x);
            x += apart;
        }
        let mut rows = Vec::new();
        let mut y = 6;
        let mut width = lanes.last().copied().unwrap_or(LEFT) + 200;
        for (index, step) in timeline.iter().enumerate() {
            y += BETWEEN * between(step);
            rows.push(y + ROW / 2);
            y += ROW;
            let words = words(step).text().chars().count() as u32;
            let end = lanes[story.lane_of[index]] + WORDS + words * CHARACTER / 10;
            width = width.max(end + 10);
        }
        Layout {
            lanes,
            rows,
            slots,
            width,
            height: y + 14,
        }
    }

    /// The left edge of a bar.
    fn bar(&self, number: usize, bar: &Bar) -> u32 {
        self.lanes[bar.lane] - SLOT.0 - self.slots[number] * SLOT.1
    }
}

/// Rows of words before a step.
fn between(step: &Step) -> u32 {
    u32::from(!step.left_out.is_empty()) + u32::from(step.switch.is_some())
}

/// Beside each lane, a slot for each of its locks that no other has meanwhile.
fn slots(story: &Story) -> Vec<u32> {
    // By lane, the step until which each slot is taken.
    let mut taken: Vec<Vec<usize>> = vec![Vec::new(); story.lanes.len()];
    let mut slots = Vec::new();
    for bar in &story.bars {
        let lane = &mut taken[bar.lane];
        let free = lane.iter().position(|until| *until <= bar.from);
        let slot = free.unwrap_or(lane.len());
        match free {
            Some(slot) => lane[slot] = bar.until,
            None => lane.push(bar.until),
        }
        slots.push(slot as u32);
    }
    slots
}

/// What a step does, with the value that passed.
pub(super) fn told(step: &Step) -> String {
    match &step.value {
        Some(value) => format!("{}: {value}", step.action),
        None => step.action.clone(),
    }
}

/// The same, as far as there is room.
struct Words(String);

impl Words {
    fn text(&self) -> String {
        Cut(&self.0, LONGEST).text()
    }
}

fn words(step: &Step) -> Words {
    Words(told(step))
}

/// The head, which stays where it is, and the lanes below it.
pub(super) fn drawing(timeline: &Timeline, story: &Story) -> Markup {
    let layout = Layout::of(timeline, story);
    let Layout { width, height, .. } = layout;
    html! {
        svg.head aria-hidden="true" width=(width) height=(HEAD) {
            @for (number, lane) in story.lanes.iter().enumerate() {
                @let room = layout.lanes.get(number + 1).map_or(30, |next| (next - layout.lanes[number]) / 8);
                text.name x=(layout.lanes[number] - 5) y=(HEAD - 12) { (Cut(&lane.name, room as usize)) }
            }
        }
        svg.body aria-hidden="true" width=(width) height=(height) {
            @for index in 0..timeline.len() {
                rect.band data-step=(index) x="0" y=(layout.rows[index] - ROW / 2) width="100%" height=(ROW) {}
            }
            @for number in 0..story.lanes.len() { (lane(story, &layout, number)) }
            @for (number, held) in story.bars.iter().enumerate() { (bar(&layout, number, held)) }
            @for one in &story.arrows { (arrow(story, &layout, one)) }
            @for (index, step) in timeline.iter().enumerate() { (row(story, &layout, index, step)) }
        }
    }
}

/// The line of a lane: whole while its thread may run, in dashes while it has
/// not yet begun, or waits.
fn lane(story: &Story, layout: &Layout, number: usize) -> Markup {
    let x = layout.lanes[number];
    let lane = &story.lanes[number];
    let born = story
        .arrows
        .iter()
        .find(|arrow| arrow.kind == ArrowKind::Spawn && arrow.to == lane.first);
    let mut whole = String::new();
    let mut dashed = String::new();
    if let Some(born) = born {
        let _ = write!(
            dashed,
            "M{x} {}V{}",
            layout.rows[born.from] + ROW / 2,
            layout.rows[lane.first]
        );
    }
    let steps: Vec<usize> = (lane.first..=lane.last)
        .filter(|index| story.lane_of[*index] == number)
        .collect();
    for (place, index) in steps.iter().enumerate() {
        let end = match steps.get(place + 1) {
            Some(next) => layout.rows[*next],
            None if lane.ends => break,
            None => layout.height,
        };
        let path = if story.waits_after[*index] {
            &mut dashed
        } else {
            &mut whole
        };
        let _ = write!(path, "M{x} {}V{end}", layout.rows[*index]);
    }
    html! {
        @if !whole.is_empty() { path.lane d=(whole) {} }
        @if !dashed.is_empty() { path.lane.waiting d=(dashed) {} }
    }
}

/// A lock that is held: a bar beside the lane, closed at its end where that is
/// known, with its name where there is room.
fn bar(layout: &Layout, number: usize, bar: &Bar) -> Markup {
    let x = layout.bar(number, bar);
    let top = layout.rows[bar.from];
    let last = layout.rows[bar.until];
    let is_last = bar.open && bar.until + 1 == layout.rows.len();
    let bottom = match (bar.open, is_last) {
        (false, _) => last,
        (true, false) => last + ROW / 2,
        (true, true) => layout.height,
    };
    let kind = if bar.lock.starts_with("rwlock") && bar.shared {
        "lock shared"
    } else {
        "lock"
    };
    let height = (bottom - top).max(8);
    let middle = top + height / 2;
    let room = bar.lock.chars().count() as u32 * 6;
    html! {
        g class=(kind) {
            title { (Cut(&bar.lock, LONGEST)) " is held" }
            @if bar.open {
                path d=(format!("M{} {}V{top}H{x}V{}", x + 6, bottom, bottom)) {}
            } @else {
                rect x=(x) y=(top) width="6" height=(height) {}
            }
            @if height >= room {
                text.lockname text-anchor="middle" transform=(format!("translate({} {middle}) rotate(-90)", x - 3)) {
                    (Cut(&bar.lock, LONGEST))
                }
            }
        }
    }
}

/// An arrow: beside its lane down to the row above the other step, across, and
/// to the step. It crosses no words.
fn arrow(story: &Story, layout: &Layout, arrow: &Arrow) -> Markup {
    let (from, to) = (story.lane_of[arrow.from], story.lane_of[arrow.to]);
    let (x, y) = (layout.lanes[from], layout.rows[arrow.from]);
    let end = layout.lanes[to];
    let right = end > x;
    let (path, class) = match arrow.kind {
        ArrowKind::WaitsFor => {
            let below = y + ROW / 2;
            let held = story
                .bars
                .iter()
                .position(|bar| bar.from == arrow.to && bar.lane == to);
            let bar = held.map_or(end, |number| layout.bar(number, &story.bars[number]));
            let side = if right { bar - 3 } else { bar + 9 };
            (format!("M{x} {}V{below}H{side}", y + 6), "waits-for")
        }
        ArrowKind::Spawn => {
            let side = if right { end - 4 } else { end + 4 };
            let below = y + ROW / 2;
            (format!("M{x} {}V{below}H{side}", y + 5), "spawn")
        }
        kind => {
            let above = layout.rows[arrow.to] - ROW / 2;
            let class = match kind {
                ArrowKind::Wake => "wake",
                ArrowKind::Join => "join",
                _ => "message",
            };
            let beside = x + 5;
            let point = layout.rows[arrow.to] - 7;
            (format!("M{beside} {y}V{above}H{end}V{point}"), class)
        }
    };
    html! { path class=(format!("arrow {class}")) d=(path) marker-end=(format!("url(#tip-{class})")) {} }
}

/// The marks and the words of a step, and the words before it.
fn row(story: &Story, layout: &Layout, index: usize, step: &Step) -> Markup {
    let y = layout.rows[index];
    let x = layout.lanes[story.lane_of[index]];
    let text = x + WORDS;
    // Only where there are such words is there room for them.
    let above = |rows: u32| y + 4 - (ROW / 2 + BETWEEN / 2 + BETWEEN * rows);
    html! {
        @if !step.left_out.is_empty() {
            text.between x=(LEFT) y=(above(u32::from(step.switch.is_some()))) { (Cut(&left_out(&step.left_out), LONGEST)) }
        }
        @if let Some(reason) = &step.switch {
            text.between x=(text) y=(above(0)) { (Cut(reason, LONGEST)) }
        }
        g.step data-step=(index) {
            title { (Cut(&step.name, 200)) " " (Cut(&told(step), 400)) }
            text.number text-anchor="end" x=(NUMBERS) y=(y + 4) { (step.step) }
            (mark(step, x, y))
            text.words x=(text) y=(y + 4) { (words(step).text()) }
        }
    }
}

/// The shape of a step.
fn mark(step: &Step, x: u32, y: u32) -> Markup {
    let action = step.action.as_str();
    if action.starts_with("panics") || action == "the call panics" {
        html! { path.mark.cross d=(format!("M{} {}l10 10m0 -10l-10 10", x - 5, y - 5)) {} }
    } else if is_wait(step) {
        html! { rect.mark.square x=(x - 5) y=(y - 5) width="10" height="10" {} }
    } else if action == "ends" || action == "was killed" {
        html! { path.mark.end d=(format!("M{} {y}h14", x - 7)) {} }
    } else {
        html! { circle.mark cx=(x) cy=(y) r="4" {} }
    }
}

/// What the arrows of all drawings on a page end with. It stands once on it.
pub(in crate::report::html) fn tips() -> Markup {
    html! {
        svg.tips aria-hidden="true" width="0" height="0" {
            defs {
                @for class in ["spawn", "join", "message", "wake", "waits-for"] {
                    marker id=(format!("tip-{class}")) class=(class) viewBox="0 0 8 8" refX="7" refY="4"
                        markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto" {
                        path d="M0 0L8 4L0 8Z" {}
                    }
                }
            }
        }
    }
}

/// What the shapes of a drawing mean, of those that it has.
pub(super) fn legend(story: &Story) -> Markup {
    let has = |kind| story.arrows.iter().any(|arrow| arrow.kind == kind);
    let arrows = [
        (ArrowKind::Spawn, "spawn", "starts a thread"),
        (ArrowKind::Message, "message", "a message or bytes"),
        (ArrowKind::Wake, "wake", "wakes"),
        (ArrowKind::Join, "join", "has ended, and is joined"),
        (ArrowKind::WaitsFor, "waits-for", "waits for a lock of"),
    ];
    let icon = |shape: &str| {
        let svg = format!("<svg width=\"26\" height=\"12\" viewBox=\"0 0 26 12\">{shape}</svg>");
        PreEscaped(svg)
    };
    html! {
        ul.legend aria-hidden="true" {
            li { (icon("<circle class='mark' cx='13' cy='6' r='4'/>")) "a step" }
            li { (icon("<rect class='mark square' x='8' y='1' width='10' height='10'/>")) "waits" }
            @if !story.bars.is_empty() {
                li { (icon("<g class='lock'><rect x='3' y='3' width='20' height='6'/></g>")) "holds a lock" }
            }
            @for (kind, class, means) in arrows {
                @if has(kind) {
                    @let line = format!("<path class='arrow {class}' d='M1 6H24' marker-end='url(#tip-{class})'/>");
                    li { (icon(&line)) (means) }
                }
            }
        }
    }
}
