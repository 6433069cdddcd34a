//! `grader verify`: the course checks itself.

mod expectation;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use verdict::Verdict;
use walkdir::WalkDir;

use super::grade::at_least_one;
use super::{CourseArg, session};
use crate::course::{Course, Exercise, Rubric};
use crate::exit::{Exit, usage};
use crate::grading::{Event, Prepared, Tools, grade_all};
use crate::home::Home;
use crate::layers::Whose;
use crate::report;
use crate::submission::Found;
use crate::ui::Ui;
use crate::ui::style::{BAD, CODE, GOOD, HEAD, WARN, paint};
use expectation::{Expectation, Expected};

/// Check the course itself: contracts, rubrics, starters, solutions, fixtures
#[derive(Debug, Args)]
#[command(after_help = "\
EXAMPLES:
  grader verify
  grader verify bank-account
  grader verify --course ../another-course")]
pub(super) struct Verify {
    /// Exercises to check [default: all]
    #[arg(value_name = "EXERCISE")]
    exercises: Vec<String>,
    /// How many processes work at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    jobs: Option<usize>,
    /// Grade again even what was graded before
    #[arg(long)]
    no_cache: bool,
    #[command(flatten)]
    course: CourseArg,
}

/// An exercise's report before anything of it is graded.
struct Section {
    text: String,
    failed: usize,
    submissions: Vec<(Expectation, Found)>,
}

impl Verify {
    pub(super) fn run(self, ui: &mut Ui) -> Result<Exit> {
        let home = Home::find()?;
        let course = session::course(&home, &self.course)?;
        if let Some(name) = self.exercises.iter().find(|name| !course.has(name)) {
            usage!(
                "there is no exercise `{name}`; the exercises are {}",
                course.names().join(", ")
            );
        }
        let names: Vec<&String> = course
            .names()
            .iter()
            .filter(|name| self.exercises.is_empty() || self.exercises.contains(name))
            .collect();
        let tools = session::tools(ui, home, Whose::Own, self.jobs, !self.no_cache)?;

        let mut failed = 0;
        let mut prepared: BTreeMap<String, Prepared> = BTreeMap::new();
        let mut sections = Vec::new();
        for name in names {
            let section = section(&tools, &course, name, &mut prepared)?;
            failed += section.failed;
            sections.push(section);
        }
        // The text that stands before each submission: its exercise's table,
        // and those of exercises that have none.
        let mut before: BTreeMap<usize, String> = BTreeMap::new();
        let (mut submissions, mut expectations) = (Vec::new(), Vec::new());
        for Section {
            text,
            submissions: of_section,
            ..
        } in sections
        {
            before.entry(submissions.len()).or_default().push_str(&text);
            for (expectation, found) in of_section {
                submissions.push((&prepared[&found.exercise], found));
                expectations.push(expectation);
            }
        }

        ui.begin(
            submissions
                .iter()
                .map(|(prepared, _)| prepared.count())
                .sum(),
        );
        grade_all(&tools, &submissions, |event| match event {
            Event::Progress => {
                ui.advance();
                Ok(())
            }
            Event::Began(index) => ui.print(&before.remove(&index).unwrap_or_default()),
            Event::Decided(..) => Ok(()),
            Event::Done(index, verdict) => {
                let problems = expectations[index].problems(verdict);
                failed += usize::from(!problems.is_empty());
                ui.print(&line(&expectations[index], verdict, &problems))
            }
        })?;
        ui.finish();
        ui.print(&before.into_values().collect::<String>())?;
        let graded = submissions.len();
        match failed {
            0 => ui.line(&format!(
                "\n{}: {graded} submissions got what they must",
                paint(GOOD, "all in order")
            ))?,
            _ => ui.line(&format!(
                "\n{}, {graded} submissions graded",
                paint(BAD, format_args!("{failed} FAILED"))
            ))?,
        }
        Ok(if failed == 0 { Exit::Full } else { Exit::Short })
    }
}

/// What can be told of an exercise without grading, and what is to be graded.
fn section(
    tools: &Tools,
    course: &Course,
    name: &str,
    prepared: &mut BTreeMap<String, Prepared>,
) -> Result<Section> {
    let mut section = Section {
        text: String::new(),
        failed: 0,
        submissions: Vec::new(),
    };
    let exercise = match course.exercise(name) {
        Ok(exercise) => exercise,
        Err(error) => {
            section.text = format!("{}\n", paint(HEAD, name));
            section.fail(&format!("{error:#}"));
            return Ok(section);
        }
    };
    section.text = head(&exercise);
    let tests = visible_tests(&exercise)?;
    if exercise.grading.is_none() {
        section
            .text
            .push_str(&format!("  {}\n\n", paint(WARN, "no checks yet")));
        return Ok(section);
    }
    section.text.push_str(&sentences(&exercise));
    if tests.is_empty() {
        section.fail("there is no visible test in tests/");
    } else {
        section
            .text
            .push_str(&format!("  visible tests: {}\n", tests.join(", ")));
    }
    for problem in &exercise.problems {
        section.fail(problem);
    }
    if exercise.problems.is_empty() {
        match submissions(course, &exercise) {
            Ok(submissions) => section.submissions = submissions,
            Err(error) => section.fail(&format!("{error:#}")),
        }
        if exercise.solution.is_none() {
            section.fail("there is no solution");
        }
        match Prepared::new(tools, exercise, &[]) {
            Ok(ready) => {
                prepared.insert(name.to_owned(), ready);
            }
            Err(error) => {
                section.submissions.clear();
                section.fail(&format!("{error:#}"));
            }
        }
    }
    Ok(section)
}

