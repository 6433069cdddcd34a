//! `grader ci`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use verdict::{Outcome, Verdict};

use super::grade::{Asked, at_least_one, summary};
use super::{CourseArg, session};
use crate::class;
use crate::course::Course;
use crate::exit::{Exit, Usage, usage};
use crate::git::Repository;
use crate::grading::{Event, Prepared, grade_all};
use crate::home::{Home, Runner};
use crate::layers::Whose;
use crate::output::Output;
use crate::report::{self, ci};
use crate::submission::{Found, Sources};
use crate::ui::Ui;

/// Grade what a pull request touches, and tell its host of it
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader ci                                    every exercise in this repository
  grader ci --base main                        those that have changed since this left main
  grader ci submission --base main --min-score 80% --junit verdicts.xml

An exercise is touched when a file of its crate's src/ or its Cargo.toml differs from where the
history has left the base, committed or not. Where nothing is touched, all is well. What is asked
for is asked of each exercise by itself: of one that is worth less than so many points, all.

In a step of GitHub Actions ($GITHUB_ACTIONS) the lines of the sources are annotated, at most ten
times in each kind; the summary of the step tells everything; $GITHUB_OUTPUT has `score`,
`max-score` and `exercises`. Nothing that is printed in between is taken for a command.

EXIT CODES:
  0  every touched exercise has the points that are asked for
  1  one does not
  2  the command line was wrong, there is no crate for an exercise, or the base or the
     history that leads to it is not there
  3  the grader could not grade (never a score of zero)")]
pub(super) struct Ci {
    /// The repository, or a folder in it
    #[arg(default_value = ".", value_name = "PATH")]
    path: PathBuf,
    /// What the work is to be merged into [default: $GITHUB_BASE_REF; without either, all counts as
    /// touched]
    #[arg(long, value_name = "REF")]
    base: Option<String>,
    /// The exercise of every crate [default: the package's or the folder's name]
    #[arg(long, value_name = "NAME")]
    exercise: Option<String>,
    /// The least that is asked of each exercise, in percent or in points
    #[arg(long, value_name = "N%|POINTS", default_value = "100%", value_parser = Least::read)]
    min_score: Least,
    /// Write JUnit's XML, for CI servers
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the document of `grade --format json`
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How many processes work at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    jobs: Option<usize>,
    /// Grade again even what was graded before
    #[arg(long)]
    no_cache: bool,
    #[command(flatten)]
    course: CourseArg,
}

/// The most that a step's summary may hold, in bytes.
const SUMMARY: usize = 1 << 20;

/// The least that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Least {
    Percent(u32),
    Points(u32),
}

impl Least {
    fn read(text: &str) -> Result<Least, String> {
        let read = match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse().ok().filter(|percent| *percent <= 100);
                percent.map(Least::Percent)
            }
            None => text.parse().ok().map(Least::Points),
        };
        read.ok_or_else(|| "give percent, as in 80%, or a whole number of points".to_owned())
    }

    /// The points of an exercise that is worth so many.
    fn of(self, max: u32) -> u32 {
        match self {
            // Rounded up: 1 of 3 points is less than 50 %.
            Least::Percent(percent) => {
                let hundredths = u64::from(max) * u64::from(percent);
                u32::try_from(hundredths.div_ceil(100)).unwrap_or(max)
            }
            Least::Points(points) => points.min(max),
        }
    }
}

/// What there is to grade.
struct Work {
    /// The crates.
    found: Vec<Found>,
    /// Sentences on what was left out, and why.
    notes: Vec<String>,
}

