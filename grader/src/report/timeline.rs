//! A timeline as a table: a row for each step, a column for each thread.
//!
//! Only one thread acts in a row, so a long action may run on over the columns
//! to its right; nothing is cut off and nothing wraps.

use std::fmt::Write as _;

use verdict::{Step, Timeline};

use crate::ui::style::{CODE, HEAD, WARN, paint};

/// Rows that are shown of a long timeline at its beginning and at its end.
const SHOWN: (usize, usize) = (12, 48);
/// Most steps of a loop that is shown once.
const LOOP: usize = 12;
/// A column is no narrower and, but for its header, no wider than this.
const WIDTHS: (usize, usize) = (10, 26);

/// The table; of a long one the middle is left out unless `whole`.
pub(super) fn table(timeline: &Timeline, whole: bool) -> String {
    let columns = columns(timeline);
    let places: Vec<String> = timeline
        .iter()
        .map(|step| {
            step.place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        })
        .collect();
    let place_width = places
        .iter()
        .map(String::len)
        .max()
        .unwrap_or_default()
        .max("where".len());
    let indent = 4 + 2 + place_width + 2;

    let mut text = format!("{:>4}  {:place_width$}  ", "step", "where");
    for column in &columns {
        let _ = write!(text, "{}", pad(&column.name, column.width));
    }
    let mut text = format!("{}\n", paint(HEAD, text.trim_end()));
    let rows = if whole {
        (0..timeline.len()).map(Row::Step).collect()
    } else {
        rows(timeline)
    };
    for row in shown(&rows, whole) {
        let (step, place) = match row {
            Row::Step(index) => (&timeline[index], &places[index]),
            Row::Again { steps, times } => {
                let steps = if steps == 1 {
                    "this step".to_owned()
                } else {
                    format!("these {steps} steps")
                };
                let _ = writeln!(text, "      ... {steps} {times} times more ...");
                continue;
            }
            Row::LeftOut(count) => {
                let _ = writeln!(text, "      ... {count} rows ...");
                continue;
            }
        };
        let before = columns
            .iter()
            .take_while(|column| column.thread != step.thread);
        let offset: usize = before.map(|column| column.width).sum();
        if let Some(reason) = &step.switch {
            let reason = paint(WARN, format_args!("~ {reason}"));
            let _ = writeln!(text, "{:indent$}{:offset$}{reason}", "", "");
        }
        let place = paint(CODE, format_args!("{place:place_width$}"));
        let _ = writeln!(
            text,
            "{:>4}  {place}  {:offset$}{}",
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
    /// The steps before this come again and again.
    Again { steps: usize, times: usize },
    /// Rows that are not shown.
    LeftOut(usize),
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
        key(&timeline[a]) == key(&timeline[b])
            && timeline[a].switch.is_none()
            && timeline[b].switch.is_none()
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
        rows.extend((index..index + steps).map(Row::Step));
        if times > 0 {
            rows.push(Row::Again { steps, times });
        }
        index += steps * (times + 1);
    }
    rows
}

/// The rows that are shown.
fn shown(rows: &[Row], whole: bool) -> Vec<Row> {
    let left_out = rows.len().saturating_sub(SHOWN.0 + SHOWN.1);
    if whole || left_out == 0 {
        return rows.to_vec();
    }
    let (first, last) = (&rows[..SHOWN.0], &rows[SHOWN.0 + left_out..]);
    [first, &[Row::LeftOut(left_out)], last].concat()
}

struct Column {
    thread: u32,
    name: String,
    width: usize,
}

/// The threads in the order of their numbers, each as wide as its actions.
fn columns(timeline: &Timeline) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for step in timeline {
        let position = match columns.binary_search_by_key(&step.thread, |column| column.thread) {
            Ok(position) => position,
            Err(position) => {
                let name = step.name.clone();
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
    columns
}

/// What a step does, with the value that passed. Text of the submission's own
/// cannot move the cursor or end the line.
fn action(step: &Step) -> String {
    let text = match &step.value {
        Some(value) => format!("{}: {value}", step.action),
        None => step.action.clone(),
    };
    text.chars()
        .flat_map(|c| {
            if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            }
        })
        .collect()
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
        let plain = anstream::adapter::strip_str(&table(&timeline, false)).to_string();
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
    fn the_middle_of_a_long_timeline_is_left_out() {
        let step = |n: u32| step(n.into(), 0, &format!("loads atomic {n}"), 7, None);
        let timeline: Timeline = (1..=100).map(step).collect();
        let short = table(&timeline, false);
        assert!(short.contains("... 40 rows ...") && short.lines().count() == 1 + 60 + 1);
        assert_eq!(table(&timeline, true).lines().count(), 101);
    }

    #[test]
    fn what_a_loop_does_is_shown_once() {
        let mut timeline = vec![step(1, 0, "spawns T1", 0, None)];
        for round in 0..5 {
            timeline.push(step(2 * round + 2, 1, "loads atomic 1", 7, None));
            timeline.push(step(2 * round + 3, 1, "spins", 8, None));
        }
        timeline.push(step(12, 1, "ends", 0, None));
        let plain = anstream::adapter::strip_str(&table(&timeline, false)).to_string();
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
