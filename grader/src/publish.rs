//! A folder of files that is put in its place as a whole: whoever looks at it sees
//! the files before, or the new ones, and never some of both.
//!
//! Only what was written here is ever replaced: a list of it lies beside the files,
//! and a folder with anything else in it, or with a file that somebody has changed,
//! is refused.

use std::borrow::{Borrow, Cow};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::digest::Digest;
use crate::exit::usage;

/// What a folder of files is.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What it is called.
    noun: &'static str,
    /// The file that lists the others, after its first line: a digest and a path a
    /// line.
    list: &'static str,
    /// Its first line.
    pub(crate) mark: &'static str,
}

/// Pages.
pub(crate) const REPORT: Kind = Kind {
    noun: "report",
    list: ".lockstep-report",
    mark: "lockstep/report/v1",
};

/// A course, for others to take.
pub(crate) const PACK: Kind = Kind {
    noun: "pack",
    list: ".lockstep-pack",
    mark: "lockstep/pack/v1",
};

/// What is put into a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    /// Whether it is a program.
    pub(crate) executable: bool,
}

impl Content {
    /// The rights of such a file, on Unix.
    pub(crate) fn mode(&self) -> u32 {
        match self.executable {
            true => 0o755,
            false => 0o644,
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Content {
        Content {
            bytes: text.into_bytes(),
            executable: false,
        }
    }
}

/// What names of folders that are written, or were replaced, begin with after the
/// name of the folder.
const ASIDE: &str = "lockstep-";

/// Where files can be put.
#[derive(Debug)]
pub(crate) struct Place {
    kind: &'static Kind,
    /// The folder, as it was given.
    shown: PathBuf,
    /// The same, behind all links.
    folder: PathBuf,
}

impl Place {
    /// A folder that is not there, or has nothing in it that would be lost.
    pub(crate) fn find(kind: &'static Kind, folder: &Path) -> Result<Place> {
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
        let place = Place {
            kind,
            shown,
            folder,
        };
        place.check()?;
        Ok(place)
    }

    /// The folder, as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.shown
    }

    /// Puts files there, each with its path, and removes those that were put there
    /// before.
    pub(crate) fn put<'a, C: Borrow<Content>>(
        &self,
        files: impl Iterator<Item = (Cow<'a, str>, C)>,
    ) -> Result<()> {
        let parent = self.folder.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make the folder {}", parent.display()))?;
        self.sweep(parent);
        let name = self.folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        // Another grader may be writing the same.
        let new = parent.join(format!(".{name}.{ASIDE}{}", std::process::id()));
        let made = write(self.kind, &new, files).and_then(|lock| {
            // Somebody may have put something there while the class was graded.
            self.check()?;
            self.swap(&new)?;
            drop(lock);
            Ok(())
        });
        if new.exists() {
            // It is what was there before, or what could not be finished.
            let _ = std::fs::remove_dir_all(&new);
        }
        made
    }

    /// Refuses a folder with files that would be lost.
    fn check(&self) -> Result<()> {
        let (shown, noun) = (self.shown.display(), self.kind.noun);
        if !self.folder.exists() {
            return Ok(());
        }
        if !self.folder.is_dir() {
            usage!("{shown} is a file; name a folder for the {noun}");
        }
        let ours = self.list();
        let walk = WalkDir::new(&self.folder).min_depth(1).sort_by_file_name();
        for entry in walk {
            let entry = entry.with_context(|| format!("cannot look into {shown}"))?;
            let path = entry.path().strip_prefix(&self.folder);
            let path = path.unwrap_or(entry.path());
            let is_ours = match entry.file_type().is_dir() {
                true => ours.keys().any(|file| file.starts_with(path)),
                false => ours.contains_key(path),
            };
            if !is_ours {
                usage!(
                    "{shown} has `{}` in it, which is of no {noun}; name another folder, or a new \
                     one",
                    path.display()
                );
            }
            let digest = ours.get(path).filter(|digest| !digest.is_empty());
            let is_file = entry.file_type().is_file();
            if let Some(known) = digest
                && !(is_file
                    && std::fs::read(entry.path()).is_ok_and(|now| digest_of(&now) == *known))
            {
                usage!(
                    "somebody has changed `{}` in {shown}, which would be lost; name another folder, \
                     or a new one",
                    path.display()
                );
            }
        }
        Ok(())
    }

    /// What was put there before, each file with its digest; the list has none.
    fn list(&self) -> BTreeMap<PathBuf, String> {
        // Without a list that can be read, nothing is ours.
        let Kind { list, mark, .. } = self.kind;
        let text = std::fs::read_to_string(self.folder.join(list)).unwrap_or_default();
        let mut lines = text.lines();
        if lines.next() != Some(mark) {
            return BTreeMap::new();
        }
        let files = lines.filter_map(|line| line.split_once(' '));
        let files = files.map(|(digest, path)| (path.into(), digest.to_owned()));
        files.chain([(list.into(), String::new())]).collect()
    }

    /// Puts the new folder in the place of the one before, if there is one, which
    /// then has the name of the new one.
    fn swap(&self, new: &Path) -> Result<()> {
        let context = || {
            format!(
                "cannot put the {} at {}",
                self.kind.noun,
                self.shown.display()
            )
        };
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
    /// writes holds the list locked.
    fn sweep(&self, parent: &Path) {
        let name = self.folder.file_name().unwrap_or_default();
        let prefix = format!(".{}.{ASIDE}", name.to_string_lossy());
        let entries = parent.read_dir().into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let is_aside = entry.file_name().to_string_lossy().starts_with(&prefix);
            let list = is_aside.then(|| File::open(entry.path().join(self.kind.list)).ok());
            if let Some(list) = list.flatten()
                && list.try_lock().is_ok()
            {
                // A convenience only: what cannot be removed is left.
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }
}

fn digest_of(bytes: &[u8]) -> String {
    Digest::default().part(bytes).finish()
}

/// Writes files into a new folder, and gives their list, which is locked.
fn write<'a, C: Borrow<Content>>(
    kind: &Kind,
    folder: &Path,
    files: impl Iterator<Item = (Cow<'a, str>, C)>,
) -> Result<File> {
    let context = |path: &Path| format!("cannot write {}", path.display());
    // Of a process with this number that was killed at once.
    let _ = std::fs::remove_dir(folder);
    std::fs::create_dir(folder).with_context(|| context(folder))?;
    let path = folder.join(kind.list);
    let mut list = File::create(&path).with_context(|| context(&path))?;
    // Where files cannot be locked, none is swept either.
    let _ = list.lock();
    let mut lines = format!("{}\n", kind.mark);
    let mut folders = BTreeSet::new();
    for (name, content) in files {
        let content = content.borrow();
        let to = folder.join(&*name);
        if let Some(parent) = to.parent()
            && folders.insert(parent.to_owned())
        {
            std::fs::create_dir_all(parent).with_context(|| context(parent))?;
        }
        std::fs::write(&to, &content.bytes)
            .and_then(|()| std::fs::set_permissions(&to, Permissions::from_mode(content.mode())))
            .with_context(|| context(&to))?;
        lines.push_str(&format!("{} {name}\n", digest_of(&content.bytes)));
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
            .map(|name| (Cow::from(*name), Content::from(name.to_string())));
        Place::find(&REPORT, folder)?.put(files)
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
        std::fs::write(folder.join("pages/ann.html"), "mine").unwrap();
        refused("has changed `pages/ann.html`");
        std::fs::write(folder.join("pages/ann.html"), "pages/ann.html").unwrap();
        std::fs::create_dir(folder.join("mine")).unwrap();
        refused("has `mine` in it");
        std::fs::remove_dir(folder.join("mine")).unwrap();
        std::fs::remove_file(folder.join(REPORT.list)).unwrap();
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
        let none = std::iter::empty::<(Cow<'_, str>, Content)>;
        let nothing = |folder: &Path| write(&REPORT, folder, none()).unwrap();
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("report");
        let left = parent.path().join(".report.lockstep-0");
        let in_use = parent.path().join(".report.lockstep-00");
        drop(nothing(&left));
        let lock = nothing(&in_use);
        put(&folder, &["index.html"]).unwrap();
        assert!(!left.exists() && in_use.exists());
        drop(lock);
    }
}
