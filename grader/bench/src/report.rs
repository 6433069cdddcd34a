//! What is printed. Nothing else here prints.

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::samples::Samples;

/// One thing that was measured, and what it must be.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    /// What.
    pub(crate) name: String,
    /// The number that has a goal.
    pub(crate) value: f64,
    /// Its unit; empty for a ratio.
    pub(crate) unit: &'static str,
    /// What it must be.
    pub(crate) goal: Goal,
    /// Whether it is.
    pub(crate) met: bool,
    /// How often each side was measured.
    pub(crate) repetitions: usize,
    /// What it was made from.
    pub(crate) sides: Vec<Side>,
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

/// One of the things that were measured for a line.
#[derive(Debug, Serialize)]
pub(crate) struct Side {
    name: String,
    unit: &'static str,
    min: f64,
    median: f64,
    max: f64,
    /// With how many seeds something was found, of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<(usize, usize)>,
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Goal::AtLeast(bound) => value >= bound,
            Goal::AtMost(bound) => value <= bound,
        }
    }

    fn words(self) -> String {
        match self {
            Goal::AtLeast(bound) => format!("at least {bound}"),
            Goal::AtMost(bound) => format!("at most {bound}"),
        }
    }
}

impl Side {
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, samples: &Samples) -> Side {
        Side {
            name: name.into(),
            unit,
            min: samples.min(),
            median: samples.median(),
            max: samples.max(),
            found: None,
        }
    }

    pub(crate) fn found(mut self, seeds: usize, of: usize) -> Side {
        self.found = Some((seeds, of));
        self
    }

    /// What follows from several of them, and so is one number.
    pub(crate) fn single(name: &'static str, unit: &'static str, value: f64) -> Side {
        Side::new(name, unit, &Samples::new(vec![value]))
    }
}

impl Line {
    pub(crate) fn new(
        name: impl Into<String>,
        (value, unit): (f64, &'static str),
        goal: Goal,
        repetitions: usize,
        sides: Vec<Side>,
    ) -> Line {
        Line {
            name: name.into(),
            value,
            unit,
            goal,
            met: goal.is_met(value),
            repetitions,
            sides,
        }
    }

    /// The goal is missed all the same unless this holds.
    pub(crate) fn only_if(mut self, holds: bool) -> Line {
        self.met &= holds;
        self
    }

    /// The names of its sides, as they stand above the rows.
    fn head(&self) -> String {
        let mut text = format!("{:<27}", "median (largest), executions");
        for side in &self.sides {
            text.push_str(&format!(" {:>14}", side.name));
        }
        text.push_str(&format!(" {:>7}\n", "ratio"));
        text
    }

    /// The line as one row, with a column for each of its sides: the median,
    /// the largest, and with how many seeds it was found if not with all.
    fn row(&self) -> String {
        let mut text = format!("{:<27}", self.name);
        for side in &self.sides {
            let cell = match side.found {
                Some((0, _)) => "never".to_owned(),
                Some((seeds, of)) if seeds < of => {
                    format!("{} ({seeds}/{of})", short(side.median))
                }
                _ if side.min == side.max => short(side.median),
                _ => format!("{} ({})", short(side.median), short(side.max)),
            };
            text.push_str(&format!(" {cell:>14}"));
        }
        let met = if self.met { "" } else { "  MISSED" };
        text.push_str(&format!(" {:>7.2}{met}\n", self.value));
        text
    }

    /// The line and its sides below it, in aligned columns.
    fn text(&self) -> String {
        let met = if self.met { "met" } else { "MISSED" };
        let unit = match self.unit {
            "" => "",
            unit => &format!(" {unit}"),
        };
        let mut text = format!(
            "{:<38} {:>10}{unit}  goal: {}, {met}  ({} repetitions)\n",
            self.name,
            number(self.value),
            self.goal.words(),
            self.repetitions,
        );
        for side in &self.sides {
            let Side {
                name,
                unit,
                min,
                median,
                max,
                ..
            } = side;
            let spread = match min == max {
                true => String::new(),
                false => format!(" median, {} to {}", number(*min), number(*max)),
            };
            text.push_str(&format!(
                "    {name:<34} {:>10} {unit}{spread}\n",
                number(*median)
            ));
        }
        text
    }
}

/// As many places as mean something.
fn number(value: f64) -> String {
    match value.abs() {
        1000.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// A number of executions, whole or half.
fn short(value: f64) -> String {
    match value.fract() == 0.0 {
        true => format!("{value:.0}"),
        false => format!("{value:.1}"),
    }
}

/// Prints a line as the row with this number of a table.
#[expect(clippy::print_stdout, reason = "results go to standard output")]
pub(crate) fn print_row(line: &Line, row: usize) {
    if row == 0 {
        print!("{}", line.head());
    }
    print!("{}", line.row());
}

/// Prints what another process of this program reads.
#[expect(clippy::print_stdout, reason = "it is what this process is asked for")]
pub(crate) fn print_raw(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stdout, reason = "results go to standard output")]
pub(crate) fn print(line: &Line) {
    print!("{}", line.text());
}

#[expect(clippy::print_stdout, reason = "results go to standard output")]
pub(crate) fn print_json(lines: &[Line]) -> Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(lines).context("cannot write the measurements as JSON")?
    );
    Ok(())
}

#[expect(clippy::print_stderr, reason = "complaints go to standard error")]
pub(crate) fn complain(message: &str) {
    eprintln!("error: {message}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_whether_its_goal_is_met() {
        let samples = Samples::new(vec![2.0]);
        let line =
            |goal| Line::new("n", (2.0, ""), goal, 1, vec![Side::new("s", "s", &samples)]).text();
        assert!(line(Goal::AtMost(2.0)).contains("goal: at most 2, met"));
        assert!(line(Goal::AtMost(1.9)).contains("goal: at most 1.9, MISSED"));
        assert!(line(Goal::AtLeast(2.0)).contains("goal: at least 2, met"));
        assert!(line(Goal::AtLeast(2.1)).contains("goal: at least 2.1, MISSED"));
    }
}