impl Ci {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let runner = Runner::around();
        if !runner.listens {
            let (exit, _) = self.grade(ui, &runner)?;
            return Ok(exit);
        }
        let token = crate::examine::nonce();
        ui.print(&ci::stop(&token))?;
        let graded = self.grade(ui, &runner);
        let (exit, commands) = match graded {
            Ok(graded) => graded,
            // Told within what is no command, and again as one.
            Err(error) => {
                let why = format!("{error:#}");
                ui.line(&format!("error: {}", report::visible(&why)))?;
                let exit = match error.is::<Usage>() {
                    true => Exit::Usage,
                    false => Exit::Infrastructure,
                };
                (exit, ci::complaint(&why))
            }
        };
        ui.print(&ci::resume(&token))?;
        ui.print(&commands)?;
        Ok(exit)
    }

    /// Grades, prints, and writes the files; gives the annotations as commands.
    fn grade(&self, ui: &mut Ui, runner: &Runner) -> Result<(Exit, String)> {
        // That they cannot be written is known before anything is graded.
        for path in self.junit.iter().chain(&self.json) {
            Output::new(path)?;
        }
        let home = Home::find()?;
        let course = session::course(&home, &self.course)?;
        let base = self.base.as_ref().or(runner.base.as_ref());
        let Work { found, notes } = self.work(&course, base.map(String::as_str))?;
        for note in &notes {
            ui.line(&report::visible_line(note))?;
        }
        let graded = match found.is_empty() {
            true => Vec::new(),
            false => self.verdicts(ui, home, &course, found)?,
        };
        let exit = graded.iter().map(exit).max().unwrap_or(Exit::Full);
        let mut shown = ci::annotations(&graded);
        match self.write(runner, graded, &notes, shown.left_out) {
            Ok(()) => Ok((exit, shown.commands)),
            // What was found out is told nevertheless.
            Err(error) => {
                let why = format!("{error:#}");
                ui.line(&format!("error: {}", report::visible(&why)))?;
                shown.commands.push_str(&ci::complaint(&why));
                Ok((Exit::Infrastructure, shown.commands))
            }
        }
    }

    /// Writes what others read, of which so many annotations are left out.
    fn write(
        &self,
        runner: &Runner,
        graded: Vec<ci::Graded>,
        notes: &[String],
        left_out: u32,
    ) -> Result<()> {
        if let Some(path) = &runner.summary {
            let there = path.metadata().map_or(0, |metadata| metadata.len());
            let room = SUMMARY.saturating_sub(usize::try_from(there).unwrap_or(SUMMARY));
            append(path, &ci::summary(&graded, notes, left_out, room))?;
        }
        if let Some(path) = &runner.output {
            append(path, &ci::outputs(&graded))?;
        }
        if let Some(path) = &self.junit {
            let text = ci::junit(&graded).context("cannot make JUnit's XML")?;
            Output::new(path)?.write(&text)?;
        }
        if let Some(path) = &self.json {
            let verdicts: Vec<Verdict> = graded.into_iter().map(|graded| graded.verdict).collect();
            Output::new(path)?.write(&report::json(verdicts)?)?;
        }
        Ok(())
    }

    /// The crates that are touched, and what is to be said of the others.
    fn work(&self, course: &Course, base: Option<&str>) -> Result<Work> {
        if !self.path.is_dir() {
            usage!(
                "there is no folder {}; give that of a repository",
                self.path.display()
            );
        }
        if let Some(name) = self.exercise.as_ref().filter(|name| !course.has(name)) {
            let names = course.names().join(", ");
            usage!("there is no exercise `{name}`; the exercises are {names}");
        }
        let context = || format!("cannot read {}", self.path.display());
        let here = self.path.canonicalize().with_context(context)?;
        let repository = Repository::around(&here);
        let root = match &repository {
            Ok(repository) => repository.root().canonicalize().with_context(context)?,
            // Only to tell what has changed does it take one.
            Err(_) => here.clone(),
        };
        let crates = match &self.exercise {
            Some(name) => {
                let folders = crate::submission::crates(&here)?.into_iter();
                folders.map(|folder| (folder, name.clone())).collect()
            }
            None => class::in_repository(course, &here)?,
        };
        let (mut found, mut notes) = (Vec::new(), Vec::new());
        let touched = base.map(|base| repository?.touched(base)).transpose()?;
        for (folder, exercise) in &crates {
            let inner = folder.strip_prefix(&root).unwrap_or(folder);
            if touched
                .as_ref()
                .is_none_or(|touched| touches(touched, inner))
            {
                let shown = match inner.as_os_str().is_empty() {
                    true => ".".to_owned(),
                    false => inner.display().to_string(),
                };
                found.push(Found {
                    shown,
                    folder: folder.clone(),
                    exercise: exercise.clone(),
                    _unpacked: None,
                });
            }
        }
        for gone in touched
            .iter()
            .flatten()
            .filter_map(|path| gone(&root, path))
            .collect::<BTreeSet<_>>()
        {
            notes.push(format!("{} is not there any more", gone.display()));
        }
        match base {
            // Else a wrong path would be a workflow that is always content.
            _ if crates.is_empty() && notes.is_empty() => usage!(
                "no crate in {} is for an exercise of the course; give the folder of one, or \
                 --exercise",
                self.path.display()
            ),
            Some(base) if found.is_empty() => notes.push(format!(
                "no exercise has changed since this left {base}: nothing to grade"
            )),
            _ => {}
        }
        Ok(Work { found, notes })
    }

    fn verdicts(
        &self,
        ui: &mut Ui,
        home: Home,
        course: &Course,
        found: Vec<Found>,
    ) -> Result<Vec<ci::Graded>> {
        let exercises = session::exercises(course, &found, &[])?;
        // Whatever the folder is, what a pull request brings is strangers' work.
        let tools = session::tools(ui, home, Whose::Strangers, self.jobs, !self.no_cache)?;
        let prepared = session::prepare(&tools, exercises, &[])?;
        let submissions: Vec<(&Prepared, Found)> = found
            .into_iter()
            .map(|found| (&prepared[&found.exercise], found))
            .collect();
        let asked = Asked {
            course: &self.course,
            exercise: self.exercise.as_deref(),
        };
        ui.begin(
            submissions
                .iter()
                .map(|(prepared, _)| prepared.count())
                .sum(),
        );
        let verdicts = grade_all(&tools, &submissions, |event: Event<'_>| {
            asked.tell(ui, &submissions, event)
        })?;
        ui.finish();
        if verdicts.len() > 1 {
            ui.print(&summary(&verdicts))?;
        }
        let graded = |((prepared, found), verdict): (&(&Prepared, Found), Verdict)| {
            let kind = prepared.exercise.gradable()?.rubric.kind;
            Ok(ci::Graded {
                folder: match found.shown.as_str() {
                    "." => String::new(),
                    folder => folder.to_owned(),
                },
                // What cannot even be read has no lines to show.
                sources: Sources::read(&found.folder, kind)?.ok(),
                again: asked.again(found),
                least: self.min_score.of(verdict.max_score),
                verdict,
            })
        };
        submissions.iter().zip(verdicts).map(graded).collect()
    }
}

