//! `equivalent-mutants.toml`: mutants that are no fault, each with the reason.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::operators::Mutation;

/// The file beside an exercise's rubric.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Equivalents {
    skip: Vec<Skip>,
    mutant: Vec<Equivalent>,
}

/// A file of the solution that no check looks at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Skip {
    file: PathBuf,
    #[expect(dead_code, reason = "read by people")]
    reason: String,
}

/// A mutant that keeps the contract.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalent {
    file: PathBuf,
    function: String,
    /// The source line, without the blanks around it.
    line: String,
    /// The change, as the tool words it.
    change: String,
    reason: String,
}

impl Equivalents {
    /// Reads the file; there need not be one.
    pub(crate) fn read(path: &Path) -> Result<Equivalents> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str(&text).with_context(|| format!("parsing {}", path.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok(Equivalents::default())
            }
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    pub(crate) fn skips(&self, file: &Path) -> bool {
        self.skip.iter().any(|skip| skip.file == file)
    }

    /// Why a mutant is no fault, if it is listed.
    pub(crate) fn reason(&self, file: &Path, mutation: &Mutation, line: &str) -> Option<&str> {
        self.mutant
            .iter()
            .find(|known| {
                known.file == file
                    && known.function == mutation.function
                    && known.change == mutation.change
                    && known.line == line
            })
            .map(|known| known.reason.as_str())
    }
}
