//! `cargo mutate EXERCISE`: measures the checks of an exercise.
//!
//! The reference solution is changed in one small way at a time, and each
//! mutant is graded. A mutant that gets full marks is a fault that the checks
//! do not see, unless it is no fault: then `equivalent-mutants.toml` beside the
//! rubric says why.

mod equivalents;
mod operators;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use verdict::{CheckOutcome, Outcome, Verdict, Verdicts};

use equivalents::Equivalents;
use operators::Mutation;

/// Mutates the reference solution of an exercise and grades the mutants.
#[derive(Parser)]
struct Args {
    /// The exercises; all that have checks where none is named.
    exercises: Vec<String>,
    /// Print what became of every mutant, not of the survivors alone.
    #[arg(long)]
    all: bool,
    /// Only list the mutants.
    #[arg(long)]
    list: bool,
    /// Leave the mutants in this folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

struct Mutant {
    file: PathBuf,
    line_text: String,
    mutation: Mutation,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::from(3)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the only place where this tool prints")]
fn say(line: &str) {
    println!("{line}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn run(args: &Args) -> Result<bool> {
    let mut exercises = args.exercises.clone();
    if exercises.is_empty() {
        let checks = root().join("grader/checks");
        for entry in
            std::fs::read_dir(&checks).with_context(|| format!("reading {}", checks.display()))?
        {
            exercises.push(entry?.file_name().to_string_lossy().into_owned());
        }
        exercises.sort();
    }
    let mut all_caught = true;
    for exercise in &exercises {
        all_caught &= measure(exercise, args)
            .with_context(|| format!("measuring the checks of {exercise}"))?;
    }
    Ok(all_caught)
}

fn measure(exercise: &str, args: &Args) -> Result<bool> {
    let solution = root().join("solutions").join(exercise);
    ensure!(
        solution.join("src").is_dir(),
        "there is no solution in solutions/{exercise}"
    );
    let equivalents = Equivalents::read(
        &root()
            .join("grader/checks")
            .join(exercise)
            .join("equivalent-mutants.toml"),
    )?;
    let mutants = mutants_of(&solution, &equivalents)?;
    if args.list {
        mutants.iter().for_each(|mutant| say(&describe(mutant)));
        return Ok(true);
    }
    let folder = tempfile::tempdir().context("making a folder for the mutants")?;
    let home = args.keep.as_deref().unwrap_or(folder.path()).join(exercise);
    let paths = mutants
        .iter()
        .enumerate()
        .map(|(number, mutant)| write(&home.join(format!("mutant-{number:04}")), &solution, mutant))
        .collect::<Result<Vec<_>>>()?;
    let verdicts = grade(exercise, &paths)?;
    ensure!(
        verdicts.len() == mutants.len(),
        "the grader gave {} verdicts for {} mutants",
        verdicts.len(),
        mutants.len()
    );
    Ok(report(
        exercise,
        &mutants,
        &verdicts,
        &equivalents,
        args.all,
    ))
}

fn mutants_of(solution: &Path, equivalents: &Equivalents) -> Result<Vec<Mutant>> {
    let mut mutants = Vec::new();
    for entry in walkdir::WalkDir::new(solution.join("src")).sort_by_file_name() {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "rs")
        {
            continue;
        }
        let file = entry.path().strip_prefix(solution)?.to_owned();
        if equivalents.skips(&file) {
            continue;
        }
        let source = std::fs::read_to_string(entry.path())
            .with_context(|| format!("reading {}", file.display()))?;
        let mutations =
            operators::mutations(&source).with_context(|| format!("parsing {}", file.display()))?;
        mutants.extend(mutations.into_iter().map(|mutation| {
            Mutant {
                file: file.clone(),
                line_text: source
                    .lines()
                    .nth(mutation.line - 1)
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
                mutation,
            }
        }));
    }
    Ok(mutants)
}

fn describe(mutant: &Mutant) -> String {
    let Mutation {
        function,
        line,
        change,
        ..
    } = &mutant.mutation;
    format!(
        "{}:{line} {function}: {change}    {}",
        mutant.file.display(),
        mutant.line_text
    )
}

/// Writes the solution with one change.
fn write(home: &Path, solution: &Path, mutant: &Mutant) -> Result<PathBuf> {
    for entry in walkdir::WalkDir::new(solution.join("src")) {
        let entry = entry?;
        let relative = entry.path().strip_prefix(solution)?;
        let target = home.join(relative);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)?;
        } else if relative == mutant.file {
            let source = std::fs::read_to_string(entry.path())?;
            std::fs::write(&target, mutant.mutation.apply(&source))?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(home.to_owned())
}

fn grade(exercise: &str, paths: &[PathBuf]) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    // Command lines have a limit.
    for paths in paths.chunks(200) {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--release", "--package", "grader", "--"])
            .args([
                "grade",
                "--exercise",
                exercise,
                "--format",
                "json",
                "--exit-zero",
            ])
            .args(paths)
            .current_dir(root())
            .output()
            .context("starting the grader")?;
        if !output.status.success() {
            bail!(
                "the grader could not grade: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let document: Verdicts =
            serde_json::from_slice(&output.stdout).context("reading the verdicts")?;
        verdicts.extend(document.verdicts);
    }
    Ok(verdicts)
}

/// Prints the table; tells whether every viable mutant is caught or explained.
fn report(
    exercise: &str,
    mutants: &[Mutant],
    verdicts: &[Verdict],
    equivalents: &Equivalents,
    all: bool,
) -> bool {
    let (mut caught, mut unviable, mut explained, mut missed) = (0, 0, 0, 0);
    for (mutant, verdict) in mutants.iter().zip(verdicts) {
        let fate = match verdict.outcome {
            Outcome::DoesNotCompile | Outcome::Refused => {
                unviable += 1;
                "unviable".to_owned()
            }
            Outcome::InfrastructureError => {
                missed += 1;
                format!("NOT GRADED ({})", verdict.message)
            }
            Outcome::Graded if verdict.score < verdict.max_score => {
                caught += 1;
                let by = verdict
                    .checks
                    .iter()
                    .filter(|check| check.outcome == CheckOutcome::Failed);
                format!(
                    "caught by {}",
                    by.map(|check| check.id.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            Outcome::Graded => {
                match equivalents.reason(&mutant.file, &mutant.mutation, &mutant.line_text) {
                    Some(reason) => {
                        explained += 1;
                        format!("equivalent: {reason}")
                    }
                    None => {
                        missed += 1;
                        "NOT CAUGHT".to_owned()
                    }
                }
            }
        };
        if all || fate.starts_with("NOT") {
            say(&format!("{}\n    {fate}", describe(mutant)));
        }
    }
    say(&format!(
        "{exercise}: {} mutants: {caught} caught, {explained} equivalent, {unviable} that do not compile, {missed} not caught",
        mutants.len()
    ));
    missed == 0
}
