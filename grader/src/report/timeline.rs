//! A timeline as a table: a row for each step, a column for each thread.
//!
//! Only one thread acts in a row, so a long action may run on over the columns
//! to its right; at the end of the page it goes on in the next line. Where there
//! is no room for a column for each thread, one column tells whose step it is.

use std::fmt::Write as _;

use verdict::timeline::LeftOut;
use verdict::{Step, Timeline};

use super::words::visible_line;
use crate::ui::style::{CODE, HEAD, WARN, paint};

/// Rows that are shown of a long timeline at its beginning and at its end.
const SHOWN: (usize, usize) = (12, 48);
/// Most steps of a loop that is shown once.
const LOOP: usize = 12;
/// Fewest times that steps come again with other values to be shown once.
const AGAIN: usize = 16;
/// A column is no narrower and, but for its header, no wider than this.
const WIDTHS: (usize, usize) = (10, 26);
/// An action has this many columns of the page, at least.
const ACTION: usize = 24;
/// The narrowest page that is laid out; a narrower one breaks the lines itself.
const NARROWEST: usize = 60;

/// The table, for a page of this width; of a long one the middle is left out
/// unless `whole`.
pub(super) fn table(timeline: &Timeline, whole: bool, width: usize) -> String {
    let places: Vec<String> = timeline
        .iter()
        .map(|step| {
            step.place
                .as_ref()
                .map(|place| visible_line(&place.to_string()))
                .unwrap_or_default()
        })
        .collect();
    let place_width = places
        .iter()
        .map(|place| place.chars().count())
        .max()
        .unwrap_or_default()
        .max("where".len());
    let number_width = timeline
        .iter()
        .map(|step| step.step.to_string().len())
        .max()
        .unwrap_or_default()
        .max("step".len());
    let width = width.max(NARROWEST);
    // The longest names of files leave no room for anything else.
    let place_width = place_width.min(width - number_width - 4 - WIDTHS.0 - ACTION);
    let indent = number_width + 2 + place_width + 2;
    let columns = Columns::of(timeline, width - indent);

    let mut text = format!("{:>number_width$}  {:place_width$}  ", "step", "where");
    text.push_str(&columns.head());
    let mut text = format!("{}\n", paint(HEAD, text.trim_end()));
    let rows = if whole {
        (0..timeline.len()).map(Row::Step).collect()
    } else {
        shown(timeline, rows(timeline))
    };
    for row in rows {
        let (step, place) = match row {
            Row::Step(index) => (&timeline[index], &places[index]),
            Row::Again {
                steps,
                times,
                exactly,
                ..
            } => {
                let steps = if steps == 1 {
                    "this step".to_owned()
                } else {
                    format!("these {steps} steps")
                };
                let how = if exactly { "" } else { ", with other values" };
                let _ = writeln!(
                    text,
                    "{:number_width$}  ... {steps} {times} times more{how} ...",
                    ""
                );
                continue;
            }
            Row::LeftOut(counts) => {
                let left_out = left_out(&counts);
                for line in pieces(&left_out, width - number_width - 2) {
                    let _ = writeln!(text, "{:number_width$}  {line}", "");
                }
                continue;
            }
        };
        let offset = columns.offset(step.thread);
        let room = width - indent - offset;
        let below = indent + offset;
        if let Some(reason) = &step.switch {
            for (line, words) in pieces(&visible_line(reason), room - 2).iter().enumerate() {
                let mark = if line == 0 { "~" } else { " " };
                let reason = paint(WARN, format_args!("{mark} {words}"));
                let _ = writeln!(text, "{:below$}{reason}", "");
            }
        }
        for (line, words) in pieces(&action(step), room - 2).iter().enumerate() {
            if line > 0 {
                let _ = writeln!(text, "{:below$}  {words}", "");
                continue;
            }
            let who = columns.who(step);
            let mut places = pieces(place, place_width).into_iter();
            let first = places.next().unwrap_or_default();
            let place = paint(CODE, format_args!("{first:place_width$}"));
            let row = format!("{:>number_width$}  {place}  {who}{words}", step.step);
            let _ = writeln!(text, "{}", row.trim_end());
            for rest in places {
                let _ = writeln!(text, "{:number_width$}  {}", "", paint(CODE, rest));
            }
        }
    }
    text
}

/// A text in lines of at most this width, broken between words where that can
/// be.
fn pieces(text: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut long = 0;
    for word in text.split_inclusive(' ') {
        let words = word.trim_end().chars().count();
        if long > 0 && long + words > width {
            pieces.push(std::mem::take(&mut piece));
            long = 0;
        }
        for c in word.chars() {
            if long == width && c != ' ' {
                pieces.push(std::mem::take(&mut piece));
                long = 0;
            }
            piece.push(c);
            long += 1;
        }
    }
    pieces.push(piece);
    for piece in &mut pieces {
        piece.truncate(piece.trim_end().len());
    }
    pieces
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// A step, by its index.
    Step(usize),
    /// The steps before this come again and again, from an index on.
    Again {
        start: usize,
        steps: usize,
        times: usize,
        /// Whether with the same values.
        exactly: bool,
    },
    /// Steps that are not shown.
    LeftOut(Vec<LeftOut>),
}

