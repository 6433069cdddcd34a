//! A folder of files that is put in its place as a whole: whoever looks at it sees
//! the files before, or the new ones, and never some of both.
//!
//! Only what was written here is ever replaced: a list of it lies beside the files,
//! and a folder with anything else in it is refused.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::exit::usage;

/// The file that lists the others, a path a line after the first.
const LIST: &str = ".lockstep-report";
/// Its first line.
const FIRST: &str = "lockstep/report/v1";
/// What names of folders that are written, or were replaced, begin with after the
/// name of the folder.
const ASIDE: &str = "lockstep-";

/// Where files can be put.
#[derive(Debug)]
pub(crate) struct Place {
    /// The folder, as it was given.
    shown: PathBuf,
    /// The same, behind all links.
    folder: PathBuf,
}

impl Place {
    /// A folder that is not there, or has nothing in it that would be lost.
    pub(crate) fn find(folder: &Path) -> Result<Place> {
        let shown = folder.to_owned();
        let context = || format!("cannot use the folder {}", folder.display());
        let folder = match folder.symlink_metadata() {
            Ok(_) => folder.canonicalize().with_context(context)?,
            Err(_) => std::path::absolute(folder).with_context(context)?,
        };
        if folder.file_name().is_none() || folder.parent().is_none() {
            usage!(
                "{} cannot be replaced; name another folder",
                shown.display()
            );
        }
        let place = Place { shown, folder };
        place.check()?;
        Ok(place)
    }

