//! Takes files out of the folders of a course.

use std::path::Path;

use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};

use super::Pack;

impl Pack {
    /// Adds a file of a folder as `to`, if it is there.
    pub(super) fn copy_file(&mut self, from: &Path, to: &str) -> Result<bool> {
        let is_file = from.symlink_metadata().is_ok_and(|data| data.is_file());
        if is_file {
            let bytes =
                std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
            self.add(to, bytes);
        }
        Ok(is_file)
    }

    /// Adds all files in a folder below `to`: no links, nothing hidden, nothing
    /// that a build or an editor has left, and none that is `unwanted`.
    pub(super) fn copy_folder(
        &mut self,
        from: &Path,
        to: &str,
        unwanted: impl Fn(&Path) -> bool,
    ) -> Result<()> {
        if !from.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            return Ok(());
        }
        let wanted = |entry: &DirEntry| {
            let inner = entry.path().strip_prefix(from).unwrap_or(entry.path());
            entry.depth() == 0 || !(is_left_over(entry) || unwanted(inner))
        };
        for entry in WalkDir::new(from)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(wanted)
        {
            let entry = entry.with_context(|| format!("cannot read {}", from.display()))?;
            let inner = entry.path().strip_prefix(from).unwrap_or(entry.path());
            if entry.file_type().is_file() {
                let inner = inner.to_str().with_context(|| {
                    format!("the name of {} is not UTF-8", entry.path().display())
                })?;
                self.copy_file(entry.path(), &format!("{to}/{inner}"))?;
            }
        }
        Ok(())
    }
}

/// Whether something is no part of what its folder is for.
fn is_left_over(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let ends = ["~", ".bak", ".bk", ".orig", ".rej", ".swp", ".pending-snap"];
    name.starts_with('.') || name == "target" || ends.iter().any(|end| name.ends_with(end))
}
