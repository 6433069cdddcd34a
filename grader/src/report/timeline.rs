//! A timeline as a table: a row for each step, a column for each thread.
//!
//! Only one thread acts in a row, so a long action may run on over the columns
//! to its right; nothing is cut off and nothing wraps.

use std::fmt::Write as _;

use verdict::timeline::LeftOut;
use verdict::{Step, Timeline};

use super::words::visible_line;
use crate::ui::style::{CODE, HEAD, WARN, paint};

/// Rows that are shown of a long timeline at its beginning and at its end.
const SHOWN: (usize, usize) = (12, 48);
/// Most steps of a loop that is shown once.
const LOOP: usize = 12;
/// A column is no narrower and, but for its header, no wider than this.
const WIDTHS: (usize, usize) = (10, 26);

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
    let indent = number_width + 2 + place_width + 2;
    let columns = columns(timeline, width.saturating_sub(indent));

    let mut text = format!("{:>number_width$}  {:place_width$}  ", "step", "where");
    for column in &columns {
        let _ = write!(text, "{}", pad(&column.name, column.width));
    }
    let mut text = format!("{}\n", paint(HEAD, text.trim_end()));
    let rows = if whole {
        (0..timeline.len()).map(Row::Step).collect()
    } else {
        shown(timeline, rows(timeline))
    };
    for row in rows {
        let (step, place) = match row {
            Row::Step(index) => (&timeline[index], &places[index]),
            Row::Again { steps, times, .. } => {
                let steps = if steps == 1 {
                    "this step".to_owned()
                } else {
                    format!("these {steps} steps")
                };
                let _ = writeln!(
                    text,
                    "{:number_width$}  ... {steps} {times} times more ...",
                    ""
                );
                continue;
            }
            Row::LeftOut(counts) => {
                let _ = writeln!(text, "{:number_width$}  {}", "", left_out(&counts));
                continue;
            }
        };
        let before = columns
            .iter()
            .take_while(|column| column.thread != step.thread);
        let offset: usize = before.map(|column| column.width).sum();
        if let Some(reason) = &step.switch {
            let reason = paint(WARN, format_args!("~ {}", visible_line(reason)));
            let _ = writeln!(text, "{:indent$}{:offset$}{reason}", "", "");
        }
        let place = paint(CODE, format_args!("{place:place_width$}"));
        let _ = writeln!(
            text,
            "{:>number_width$}  {place}  {:offset$}{}",
            step.step,
            "",
            action(step)
        );
    }
    text
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
    },
    /// Steps that are not shown.
    LeftOut(Vec<LeftOut>),
}

/// The rows of a timeline, with what a loop does shown once.
fn rows(timeline: &Timeline) -> Vec<Row> {
    let alike = |a: usize, b: usize| {
        let key = |step: &Step| {
            (
                step.thread,
                step.action.clone(),
                step.place.clone(),
                step.value.clone(),
            )
        };
        let goes_on = |step: &Step| step.switch.is_none() && step.left_out.is_empty();
        key(&timeline[a]) == key(&timeline[b]) && goes_on(&timeline[a]) && goes_on(&timeline[b])
    };
    let mut rows = Vec::new();
    let mut index = 0;
    while index < timeline.len() {
        let round = (1..=LOOP).find_map(|steps| {
            let rest = index + steps..timeline.len();
            let same = rest
                .take_while(|later| alike(*later, later - steps))
                .count();
            let times = same / steps;
            (times >= 2).then_some((steps, times))
        });
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
fn left_out(counts: &[LeftOut]) -> String {
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

struct Column {
    thread: u32,
    name: String,
    width: usize,
}

/// The threads in the order of their numbers, each as wide as its actions, but
/// for all of them to begin on the page where they can.
fn columns(timeline: &Timeline, width: usize) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for step in timeline {
        let position = match columns.binary_search_by_key(&step.thread, |column| column.thread) {
            Ok(position) => position,
            Err(position) => {
                let name = visible_line(&step.name);
                let width = (name.chars().count() + 2).max(WIDTHS.0);
                columns.insert(
                    position,
                    Column {
                        thread: step.thread,
                        name,
                        width,
                    },
                );
                position
            }
        };
        let wanted = (action(step).chars().count() + 2).min(WIDTHS.1);
        columns[position].width = columns[position].width.max(wanted);
    }
    let most = (width / columns.len().max(1)).clamp(WIDTHS.0, WIDTHS.1);
    for column in &mut columns {
        let name = column.name.chars().count() + 2;
        column.width = column.width.min(most.max(name));
    }
    columns
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

fn pad(text: &str, width: usize) -> String {
    format!("{text:width$}")
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