impl Section {
    fn fail(&mut self, problem: &str) {
        self.failed += 1;
        self.text
            .push_str(&format!("  {}  {problem}\n", paint(BAD, "FAILED")));
    }
}

fn head(exercise: &Exercise) -> String {
    let manifest = &exercise.manifest;
    format!(
        "\n{}: {} ({} points)\n",
        paint(HEAD, &exercise.name),
        manifest.title,
        manifest.points
    )
}

/// The table of the contract's sentences and what holds each.
fn sentences(exercise: &Exercise) -> String {
    let ids = |of: fn(&Rubric) -> &Vec<String>| {
        let grading = exercise.grading.as_ref();
        grading.map(|grading| of(&grading.rubric).as_slice())
    };
    let build = ids(|rubric| &rubric.build).unwrap_or_default();
    let later = ids(|rubric| &rubric.later).unwrap_or_default();
    let rows: Vec<Vec<String>> = exercise
        .contract
        .claims()
        .map(|sentence| {
            let mut holders: Vec<&str> = Vec::new();
            if build.contains(&sentence.id) {
                holders.push("(build)");
            }
            let checks = exercise
                .checks()
                .iter()
                .filter(|check| check.holds.contains(&sentence.id));
            holders.extend(checks.map(|check| check.id.as_str()));
            let holders = if later.contains(&sentence.id) {
                paint(WARN, "not graded yet")
            } else if holders.is_empty() {
                paint(BAD, "nothing")
            } else {
                holders.join(", ")
            };
            vec![
                format!("  {}", paint(CODE, &sentence.id)),
                beginning(&sentence.text),
                holders,
            ]
        })
        .collect();
    report::table(&rows)
}

/// The beginning of a sentence, enough to know it by.
fn beginning(text: &str) -> String {
    const SHOWN: usize = 48;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SHOWN).collect();
    format!(
        "{} ...",
        cut.rsplit_once(' ')
            .map_or(cut.as_str(), |(whole, _)| whole)
    )
}

/// The files of the starter's tests, each with the number of its tests.
fn visible_tests(exercise: &Exercise) -> Result<Vec<String>> {
    let folder = exercise.folder.join("tests");
    let mut tests = Vec::new();
    if !folder.is_dir() {
        return Ok(tests);
    }
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        if entry.path().extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read {}", entry.path().display()))?;
            let count = tests_in(&text);
            let shown = entry
                .path()
                .strip_prefix(&exercise.folder)
                .unwrap_or(entry.path());
            if count > 0 {
                tests.push(format!("{} ({count})", shown.display()));
            }
        }
    }
    Ok(tests)
}

/// How many tests a file has: functions with the attribute `#[test]`, wherever
/// on a line it stands, and not those of a comment.
fn tests_in(text: &str) -> usize {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    code.map(|line| line.matches("#[test]").count()).sum()
}

/// What is to be graded for an exercise, and what each must get.
fn submissions(course: &Course, exercise: &Exercise) -> Result<Vec<(Expectation, Found)>> {
    let found = |folder: &PathBuf| Found {
        shown: course.shown(folder),
        folder: folder.clone(),
        exercise: exercise.name.clone(),
        _unpacked: None,
    };
    let mut submissions = vec![(Expectation::Starter, found(&exercise.folder))];
    submissions.extend(
        exercise
            .solution
            .iter()
            .map(|folder| (Expectation::Solution, found(folder))),
    );
    for (_, folder) in course.fixtures(&exercise.name)? {
        submissions.push((
            Expectation::Fixture(Expected::read(&folder)?),
            found(&folder),
        ));
    }
    Ok(submissions)
}

fn line(expectation: &Expectation, verdict: &Verdict, problems: &[String]) -> String {
    let word = if problems.is_empty() {
        paint(GOOD, "ok    ")
    } else {
        paint(BAD, "FAILED")
    };
    let score = format!("{}/{}", verdict.score, verdict.max_score);
    let mut line = format!("  {word}  {score:>5}  {}", paint(CODE, &verdict.submission));
    if let Expectation::Fixture(expected) = expectation {
        line.push_str(&format!("  {}", expected.shows));
    }
    line.push('\n');
    for problem in problems {
        line.push_str(&format!(
            "          {}\n",
            problem.replace('\n', "\n          ")
        ));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_wherever_they_stand_on_a_line() {
        let text = "// #[test]\n#[test]\nfn a() {}\n#[test] fn b() {}\n    #[test]#[should_panic]\nfn c() {}\n";
        assert_eq!(tests_in(text), 3);
        assert_eq!(tests_in("fn main() {} // no #[test] here\n"), 0);
    }
}