/// The rows of a timeline, with what a loop does shown once.
fn rows(timeline: &Timeline) -> Vec<Row> {
    let goes_on = |step: &Step| step.switch.is_none() && step.left_out.is_empty();
    let alike = |a: &Step, b: &Step| {
        let same =
            (a.thread, &a.action, &a.place, &a.value) == (b.thread, &b.action, &b.place, &b.value);
        same && goes_on(a) && goes_on(b)
    };
    // At the same place, the same is done to other values.
    let similar = |a: &Step, b: &Step| {
        let verb = |step: &'_ Step| step.action.split(' ').next().map(str::to_owned);
        let same = (a.thread, &a.place) == (b.thread, &b.place) && verb(a) == verb(b);
        same && a.place.is_some() && goes_on(a) && goes_on(b)
    };
    let rounds = |index: usize, least: usize, same: &dyn Fn(&Step, &Step) -> bool| {
        (1..=LOOP).find_map(|steps| {
            let rest = index + steps..timeline.len();
            let same = rest
                .take_while(|later| same(&timeline[*later], &timeline[later - steps]))
                .count();
            let times = same / steps;
            (times >= least).then_some((steps, times))
        })
    };
    let mut rows = Vec::new();
    let mut index = 0;
    while index < timeline.len() {
        let exactly = rounds(index, 2, &alike);
        let similarly = || rounds(index, AGAIN, &similar);
        // The last round of those that differ is shown.
        let round = exactly.or_else(|| similarly().map(|(steps, times)| (steps, times - 1)));
        let (steps, times) = round.unwrap_or((1, 0));
        for (index, step) in timeline.iter().enumerate().skip(index).take(steps) {
            if !step.left_out.is_empty() {
                rows.push(Row::LeftOut(step.left_out.clone()));
            }
            rows.push(Row::Step(index));
        }
        if times > 0 {
            rows.push(Row::Again {
                start: index + steps,
                steps,
                times,
                exactly: exactly.is_some(),
            });
        }
        index += steps * (times + 1);
    }
    rows
}

/// The rows that are shown: of many, the first and the last.
fn shown(timeline: &Timeline, mut rows: Vec<Row>) -> Vec<Row> {
    let excess = rows.len().saturating_sub(SHOWN.0 + SHOWN.1);
    if excess == 0 {
        return rows;
    }
    let mut last = rows.split_off(SHOWN.0 + excess);
    // What is left out is told once, and steps that come again come after
    // steps that are shown.
    let orphans = last
        .iter()
        .take_while(|row| !matches!(row, Row::Step(_)))
        .count();
    let mut hidden = rows.split_off(SHOWN.0);
    hidden.extend(last.drain(..orphans));
    let mut counts = Vec::new();
    for row in hidden {
        let steps = match row {
            Row::Step(index) => index..index + 1,
            Row::Again {
                start,
                steps,
                times,
                ..
            } => start..start + steps * times,
            Row::LeftOut(more) => {
                for LeftOut {
                    thread,
                    name,
                    steps,
                } in more
                {
                    LeftOut::add(&mut counts, thread, &name, steps);
                }
                continue;
            }
        };
        for step in &timeline[steps] {
            LeftOut::add(&mut counts, step.thread, &step.name, 1);
        }
    }
    rows.push(Row::LeftOut(counts));
    rows.extend(last);
    rows
}

/// The steps that are left out, in words.
pub(super) fn left_out(counts: &[LeftOut]) -> String {
    match counts {
        [LeftOut { name, steps, .. }] => {
            let things = if *steps == 1 { "step" } else { "steps" };
            format!(
                "... {steps} {things} of {} left out ...",
                visible_line(name)
            )
        }
        _ => {
            let all: u64 = counts.iter().map(|count| count.steps).sum();
            let each: Vec<String> = counts
                .iter()
                .map(|count| format!("{} of {}", count.steps, visible_line(&count.name)))
                .collect();
            format!("... {all} steps left out: {} ...", each.join(", "))
        }
    }
}

/// The threads of a timeline on the page.
enum Columns {
    /// Each has a column.
    Each(Vec<Column>),
    /// There are too many: a column of this width tells whose step it is.
    Names(usize),
}

struct Column {
    thread: u32,
    name: String,
    width: usize,
}

