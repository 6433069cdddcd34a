//! A course: exercises and what grades them, found by folder.
//!
//! Nothing here knows an exercise by name; a new one is a folder more.

mod contract;
mod exercise;
mod manifest;
mod rubric;
mod validate;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::exit::usage;

pub(crate) use contract::Contract;
pub(crate) use exercise::Exercise;
pub(crate) use rubric::{Check, Kind, On, Rubric, Scenario, Start};

/// The folders of a course.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    root: PathBuf,
    names: Vec<String>,
}

impl Course {
    /// Finds the exercises of the course at `root`: the folders of its
    /// `exercises/`.
    pub(crate) fn open(root: &Path) -> Result<Course> {
        let exercises = root.join("exercises");
        if !exercises.is_dir() {
            usage!(
                "{} is not a course: it has no folder `exercises`",
                root.display()
            );
        }
        let names = folders_of(&exercises)?;
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot read {}", root.display()))?;
        Ok(Course { root, names })
    }

    /// Its folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The names of all exercises, sorted.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is an exercise of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Whether a folder is one of the exercises, which its students work in.
    pub(crate) fn is_exercise(&self, folder: &Path) -> bool {
        folder.parent() == Some(&self.root.join("exercises"))
    }

    /// Reads an exercise.
    pub(crate) fn exercise(&self, name: &str) -> Result<Exercise> {
        Exercise::read(&self.root, name)
            .with_context(|| format!("cannot read the exercise `{name}`"))
    }

    /// Where the fixture submissions of an exercise are: `(what it shows, folder)`.
    pub(crate) fn fixtures(&self, exercise: &str) -> Result<Vec<(String, PathBuf)>> {
        let folder = self.root.join("fixtures/submissions").join(exercise);
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        Ok(folders_of(&folder)?
            .into_iter()
            .map(|name| (name.clone(), folder.join(name)))
            .collect())
    }

    /// A path of the course as it is shown to a person.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// The names of the folders in a folder, sorted; hidden ones are left out.
fn folders_of(folder: &Path) -> Result<Vec<String>> {
    let context = || format!("cannot read the folder {}", folder.display());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
