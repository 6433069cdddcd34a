//! What every verb that grades begins with: the course, the libraries, the
//! exercises made ready.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::CourseArg;
use crate::build::Support;
use crate::course::{Course, Exercise};
use crate::exit::usage;
use crate::grading::{Cache, Prepared, Slots, Tools};
use crate::home::Home;
use crate::layers::{self, Whose};
use crate::submission::Found;
use crate::ui::Ui;

/// Opens the course that is meant.
pub(super) fn course(home: &Home, arg: &CourseArg) -> Result<Course> {
    Course::open(arg.course.as_deref().unwrap_or(home.root()))
}

/// Whose submissions these are: those in the course's own exercises are what
/// whoever runs the grader works on.
pub(super) fn whose(course: &Course, found: &[Found]) -> Whose {
    let is_own = |found: &Found| {
        let folder = found.folder.canonicalize();
        folder.is_ok_and(|folder| course.is_exercise(&folder))
    };
    match found.iter().all(is_own) {
        true => Whose::Own,
        false => Whose::Strangers,
    }
}

/// Makes ready what grading takes: the layers that it is done in first.
pub(super) fn tools(
    ui: &mut Ui,
    home: Home,
    whose: Whose,
    jobs: Option<usize>,
    cache: bool,
) -> Result<Tools> {
    let (strongest, support) = std::thread::scope(|scope| {
        // Both take a moment, and neither needs the other.
        let strongest = scope.spawn(|| layers::strongest(&home, whose));
        let support = Support::ready(&home, || {
            ui.status("building the grader's libraries (once for each toolchain) ...")
        });
        let strongest = strongest
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (strongest, support)
    });
    layers::choose(strongest?, whose, |words| ui.status(words))?;
    let support = support?;
    support.tried(&home)?;
    let jobs = match jobs {
        Some(jobs) => jobs,
        None => std::thread::available_parallelism()
            .context("cannot tell the number of cores; give --jobs")?
            .get(),
    };
    let cache = cache.then(|| Cache::new(home.cache()));
    Ok(Tools {
        home,
        support,
        slots: Slots::new(jobs),
        runs: Slots::new(jobs.saturating_mul(2)),
        cache,
    })
}

/// The exercises of some submissions, each with the checks `only`.
pub(super) fn exercises(
    course: &Course,
    found: &[Found],
    only: &[String],
) -> Result<BTreeMap<String, Exercise>> {
    let mut exercises = BTreeMap::new();
    for Found { exercise: name, .. } in found {
        if exercises.contains_key(name) {
            continue;
        }
        let exercise = course.exercise(name)?;
        if exercise.grading.is_none() {
            usage!("the exercise `{name}` has no checks yet");
        }
        let known: Vec<&str> = exercise
            .checks()
            .iter()
            .map(|check| check.id.as_str())
            .collect();
        if let Some(id) = only.iter().find(|id| !known.contains(&id.as_str())) {
            usage!(
                "the exercise `{name}` has no check `{id}`; its checks are {}",
                known.join(", ")
            );
        }
        exercises.insert(name.clone(), exercise);
    }
    Ok(exercises)
}

/// Makes exercises ready, of which only the checks `only` are run if there are
/// any.
pub(super) fn prepare(
    tools: &Tools,
    exercises: BTreeMap<String, Exercise>,
    only: &[String],
) -> Result<BTreeMap<String, Prepared>> {
    let prepare = |(name, exercise)| Ok((name, Prepared::new(tools, exercise, only)?));
    exercises.into_iter().map(prepare).collect()
}
