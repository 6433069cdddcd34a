//! What an exercise brings along: its judge, and the driver of its scenarios.
//! Both are compiled once for each content.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::{Support, rustc};
use crate::course::Exercise;
use crate::digest::Digest;
use crate::home::Home;
use crate::process::Confined;

/// The judge of an exercise.
pub(crate) fn judge(home: &Home, support: &Support, exercise: &Exercise) -> Result<PathBuf> {
    let checks = &exercise.gradable()?.folder;
    once(home, support, exercise, "judge", |folder| {
        rustc::judge(support, checks, &folder.join("made"))
    })
}

/// The driver of an exercise's scenarios, if they have one: what they need that
/// does not depend on the submission.
pub(crate) fn driver(
    home: &Home,
    support: &Support,
    exercise: &Exercise,
) -> Result<Option<PathBuf>> {
    let checks = &exercise.gradable()?.folder;
    if !checks.join("driver.rs").is_file() {
        return Ok(None);
    }
    let name = exercise.driver_name();
    let made = once(home, support, exercise, "driver", |folder| {
        rustc::driver(support, folder, checks, &name, "made")
    })?;
    Ok(Some(made))
}

/// Compiles something of an exercise's checks, unless that was done before for
/// the same content.
fn once(
    home: &Home,
    support: &Support,
    exercise: &Exercise,
    what: &str,
    compile: impl FnOnce(&Path) -> Confined,
) -> Result<PathBuf> {
    let checks = &exercise.gradable()?.folder;
    let digest = Digest::default()
        .part(support.stamp())
        .part(what)
        .folder(checks)?
        .finish();
    // rustc wants a library's name to look like one.
    let made = home.made("checks")?.join(format!("lib{digest}.rlib"));
    if made.is_file() {
        return Ok(made);
    }
    let scratch = home.scratch()?;
    let finished = compile(scratch.path()).run()?;
    if !finished.succeeded() {
        bail!(
            "the {what} of `{}` does not compile:\n{}",
            exercise.name,
            Said::read(&finished.stderr()).words().trim()
        );
    }
    // Two graders may do this at once; whichever comes last puts the same there.
    std::fs::rename(scratch.path().join("made"), &made)
        .with_context(|| format!("cannot put the {what} to {}", made.display()))?;
    Ok(made)
}
