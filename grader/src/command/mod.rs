//! The command line: what is asked for becomes one call of a verb, and how
//! that ends becomes the exit code.

mod ci;
mod class;
mod doctor;
mod explore;
mod export;
mod grade;
mod list;
mod r#override;
mod pack;
mod replay;
mod session;
mod shell;
mod verify;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::exit::{Exit, Usage};
use crate::ui::Ui;

/// Grades programs made of threads, over every schedule up to a bound.
#[derive(Debug, Parser)]
#[command(name = "grader", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
EXAMPLES:
  grader list                                     what there is to do
  grader grade exercises/bank-account             grade your work on one exercise
  grader grade class/ --format json               grade a folder of submissions
  grader class students/ --gradebook autumn.sqlite
                                                  grade a class, and only what has changed
  grader ci --base main                           grade what a pull request touches
  grader explore philosophers.rs                  tell what any program's threads can do
  grader verify                                   check the course itself
  grader pack students --out students/            the course as students get it
  grader doctor                                   try attacks on this machine's sandbox

EXIT CODES:
  0  everything got full marks
  1  something did not
  2  the command line was wrong
  3  the grader could not grade (never a score of zero)";

#[derive(Debug, Subcommand)]
enum Verb {
    Grade(grade::Grade),
    Class(class::Class),
    Ci(ci::Ci),
    Override(r#override::Override),
    Export(export::Export),
    Replay(replay::Replay),
    Explore(explore::Explore),
    List(list::List),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    Pack(pack::PackArgs),
    Man(shell::Man),
    Completions(shell::Completions),
}

/// Which course is meant.
#[derive(Debug, Args)]
struct CourseArg {
    /// The course: a folder with `exercises/` and `checks/` [default: Lockstep's own]
    #[arg(long, value_name = "DIR")]
    course: Option<PathBuf>,
}

/// Runs the grader.
pub(crate) fn main() -> Exit {
    let cli = Cli::parse();
    sandbox::end_all_on_interrupt();
    let live = match &cli.verb {
        Verb::Grade(grade) => grade.is_text(),
        Verb::Explore(explore) => explore.is_text(),
        Verb::Doctor(doctor) => doctor.is_text(),
        Verb::Class(_)
        | Verb::Ci(_)
        | Verb::Override(_)
        | Verb::Export(_)
        | Verb::Replay(_)
        | Verb::List(_)
        | Verb::Verify(_)
        | Verb::Pack(_) => true,
        Verb::Man(_) | Verb::Completions(_) => false,
    };
    let mut ui = Ui::new(live);
    let outcome = match cli.verb {
        Verb::Grade(grade) => grade.run(&mut ui),
        Verb::Class(class) => class.run(&mut ui),
        Verb::Ci(ci) => ci.run(&mut ui),
        Verb::Override(given) => given.run(&mut ui),
        Verb::Export(export) => export.run(&mut ui),
        Verb::Replay(replay) => replay.run(&mut ui),
        Verb::Explore(explore) => explore.run(&mut ui),
        Verb::List(list) => list.run(&mut ui),
        Verb::Verify(verify) => verify.run(&mut ui),
        Verb::Doctor(doctor) => doctor.run(&mut ui),
        Verb::Pack(pack) => pack.run(&mut ui),
        Verb::Man(man) => man.run(&mut ui, Cli::command()),
        Verb::Completions(shell) => shell.run(&mut ui, Cli::command()),
    };
    ui.finish();
    match outcome {
        Ok(exit) => exit,
        Err(error) => {
            ui.error(&format!("{error:#}"));
            if error.is::<Usage>() {
                Exit::Usage
            } else {
                Exit::Infrastructure
            }
        }
    }
}

/// Whether words are a command line of the grader's, for [`crate::fuzzing`].
pub(crate) fn parses(words: &[&str]) -> bool {
    Cli::try_parse_from(words).is_ok()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Cli::command().debug_assert();
    }
}
