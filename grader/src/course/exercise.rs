//! One exercise: its manifest, its contract and its rubric.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use super::manifest::Manifest;
use super::{Check, Contract, Rubric, validate};

/// An exercise and the folders of its parts.
#[derive(Debug, Clone)]
pub(crate) struct Exercise {
    /// Its name, which is its folder's and its crate's.
    pub(crate) name: String,
    /// The starter.
    pub(crate) folder: PathBuf,
    /// The reference solution, where there is one.
    pub(crate) solution: Option<PathBuf>,
    /// What students are told.
    pub(crate) manifest: Manifest,
    /// What is promised.
    pub(crate) contract: Contract,
    /// What grades it; `None` for an exercise that has no checks yet.
    pub(crate) grading: Option<Grading>,
    /// What is wrong with all of this; a submission is graded only when
    /// nothing is.
    pub(crate) problems: Vec<String>,
}

/// A rubric and the folder of its scenarios and its judge.
#[derive(Debug, Clone)]
pub(crate) struct Grading {
    /// The folder of the checks.
    pub(crate) folder: PathBuf,
    /// The rubric.
    pub(crate) rubric: Rubric,
}

impl Exercise {
    /// Reads the exercise `name` of the course at `root`.
    pub(super) fn read(root: &Path, name: &str) -> Result<Exercise> {
        let folder = root.join("exercises").join(name);
        let manifest: Manifest = read_toml(&folder.join("exercise.toml"))?;
        let readme = read_text(&folder.join("README.md"))?;
        let contract = Contract::parse(&readme).map_err(|problem| anyhow!(problem))?;
        let solution = Some(root.join("solutions").join(name)).filter(|folder| folder.is_dir());
        let grading = match checks_folder(root, name) {
            Some(folder) => Some(Grading {
                rubric: read_toml(&folder.join("rubric.toml"))?,
                folder,
            }),
            None => None,
        };
        let mut exercise = Exercise {
            name: name.to_owned(),
            folder,
            solution,
            manifest,
            contract,
            grading,
            problems: Vec::new(),
        };
        exercise.problems = validate::problems(&exercise);
        Ok(exercise)
    }

    /// What grades it, if everything about it is in order.
    pub(crate) fn gradable(&self) -> Result<&Grading> {
        if let Some(problem) = self.problems.first() {
            bail!(
                "the exercise `{}` is not in order: {problem} (`grader verify` tells all)",
                self.name
            );
        }
        self.grading
            .as_ref()
            .with_context(|| format!("the exercise `{}` has no checks yet", self.name))
    }

    /// The crate's name in Rust sources.
    pub(crate) fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The name of the crate that drives its scenarios.
    pub(crate) fn driver_name(&self) -> String {
        format!("{}_driver", self.crate_name())
    }

    /// Whether students may see a check.
    pub(crate) fn is_visible(&self, check: &Check) -> bool {
        self.manifest.visible.contains(&check.id)
    }

    /// Its checks; none where there are none yet.
    pub(crate) fn checks(&self) -> &[Check] {
        self.grading
            .as_ref()
            .map(|grading| grading.rubric.checks.as_slice())
            .unwrap_or_default()
    }
}

/// The folder of an exercise's checks, in Lockstep's own tree or in a course
/// that has nothing but courseware. Without a rubric it is not there yet.
fn checks_folder(root: &Path, name: &str) -> Option<PathBuf> {
    ["grader/checks", "checks"]
        .into_iter()
        .map(|parent| root.join(parent).join(name))
        .find(|folder| folder.join("rubric.toml").is_file())
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn read_toml<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    toml::from_str(&read_text(path)?)
        .with_context(|| format!("{} is not as it should be", path.display()))
}