impl Columns {
    /// The threads in the order of their numbers, each as wide as its actions,
    /// but for all of them to have room on a page of this width.
    fn of(timeline: &Timeline, width: usize) -> Columns {
        let mut columns: Vec<Column> = Vec::new();
        for step in timeline {
            let position = columns.binary_search_by_key(&step.thread, |column| column.thread);
            let position = position.unwrap_or_else(|position| {
                let name = visible_line(&step.name);
                let width = (name.chars().count() + 2).max(WIDTHS.0);
                let thread = step.thread;
                columns.insert(
                    position,
                    Column {
                        thread,
                        name,
                        width,
                    },
                );
                position
            });
            let wanted = (action(step).chars().count() + 2).min(WIDTHS.1);
            columns[position].width = columns[position].width.max(wanted);
        }
        let Some((last, others)) = columns.split_last_mut() else {
            return Columns::Names(0);
        };
        let name = |column: &Column| column.name.chars().count() + 2;
        let left = width.saturating_sub(ACTION.max(name(last)));
        let most = (left / others.len().max(1)).clamp(WIDTHS.0, WIDTHS.1);
        for column in &mut *others {
            column.width = column.width.min(most.max(name(column)));
        }
        let before: usize = others.iter().map(|column| column.width).sum();
        if before <= left {
            return Columns::Each(columns);
        }
        let names = columns.iter().map(name).max().unwrap_or_default();
        Columns::Names(names.max("thread".len() + 2).min(width - ACTION))
    }

    fn head(&self) -> String {
        match self {
            Columns::Each(columns) => columns
                .iter()
                .map(|column| format!("{:width$}", column.name, width = column.width))
                .collect(),
            Columns::Names(width) => format!("{:width$}", "thread"),
        }
    }

    /// Where the actions of a thread begin.
    fn offset(&self, thread: u32) -> usize {
        match self {
            Columns::Each(columns) => columns
                .iter()
                .take_while(|column| column.thread != thread)
                .map(|column| column.width)
                .sum(),
            Columns::Names(width) => *width,
        }
    }

    /// What stands before the action of a step.
    fn who(&self, step: &Step) -> String {
        match self {
            Columns::Each(_) => " ".repeat(self.offset(step.thread)),
            Columns::Names(width) => {
                let name: String = visible_line(&step.name).chars().take(width - 2).collect();
                format!("{name:width$}")
            }
        }
    }
}

/// What a step does, with the value that passed. Text of the submission's own
/// cannot move the cursor or end the line.
fn action(step: &Step) -> String {
    let text = match &step.value {
        Some(value) => format!("{}: {value}", step.action),
        None => step.action.clone(),
    };
    visible_line(&text)
}

#[cfg(test)]
mod tests {
    use verdict::Place;

    use super::*;

    pub(crate) fn step(
        step: u64,
        thread: u32,
        action: &str,
        line: u32,
        switch: Option<&str>,
    ) -> Step {
        Step {
            step,
            thread,
            name: if thread == 0 {
                "main".to_owned()
            } else {
                format!("T{thread}")
            },
            action: action.to_owned(),
            place: (line > 0).then(|| Place {
                file: "src/lib.rs".to_owned(),
                line,
                column: 9,
            }),
            value: None,
            switch: switch.map(str::to_owned),
            own: false,
            left_out: Vec::new(),
        }
    }

