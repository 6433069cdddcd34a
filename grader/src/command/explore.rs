//! `grader explore`

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use verdict::Search;
use verdict::exploration::{EXPLORATION, Exploration, Explored};

use super::grade::Format;
use super::session;
use crate::exit::{Exit, usage};
use crate::explore::{self, Program, Start};
use crate::home::{self, Home};
use crate::layers::Whose;
use crate::report;
use crate::ui::Ui;

/// Tell what the threads of any program can do, no contract needed
#[derive(Debug, Args)]
#[command(after_help = "\
Every deadlock, panic, livelock, lost wake-up and leaked lock is told with its timeline, and
every output that the program can have, each with a schedule that gives it.

EXAMPLES:
  grader explore philosophers.rs                        a program in one file
  grader explore my-crate --args 3 quick                a crate with src/main.rs, with arguments
  grader explore my-crate --stdin questions.txt         what it reads from standard input
  grader explore philosophers.rs --schedule a5.1        show one schedule, step by step

EXIT CODES:
  0  nothing went wrong in any schedule that was run
  1  something did, or the program does not compile
  2  the command line was wrong
  3  the program could not be explored")]
pub(super) struct Explore {
    /// A .rs file, or the folder of a crate with src/main.rs
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// The program's arguments; those that begin with a dash come after `--`
    #[arg(long = "args", value_name = "ARG", num_args = 0..)]
    args: Vec<String>,
    /// More of the program's arguments
    #[arg(last = true, value_name = "ARG", hide = true)]
    more_args: Vec<String>,
    /// A file with what the program reads from standard input; - is the grader's own
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// The edition of Rust [default: the package's; 2024 for a file]
    #[arg(long, value_name = "YEAR", value_parser = ["2015", "2018", "2021", "2024"])]
    edition: Option<String>,
    /// Run schedules with at most N preemptions
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    preemptions: u32,
    /// Run at most N schedules in order of preemptions
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    executions: u64,
    /// Run N random schedules where these were not all
    #[arg(long, value_name = "N", default_value_t = 3_000)]
    random: u64,
    /// An execution with more than N steps is one without an end
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    steps: u64,
    /// Let condition variables and parks never wake without a reason
    #[arg(long)]
    no_spurious: bool,
    /// Show one schedule, step by step, instead
    #[arg(long, value_name = "S")]
    schedule: Option<String>,
    /// How to tell it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl Explore {
    /// Whether a person reads the output while it comes.
    pub(super) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = match Home::find() {
            Ok(home) => home,
            Err(error) => return self.failed(ui, &error),
        };
        let program = Program::read(&home, &self.path, self.edition.as_deref())?;
        let start = Start {
            args: [self.args.clone(), self.more_args.clone()].concat(),
            stdin: stdin(self.stdin.as_deref())?,
            search: Search {
                preemptions: self.preemptions,
                executions: self.executions,
                random: self.random,
                steps: self.steps,
                spurious: !self.no_spurious,
                ..Search::default()
            },
        };
        let tools = match session::tools(ui, home, Whose::Own, None, false) {
            Ok(tools) => tools,
            Err(error) => return self.failed(ui, &error),
        };
        if let Some(schedule) = &self.schedule {
            return show(ui, &tools, &program, &start, schedule);
        }
        ui.status("exploring ...");
        let exploration = match explore::explore(&tools, &program, &start) {
            Ok(exploration) => exploration,
            Err(error) => return self.failed(ui, &error),
        };
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&exploration)? + "\n",
            Format::Text => {
                let again = self.again();
                report::exploration(&exploration, &program.shown_sources(), &again, ui.width())
            }
        };
        ui.print(&text)?;
        Ok(exit(&exploration))
    }

    /// The grader's own trouble, in the format that was asked for.
    fn failed(&self, ui: &mut Ui, error: &anyhow::Error) -> Result<Exit> {
        match self.format {
            Format::Text => ui.error(&format!("{error:#}")),
            Format::Json => {
                let exploration = Exploration {
                    schema: EXPLORATION.to_owned(),
                    outcome: Explored::InfrastructureError,
                    message: format!("{error:#}"),
                    complete: false,
                    preemptions: None,
                    schedules: 0,
                    outputs: Vec::new(),
                    findings: Vec::new(),
                };
                ui.print(&(serde_json::to_string_pretty(&exploration)? + "\n"))?;
            }
        }
        Ok(Exit::Infrastructure)
    }

    /// The command that shows a schedule, but for the schedule.
    fn again(&self) -> String {
        let mut words = home::called_as();
        words.push("explore".to_owned());
        words.push(self.path.display().to_string());
        if let Some(edition) = &self.edition {
            words.extend(["--edition".to_owned(), edition.clone()]);
        }
        if let Some(stdin) = &self.stdin {
            words.extend(["--stdin".to_owned(), stdin.display().to_string()]);
        }
        for (option, given, default) in [("--steps", self.steps, 20_000)] {
            if given != default {
                words.extend([option.to_owned(), given.to_string()]);
            }
        }
        if self.no_spurious {
            words.push("--no-spurious".to_owned());
        }
        let mut text = words
            .iter()
            .map(|word| report::quoted(word))
            .collect::<Vec<_>>()
            .join(" ");
        let args = [self.args.as_slice(), &self.more_args].concat();
        if args.is_empty() {
            text.push_str(" --schedule ");
        } else {
            // The arguments come last, after a mark that ends the options.
            text.push_str(" --schedule {} --");
            for arg in args {
                text.push(' ');
                text.push_str(&report::quoted(&arg));
            }
        }
        text
    }
}

fn exit(exploration: &Exploration) -> Exit {
    match exploration.outcome {
        Explored::Explored if exploration.findings.is_empty() => Exit::Full,
        Explored::Explored | Explored::DoesNotCompile => Exit::Short,
        Explored::Unsupported | Explored::InfrastructureError => Exit::Infrastructure,
    }
}

fn stdin(path: Option<&Path>) -> Result<String> {
    let Some(path) = path else {
        return Ok(String::new());
    };
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        bytes
    } else {
        match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => usage!("cannot read {}: {error}", path.display()),
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(_) => usage!("{} is not UTF-8; give a text", path.display()),
    }
}

fn show(
    ui: &mut Ui,
    tools: &crate::grading::Tools,
    program: &Program,
    start: &Start,
    schedule: &str,
) -> Result<Exit> {
    match explore::show(tools, program, start, schedule)? {
        Ok(shown) => {
            let text = report::shown(&shown, &program.shown_sources(), ui.width());
            ui.print(&text)?;
            Ok(if shown.finding.is_some() {
                Exit::Short
            } else {
                Exit::Full
            })
        }
        Err((_, why)) => {
            ui.error(&why);
            Ok(Exit::Short)
        }
    }
}
