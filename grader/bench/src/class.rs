//! A made-up class: graded, graded again with nothing changed, graded against `cargo
//! test`, and killed at random moments and resumed.

mod kills;
mod tests;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use walkdir::WalkDir;

use crate::grader::{Grader, root};
use crate::report::{Goal, Line, Side};
use crate::samples::Samples;
use crate::submissions::{fixtures, solution};
use crate::variant::{Files, variant};

/// How large a class `class` makes, and what is done with it.
#[derive(Debug, Clone, Args)]
pub(crate) struct Size {
    /// How many students the class of `class` has
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = from_one)]
    students: usize,
    /// How many exercises they hand in, of `class`: the first ones by name
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = from_one)]
    exercises: usize,
    /// Of how many submissions `cargo test` is run, in `class` [default: all]
    #[arg(long, value_name = "N", value_parser = from_one)]
    tested: Option<usize>,
    /// How often the grader is killed, in `class`
    #[arg(long, value_name = "N", default_value_t = 10)]
    kills: usize,
    /// What the made-up class and the moments of its kills follow from
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Leave the class, its gradebook and its report in this folder, for `class`; if it
    /// was graded there before, go on with what is measured after that
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

fn from_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "give a whole number from 1".to_owned())
}

/// A submission of the class.
struct Submission {
    exercise: String,
    folder: PathBuf,
}

/// The class, on disk.
struct Class {
    /// Everything that is made lies here.
    all: PathBuf,
    /// The same, where it is gone in the end.
    _temporary: Option<tempfile::TempDir>,
    submissions: Vec<Submission>,
}

impl Class {
    fn folder(&self) -> PathBuf {
        self.all.join("class")
    }

    /// A path beside the class.
    fn beside(&self, name: &str) -> PathBuf {
        self.all.join(name)
    }

    /// `grader class` on it, into the gradebook of this name, not started yet. Nothing
    /// is known but what was graded with a cache of the same name.
    fn grade(&self, grader: &Grader, name: &str) -> Command {
        let mut command = grader.verb("class", &self.beside(&format!("{name}-cache")));
        command
            .arg(self.folder())
            .arg("--gradebook")
            .arg(self.beside(name));
        command
    }
}

/// Measures, and tells of each line as soon as there is one.
pub(crate) fn measure(grader: &Grader, size: &Size, tell: impl Fn(&Line)) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let mut told = |line: Line| {
        tell(&line);
        lines.push(line);
    };
    let class = made_up(size)?;
    let count = class.submissions.len();
    let seconds_file = class.beside("book.seconds");
    let first = match std::fs::read_to_string(&seconds_file) {
        Ok(text) => graded_in(&text)
            .with_context(|| format!("{} is no number of seconds", seconds_file.display()))?,
        Err(_) => {
            let (first, measured) = graded(grader, &class)?;
            measured.into_iter().for_each(&mut told);
            std::fs::write(&seconds_file, format!("{}\n", first.as_secs_f64()))
                .with_context(|| format!("cannot write {}", seconds_file.display()))?;
            first
        }
    };

    let tested = tests::measure(&class, size.tested.unwrap_or(count))?;
    let rate = |count: usize, taken: Duration| count as f64 / taken.as_secs_f64() * 60.0;
    let (ours, theirs) = (rate(count, first), rate(tested.count, tested.taken));
    told(Line::new(
        "class-rate",
        (ours / theirs, ""),
        Goal::AtLeast(1.0),
        1,
        vec![
            Side::single("grader class", "submissions a minute", ours),
            Side::single("cargo test", "submissions a minute", theirs),
            Side::single(
                "cargo test, ended after 60 s",
                "submissions",
                tested.ended as f64,
            ),
        ],
    ));
    if size.kills > 0 {
        told(kills::measure(grader, &class, size)?);
    }
    Ok(lines)
}