    #[test]
    fn every_thread_has_a_column_and_every_switch_a_reason() {
        let mut timeline = vec![
            step(1, 0, "spawns T1", 0, None),
            step(2, 2, "calls withdraw(60)", 0, Some("main waits for T1")),
            step(3, 2, "loads atomic 1", 21, None),
            step(4, 1, "loads atomic 1", 21, Some("T2 was preempted")),
            step(
                5,
                1,
                "a very long action that runs on over the next column",
                22,
                None,
            ),
            step(6, 2, "prints \x1b[31m", 23, Some("T1 has ended")),
        ];
        timeline[2].value = Some("100".to_owned());
        let plain = anstream::adapter::strip_str(&table(&timeline, false, 140)).to_string();
        insta::assert_snapshot!(plain, @r#"
        step  where            main       T1                        T2
           1                   spawns T1
                                                                    ~ main waits for T1
           2                                                        calls withdraw(60)
           3  src/lib.rs:21:9                                       loads atomic 1: 100
                                          ~ T2 was preempted
           4  src/lib.rs:21:9             loads atomic 1
           5  src/lib.rs:22:9             a very long action that runs on over the next column
                                                                    ~ T1 has ended
           6  src/lib.rs:23:9                                       prints \u{1b}[31m
        "#);
    }

    #[test]
    fn every_gap_in_the_numbers_is_marked() {
        let step = |n: u32| step(n.into(), n / 7 % 2, &format!("loads atomic {n}"), 7, None);
        let mut timeline: Timeline = (1..=100).map(step).collect();
        let short = table(&timeline, false, 100);
        assert!(
            short.contains("      ... 40 steps left out: 21 of main, 19 of T1 ..."),
            "{short}"
        );
        assert_eq!(short.lines().count(), 1 + 60 + 1);
        assert_eq!(table(&timeline, true, 100).lines().count(), 101);

        // A gap that is hidden is counted, and one that is shown is marked.
        let gap = |thread: u32, steps: u64| LeftOut {
            thread,
            name: format!("T{thread}"),
            steps,
        };
        timeline[30].left_out = vec![gap(1, 500)];
        timeline[90].left_out = vec![gap(2, 14)];
        timeline[99].left_out = vec![gap(1, 1)];
        for (index, step) in timeline.iter_mut().enumerate() {
            step.step += 500 * u64::from(index >= 30) + 14 * u64::from(index >= 90);
        }
        let short = table(&timeline, false, 100);
        assert!(short.contains("521 of T1"), "{short}");
        assert!(
            short.contains("\n      ... 14 steps of T2 left out ...\n"),
            "{short}"
        );
        assert!(
            short.contains("\n      ... 1 step of T1 left out ...\n"),
            "{short}"
        );
    }

    #[test]
    fn large_numbers_of_steps_shift_no_column() {
        let timeline = vec![
            step(9, 0, "spawns T1", 3, None),
            step(123_456, 1, "yields", 0, Some("main waits for T1")),
        ];
        let plain = anstream::adapter::strip_str(&table(&timeline, false, 100)).to_string();
        insta::assert_snapshot!(plain, @r#"
          step  where           main       T1
             9  src/lib.rs:3:9  spawns T1
                                           ~ main waits for T1
        123456                             yields
        "#);
    }

    #[test]
    fn nothing_runs_over_the_edge_of_the_page() {
        let long =
            "prints \"a text that is much too long for what is left of the page, and goes on\"";
        for (threads, widths) in [(2, [60, 80, 100]), (5, [60, 80, 100]), (20, [60, 80, 100])] {
            let timeline: Timeline = (0..threads)
                .map(|thread| {
                    let reason = format!("T{thread} waits for mutex 1, which somebody else holds");
                    step(thread.into(), thread, long, 7, Some(&reason))
                })
                .collect();
            for width in widths {
                let table = table(&timeline, false, width);
                let plain = anstream::adapter::strip_str(&table).to_string();
                let widest = plain.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(width), "{plain}");
                let names = plain.lines().next().unwrap_or_default();
                assert_eq!(
                    names.contains("thread"),
                    threads > 2 && width < 100 || threads > 5,
                    "{plain}"
                );
            }
        }
    }

    #[test]
    fn a_long_action_goes_on_below_its_beginning() {
        let mut timeline = vec![
            step(1, 0, "spawns T1", 0, None),
            step(
                2,
                1,
                "waits for the lock that main has taken before",
                7,
                Some("main yields"),
            ),
        ];
        timeline[1].value = Some("in vain".to_owned());
        let plain = anstream::adapter::strip_str(&table(&timeline, false, 60)).to_string();
        insta::assert_snapshot!(plain, @r#"
        step  where           main       T1
           1                  spawns T1
                                         ~ main yields
           2  src/lib.rs:7:9             waits for the lock that
                                           main has taken before: in
                                           vain
        "#);
    }

    #[test]
    fn steps_that_differ_in_values_only_are_shown_once_where_there_are_many() {
        let mut timeline = vec![step(1, 0, "spawns T1", 0, None)];
        for round in 0..40 {
            let mut print = step(round + 2, 1, "prints to standard output", 7, None);
            print.value = Some(format!("\"{round}\""));
            timeline.push(print);
        }
        let plain = anstream::adapter::strip_str(&table(&timeline, false, 100)).to_string();
        insta::assert_snapshot!(plain, @r#"
        step  where           main       T1
           1                  spawns T1
           2  src/lib.rs:7:9             prints to standard output: "0"
              ... this step 38 times more, with other values ...
          41  src/lib.rs:7:9             prints to standard output: "39"
        "#);
    }

    #[test]
    fn what_a_loop_does_is_shown_once() {
        let mut timeline = vec![step(1, 0, "spawns T1", 0, None)];
        for round in 0..5 {
            timeline.push(step(2 * round + 2, 1, "loads atomic 1", 7, None));
            timeline.push(step(2 * round + 3, 1, "spins", 8, None));
        }
        timeline.push(step(12, 1, "ends", 0, None));
        let plain = anstream::adapter::strip_str(&table(&timeline, false, 100)).to_string();
        insta::assert_snapshot!(plain, @r#"
        step  where           main       T1
           1                  spawns T1
           2  src/lib.rs:7:9             loads atomic 1
           3  src/lib.rs:8:9             spins
              ... these 2 steps 4 times more ...
          12                             ends
        "#);
    }
}
