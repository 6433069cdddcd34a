//! Submissions to measure with: copies of solutions and fixtures, each
//! different from every one before, so that nothing of it can be known.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::grader::root;

/// The reference solution of an exercise.
pub(crate) fn solution(exercise: &str) -> PathBuf {
    root().join("solutions").join(exercise)
}

/// The fixture submissions of an exercise, right and wrong, sorted.
pub(crate) fn fixtures(exercise: &str) -> Result<Vec<PathBuf>> {
    let folder = root().join("fixtures/submissions").join(exercise);
    let entries = WalkDir::new(&folder)
        .min_depth(1)
        .max_depth(1)
        .sort_by_file_name();
    let mut fixtures = Vec::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("cannot read {}", folder.display()))?
            .into_path();
        if path.join("src").is_dir() {
            fixtures.push(path);
        }
    }
    Ok(fixtures)
}

/// Copies the sources of a crate; `to` becomes a crate as well.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from.join("src")) {
        let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
        let path = entry.path();
        let target = to.join(path.strip_prefix(from).unwrap_or(path));
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target)
        } else {
            std::fs::copy(path, &target).map(drop)
        }
        .with_context(|| format!("cannot write {}", target.display()))?;
    }
    Ok(())
}

/// A library's `src/lib.rs` that is edited again and again.
pub(crate) struct Edited {
    file: PathBuf,
    text: String,
}

impl Edited {
    /// That of the crate in this folder.
    pub(crate) fn new(folder: &Path) -> Result<Edited> {
        let file = folder.join("src/lib.rs");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Edited { file, text })
    }

    /// Puts a comment with this number, and some code, at its end.
    pub(crate) fn edit(&self, number: u32, code: &str) -> Result<()> {
        std::fs::write(
            &self.file,
            format!("{}\n// Edit {number}.\n{code}", self.text),
        )
        .with_context(|| format!("cannot write {}", self.file.display()))
    }
}