fn seconds(name: &'static str, taken: Duration) -> Side {
    Side::new(name, "s", &Samples::new(vec![taken.as_secs_f64()]))
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// How many bytes there are below a folder.
fn bytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in WalkDir::new(folder) {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

/// Writes the class: each student begins with another fixture, and no two texts are
/// the same.
fn made_up(size: &Size) -> Result<Class> {
    let mut class = match &size.keep {
        Some(keep) => {
            std::fs::create_dir_all(keep)
                .with_context(|| format!("cannot make the folder {}", keep.display()))?;
            Class {
                all: keep.canonicalize()?,
                _temporary: None,
                submissions: Vec::new(),
            }
        }
        None => {
            let all = tempfile::tempdir().context("cannot make a folder for the class")?;
            Class {
                all: all.path().to_owned(),
                _temporary: Some(all),
                submissions: Vec::new(),
            }
        }
    };
    let exercises = exercises(size.exercises)?;
    let mut models = Vec::new();
    for exercise in &exercises {
        let mut folders = vec![solution(exercise)];
        folders.extend(fixtures(exercise)?);
        let read: Result<Vec<Files>> = folders.iter().map(|folder| files(folder)).collect();
        models.push(read?);
    }
    for student in 0..size.students {
        for (number, (exercise, models)) in exercises.iter().zip(&models).enumerate() {
            let model = &models[(student + 7 * number) % models.len()];
            let seed = size.seed << 32 | (student * exercises.len() + number) as u64;
            let folder = class.folder().join(format!("student-{student:03}"));
            let folder = folder.join(exercise);
            write(&folder, &variant(model, seed))?;
            class.submissions.push(Submission {
                exercise: exercise.clone(),
                folder,
            });
        }
    }
    Ok(class)
}

/// The first exercises, by name.
fn exercises(count: usize) -> Result<Vec<String>> {
    let folder = root().join("exercises");
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    ensure!(count <= names.len(), "there are {} exercises", names.len());
    names.truncate(count);
    Ok(names)
}

/// The sources of a crate.
fn files(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in WalkDir::new(folder.join("src")) {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        if entry.file_type().is_file() {
            let text = std::fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            files.insert(name.to_string_lossy().into_owned(), text);
        }
    }
    Ok(files)
}

fn write(folder: &Path, files: &Files) -> Result<()> {
    for (name, text) in files {
        let path = folder.join(name);
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// How long it took to grade the class for the first time, as it is kept beside the
/// gradebook: in seconds.
fn graded_in(text: &str) -> Option<Duration> {
    let seconds = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Grades the class for the first time, once more, and once more with a report: how
/// long the first time took, and what is measured of the others.
fn graded(grader: &Grader, class: &Class) -> Result<(Duration, [Line; 2])> {
    ensure!(
        !class.beside("book.sqlite").exists(),
        "{} was not graded to its end: give `--keep` a new folder",
        class.folder().display()
    );
    warm(grader, class)?;
    let first = timed(&mut class.grade(grader, "book.sqlite"))?;
    let again = timed(&mut class.grade(grader, "book.sqlite"))?;
    let again = Line::new(
        "class-again",
        (again.as_secs_f64(), "s"),
        Goal::AtMost(2.0),
        1,
        vec![seconds("graded the first time", first)],
    );
    let report = class.beside("report");
    let with_report = timed(
        class
            .grade(grader, "book.sqlite")
            .arg("--report")
            .arg(&report),
    )?;
    let index = std::fs::metadata(report.join("index.html")).context("there is no report")?;
    let report = Line::new(
        "class-report",
        (mib(index.len()), "MiB for the index"),
        Goal::AtMost(10.0),
        1,
        vec![
            seconds("graded again, with a report", with_report),
            Side::single("all its pages", "MiB", mib(bytes(&report)?)),
        ],
    );
    Ok((first, [again, report]))
}

/// Has the grader make what it makes once: its libraries, and each exercise's judge.
fn warm(grader: &Grader, class: &Class) -> Result<()> {
    let one = class.beside("one");
    let mut done = std::collections::BTreeSet::new();
    for submission in &class.submissions {
        if done.insert(&submission.exercise) {
            let name = Path::new("nobody").join(&submission.exercise);
            write(&one.join(name), &files(&solution(&submission.exercise))?)?;
        }
    }
    let mut command = grader.verb("class", &class.beside("one-cache"));
    let book = class.beside("one.sqlite");
    timed(command.arg(&one).arg("--gradebook").arg(book)).map(drop)
}

/// Runs the grader on a class: how long it took.
fn timed(command: &mut Command) -> Result<Duration> {
    let began = Instant::now();
    let output = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("cannot start the grader")?;
    let taken = began.elapsed();
    ensure!(
        output.status.success(),
        "the class could not be graded: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(taken)
}
