//! What a person reads of a program that was explored.

use std::fmt::Write as _;

use verdict::exploration::{Exploration, Explored, Output};

use super::text::{indented, paragraphs, told};
use super::words::{self, grouped, visible, visible_line};
use super::{frames, timeline};
use crate::explore::Shown;
use crate::submission::Sources;
use crate::ui::style::{BAD, CODE, GOOD, HEAD, WARN, paint};

/// Most outputs that are shown; the document for programs has all of them.
const OUTPUTS: usize = 30;
/// Most lines of one output that are shown, from its beginning.
const LINES: usize = 20;

/// What was found out. `again` is the command that shows a schedule, which
/// stands where it has `{}`, or else behind it.
pub(crate) fn exploration(
    exploration: &Exploration,
    sources: &Sources,
    again: &str,
    width: usize,
) -> String {
    let mut text = String::new();
    match exploration.outcome {
        Explored::Explored => {}
        Explored::DoesNotCompile => {
            let _ = writeln!(text, "{}", paint(BAD, "does not compile"));
            return text + &indented(&visible(&exploration.message), "  ");
        }
        Explored::Unsupported | Explored::InfrastructureError => {
            let _ = writeln!(text, "{}", paint(WARN, "could not be explored"));
            return text + &paragraphs(&visible(&exploration.message), "  ", width);
        }
    }
    let _ = writeln!(text, "{}", coverage(exploration));
    text.push_str(&outputs(exploration));
    for (number, finding) in (1..).zip(&exploration.findings) {
        let kind = words::kind(finding.kind);
        let _ = write!(
            text,
            "\n{} {}\n\n{}",
            paint(BAD, format_args!("{number}.")),
            paint(HEAD, kind),
            told(finding, &frames(finding, sources, width), width)
        );
        if !finding.schedule.is_empty() {
            let command = match again.split_once("{}") {
                Some((before, after)) => format!("{before}{}{after}", finding.schedule),
                None => format!("{again}{}", finding.schedule),
            };
            let _ = write!(text, "\n  again: {}\n", paint(CODE, command));
        }
    }
    if exploration.findings.is_empty() {
        let _ = writeln!(
            text,
            "\n{}",
            paint(
                GOOD,
                "no deadlock, panic, livelock, lost wake-up or leaked lock"
            )
        );
    }
    text
}

/// Which schedules were run.
fn coverage(exploration: &Exploration) -> String {
    let count = grouped(exploration.schedules);
    let run = match exploration.schedules {
        1 => "1 schedule was run".to_owned(),
        _ => format!("{count} schedules were run"),
    };
    match (exploration.complete, exploration.preemptions) {
        (true, _) => match exploration.schedules {
            1 => "every schedule does the same".to_owned(),
            _ => format!("all {run}"),
        },
        (false, None) => run,
        (false, Some(0)) => format!("{run}, among them all without a preemption"),
        (false, Some(1)) => {
            format!("{run}, among them all with at most 1 preemption")
        }
        (false, Some(bound)) => {
            format!("{run}, among them all with at most {bound} preemptions")
        }
    }
}

fn outputs(exploration: &Exploration) -> String {
    let outputs = &exploration.outputs;
    let mut text = match outputs.len() {
        0 => return String::new(),
        1 if exploration.findings.is_empty() && exploration.complete => {
            "\nit always gives\n".to_owned()
        }
        1 if exploration.findings.is_empty() => "\nall of them give\n".to_owned(),
        1 => "\nwhere it comes to its end, it gives\n".to_owned(),
        count if exploration.complete => format!("\nit can give {count} results\n"),
        count => format!("\n{count} results were seen\n"),
    };
    let widest = outputs
        .iter()
        .map(|output| grouped(output.schedules).len())
        .max()
        .unwrap_or_default();
    let mut common: Vec<&Output> = outputs.iter().collect();
    common.sort_by_key(|output| std::cmp::Reverse(output.schedules));
    for output in common.iter().take(OUTPUTS) {
        let exit = match output.exit_code {
            0 => String::new(),
            code => format!("  exit code {code}"),
        };
        let _ = writeln!(
            text,
            "  {:>widest$}x  as in schedule {}{}",
            grouped(output.schedules),
            paint(CODE, &output.schedule),
            paint(BAD, exit),
        );
        for (stream, of) in [("", &output.stdout), ("standard error: ", &output.stderr)] {
            let lines: Vec<&str> = of.lines().collect();
            for line in lines.iter().take(LINES) {
                let line = visible_line(line);
                let _ = writeln!(text, "  {:widest$}   {stream}{line}", "");
            }
            if lines.len() > LINES {
                let more = lines.len() - LINES;
                let _ = writeln!(text, "  {:widest$}   ... {more} more lines", "");
            }
        }
    }
    if outputs.len() > OUTPUTS {
        let _ = writeln!(
            text,
            "  ... and {} more; --format json has all of them",
            outputs.len() - OUTPUTS
        );
    }
    text
}

/// One schedule of a program, because a person asked for it.
pub(crate) fn shown(shown: &Shown, sources: &Sources, width: usize) -> String {
    let mut text = timeline::table(&shown.timeline, true, width);
    if let Some(output) = &shown.output {
        let _ = write!(
            text,
            "\nit ends with exit code {} and gives\n{}",
            output.exit_code,
            indented(&visible(&output.stdout), "  ")
        );
    }
    if let Some(finding) = &shown.finding {
        let frames = frames(finding, sources, width);
        if !frames.is_empty() {
            let _ = write!(text, "\n{frames}");
        }
        let _ = write!(
            text,
            "\n{}\n{}",
            paint(BAD, format_args!("{}:", words::kind(finding.kind))),
            paragraphs(&visible(&finding.message), "  ", width)
        );
    }
    text
}
