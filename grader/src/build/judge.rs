//! Judges: programs of the exercises' own, compiled once for each content.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::{Support, rustc};
use crate::course::Exercise;
use crate::digest::Digest;
use crate::home::Home;

/// The judge of an exercise.
pub(crate) fn judge(home: &Home, support: &Support, exercise: &Exercise) -> Result<PathBuf> {
    let checks = &exercise.gradable()?.folder;
    let digest = Digest::default()
        .part(support.stamp())
        .folder(checks)?
        .finish();
    let folder = home.made("judges")?;
    let program = folder.join(digest);
    if program.is_file() {
        return Ok(program);
    }
    let scratch = home.scratch()?;
    let fresh = scratch.path().join("judge");
    let finished = rustc::judge(support, checks, &fresh).run()?;
    if !finished.succeeded() {
        bail!(
            "the judge of `{}` does not compile:\n{}",
            exercise.name,
            finished.stderr().trim()
        );
    }
    // Two graders may do this at once; whichever comes last puts the same there.
    std::fs::rename(&fresh, &program)
        .with_context(|| format!("cannot put the judge to {}", program.display()))?;
    Ok(program)
}