    /// The folder, as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.shown
    }

    /// Puts files there, each with its path, and removes those that were put there
    /// before.
    pub(crate) fn put(&self, files: impl Iterator<Item = (String, String)>) -> Result<()> {
        let parent = self.folder.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make the folder {}", parent.display()))?;
        self.sweep(parent);
        let name = self.folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        // Another grader may be writing the same report.
        let new = parent.join(format!(".{name}.{ASIDE}{}", std::process::id()));
        let made = write(&new, files).and_then(|lock| {
            // Somebody may have put something there while the class was graded.
            self.check()?;
            self.swap(&new)?;
            drop(lock);
            Ok(())
        });
        if new.exists() {
            // It is the report before, or one that could not be finished.
            let _ = std::fs::remove_dir_all(&new);
        }
        made
    }

    /// Refuses a folder with files that would be lost.
    fn check(&self) -> Result<()> {
        let shown = self.shown.display();
        if !self.folder.exists() {
            return Ok(());
        }
        if !self.folder.is_dir() {
            usage!("{shown} is a file; name a folder for the report");
        }
        let ours = self.list();
        let walk = WalkDir::new(&self.folder).min_depth(1).sort_by_file_name();
        for entry in walk {
            let entry = entry.with_context(|| format!("cannot look into {shown}"))?;
            let path = entry.path().strip_prefix(&self.folder);
            let path = path.unwrap_or(entry.path());
            let is_ours = match entry.file_type().is_dir() {
                true => ours.iter().any(|file| file.starts_with(path)),
                false => ours.contains(path),
            };
            if !is_ours {
                usage!(
                    "{shown} has `{}` in it, which is of no report; name another folder, or a new \
                     one",
                    path.display()
                );
            }
        }
        Ok(())
    }

    /// What was put there before.
    fn list(&self) -> BTreeSet<PathBuf> {
        // Without a list that can be read, nothing is ours.
        let text = std::fs::read_to_string(self.folder.join(LIST)).unwrap_or_default();
        let mut lines = text.lines();
        match lines.next() {
            Some(FIRST) => lines.chain([LIST]).map(PathBuf::from).collect(),
            _ => BTreeSet::new(),
        }
    }

    /// Puts the new folder in the place of the one before, if there is one, which
    /// then has the name of the new one.
    fn swap(&self, new: &Path) -> Result<()> {
        let context = || format!("cannot put the report at {}", self.shown.display());
        // In the place of nothing, and of an empty folder.
        if std::fs::rename(new, &self.folder).is_ok() || exchange(new, &self.folder) {
            return Ok(());
        }
        let before = new.with_extension(format!("{ASIDE}{}-before", std::process::id()));
        std::fs::rename(&self.folder, &before).with_context(context)?;
        std::fs::rename(new, &self.folder).with_context(context)?;
        // What cannot be removed is left for the next time.
        let _ = std::fs::remove_dir_all(before);
        Ok(())
    }

    /// Removes what graders that were killed have left beside the folder: who
    /// writes a report holds its list locked.
    fn sweep(&self, parent: &Path) {
        let name = self.folder.file_name().unwrap_or_default();
        let prefix = format!(".{}.{ASIDE}", name.to_string_lossy());
        let entries = parent.read_dir().into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let is_aside = entry.file_name().to_string_lossy().starts_with(&prefix);
            let list = is_aside.then(|| File::open(entry.path().join(LIST)).ok());
            if let Some(list) = list.flatten()
                && list.try_lock().is_ok()
            {
                // A convenience only: what cannot be removed is left.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// Writes files into a new folder, and gives their list, which is locked.
fn write(folder: &Path, files: impl Iterator<Item = (String, String)>) -> Result<File> {
    let context = |path: &Path| format!("cannot write {}", path.display());
    // Of a process with this number that was killed at once.
    let _ = std::fs::remove_dir(folder);
    std::fs::create_dir(folder).with_context(|| context(folder))?;
    let path = folder.join(LIST);
    let mut list = File::create(&path).with_context(|| context(&path))?;
    // Where files cannot be locked, none is swept either.
    let _ = list.lock();
    let mut lines = format!("{FIRST}\n");
    let mut folders = BTreeSet::new();
    for (name, text) in files {
        let to = folder.join(&name);
        if let Some(parent) = to.parent()
            && folders.insert(parent.to_owned())
        {
            std::fs::create_dir_all(parent).with_context(|| context(parent))?;
        }
        std::fs::write(&to, text).with_context(|| context(&to))?;
        lines.push_str(&name);
        lines.push('\n');
    }
    list.write_all(lines.as_bytes())
        .with_context(|| context(&path))?;
    Ok(list)
}

/// Has two folders change places at once, where the system can do that.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Usage;

    fn put(folder: &Path, files: &[&str]) -> Result<()> {
        let files = files
            .iter()
            .map(|name| (name.to_string(), name.to_string()));
        Place::find(folder)?.put(files)
    }

    /// The files in a folder, and in those beside it.
    fn files(folder: &Path) -> Vec<String> {
        let walk = WalkDir::new(folder).min_depth(1).sort_by_file_name();
        let entries = walk.into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        let path = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
        files.map(|entry| path(entry.path())).collect()
    }

    #[test]
    fn a_report_replaces_the_one_before_and_leaves_nothing_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("new/report");
        put(&folder, &["index.html", "pages/ann.html"]).unwrap();
        put(&folder, &["index.html", "pages/bob.html"]).unwrap();
        let listed = ["new/report/.lockstep-report", "new/report/index.html"];
        let expected = [&listed[..], &["new/report/pages/bob.html"]].concat();
        assert_eq!(files(parent.path()), expected);
        // An empty folder is as good as none.
        let empty = parent.path().join("empty");
        std::fs::create_dir(&empty).unwrap();
        put(&empty, &["index.html"]).unwrap();
        assert_eq!(files(&empty), [".lockstep-report", "index.html"]);
    }

    #[test]
    fn what_was_not_written_here_is_not_lost() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        put(&folder, &["pages/ann.html"]).unwrap();
        let refused = |path: &str| {
            let error = put(&folder, &["index.html"]).unwrap_err();
            assert!(error.is::<Usage>(), "{error:#}");
            assert!(error.to_string().contains(path), "{error:#}");
        };
        std::fs::write(folder.join("pages/notes.txt"), "mine").unwrap();
        refused("has `pages/notes.txt` in it");
        std::fs::remove_file(folder.join("pages/notes.txt")).unwrap();
        std::fs::create_dir(folder.join("mine")).unwrap();
        refused("has `mine` in it");
        std::fs::remove_dir(folder.join("mine")).unwrap();
        std::fs::remove_file(folder.join(LIST)).unwrap();
        refused("has `pages` in it");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, "mine").unwrap();
        refused("is a file");
        assert_eq!(files(parent.path()), ["report"]);
        assert!(put(Path::new("/"), &[]).unwrap_err().is::<Usage>());
    }

    #[test]
    fn a_report_that_cannot_be_finished_leaves_the_one_before() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        put(&folder, &["index.html"]).unwrap();
        let before = files(parent.path());
        // A folder cannot be where a file is.
        put(&folder, &["new.html", "new.html/page.html"]).unwrap_err();
        assert_eq!(files(parent.path()), before);
    }

    #[test]
    fn what_a_killed_grader_has_left_is_swept() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        let left = parent.path().join(".report.lockstep-0");
        let in_use = parent.path().join(".report.lockstep-00");
        drop(write(&left, std::iter::empty()).unwrap());
        let lock = write(&in_use, std::iter::empty()).unwrap();
        put(&folder, &["index.html"]).unwrap();
        assert!(!left.exists() && in_use.exists());
        drop(lock);
    }
}