/// Whether one of the paths is what a crate is graded by: its sources, or the
/// manifest that says which exercise it is for.
fn touches(touched: &[PathBuf], folder: &Path) -> bool {
    let (src, manifest) = (folder.join("src"), folder.join("Cargo.toml"));
    // A folder may itself be a repository within this one: then only it is named.
    let touches =
        |path: &PathBuf| path.starts_with(&src) || *path == manifest || folder.starts_with(path);
    touched.iter().any(touches)
}

/// The folder `src` that a path lay in, if it is not there any more.
fn gone(root: &Path, path: &Path) -> Option<PathBuf> {
    let src = path
        .ancestors()
        .filter(|ancestor| ancestor.ends_with("src"))
        .last()?;
    let missing = root.join(src).symlink_metadata().is_err();
    missing.then(|| src.to_owned())
}

/// How a verdict ends this.
fn exit(graded: &ci::Graded) -> Exit {
    match graded.verdict.outcome {
        Outcome::InfrastructureError => Exit::Infrastructure,
        _ if graded.verdict.score >= graded.least => Exit::Full,
        _ => Exit::Short,
    }
}

fn append(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_percent_or_points_of_each_exercise() {
        assert_eq!(Least::read("80%"), Ok(Least::Percent(80)));
        assert_eq!(Least::read("15"), Ok(Least::Points(15)));
        for wrong in ["101%", "-1", "8.5", "%", "all"] {
            assert!(Least::read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Least::Percent(50).of(3), 2);
        assert_eq!(Least::Percent(100).of(20), 20);
        assert_eq!(Least::Percent(0).of(20), 0);
        assert_eq!(Least::Points(15).of(12), 12);
        assert_eq!(Least::Points(15).of(20), 15);
    }

    #[test]
    fn only_what_is_graded_counts_as_touched() {
        let touched = |path: &str, folder: &str| touches(&[path.into()], Path::new(folder));
        assert!(touched("one/src/deep/er.rs", "one"));
        assert!(touched("one/Cargo.toml", "one"));
        assert!(touched("src/lib.rs", ""));
        assert!(touched("one", "one"));
        assert!(!touched("one/README.md", "one"));
        assert!(!touched("one/tests/visible.rs", "one"));
        assert!(!touched("once/src/lib.rs", "one"));
        assert!(!touched("Cargo.toml", "one"));
    }
}
