//! The crates of one student, in whatever they have handed in: folders, clones,
//! archives, archives in archives, bare source files.

use std::path::{Path, PathBuf};

use crate::home::Folder;
use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};

use super::names::exercise_in;
use crate::course::Course;
use crate::git::clone_around;
use crate::home::Home;
use crate::submission::{self, What};

/// How deep archives may lie in archives.
const DEPTH: usize = 3;
/// Most archives in one archive or folder that are looked into.
const ARCHIVES: usize = 8;
/// Most bare source files that are taken.
const SOURCES: usize = 250;

/// A crate, or what should have been one.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its folder, or why there is none.
    pub(super) folder: Result<PathBuf, String>,
    /// The path that it was found at.
    pub(super) shown: PathBuf,
    /// The exercise that it is for, by its package's name or a folder's.
    pub(super) exercise: Option<String>,
    /// The folder of the git clone that it lies in, if it does.
    pub(super) clone: Option<PathBuf>,
}

/// What crates are looked for with.
pub(super) struct Search<'a> {
    pub(super) course: &'a Course,
    pub(super) home: &'a Home,
    /// Folders that archives were unpacked to.
    pub(super) unpacked: &'a mut Vec<Folder>,
}

impl Search<'_> {
    /// The crates in a folder, which is shown as `shown`.
    pub(super) fn folder(&mut self, folder: &Path, shown: &Path) -> Result<Vec<Candidate>> {
        self.inside(folder, shown, None, 0)
    }

    /// The crates in an archive, or why it cannot be unpacked.
    pub(super) fn archive(&mut self, archive: &Path, shown: &Path) -> Result<Vec<Candidate>> {
        self.packed(archive, shown, 0)
    }

    /// Bare source files as a crate, each with the name that it has in `src/`.
    pub(super) fn sources(
        &mut self,
        files: &[(String, PathBuf)],
        shown: &Path,
    ) -> Result<Candidate> {
        let made = self.home.scratch()?;
        let src = made.path().join("src");
        let context = || format!("cannot make {}", src.display());
        std::fs::create_dir(&src).with_context(context)?;
        for (name, file) in files.iter().take(SOURCES) {
            let to = src.join(name);
            std::fs::create_dir_all(to.parent().unwrap_or(&src)).with_context(context)?;
            // What is longer than it may be is so as a copy, too.
            let bytes = submission::read_up_to(file, submission::FILE_LIMIT + 1)?;
            std::fs::write(&to, bytes).with_context(context)?;
        }
        let folder = made.path().to_owned();
        self.unpacked.push(made);
        Ok(Candidate {
            folder: Ok(folder),
            shown: shown.to_owned(),
            exercise: None,
            clone: None,
        })
    }

    fn packed(&mut self, archive: &Path, shown: &Path, depth: usize) -> Result<Vec<Candidate>> {
        let into = self.home.scratch()?;
        let folder = into.path().to_owned();
        let unpacked = submission::unpack(archive, What::HandIn, &folder)?;
        self.unpacked.push(into);
        let stem = shown.file_stem().unwrap_or_default().to_string_lossy();
        let named = exercise_in(&stem, self.course.names());
        match unpacked {
            Ok(()) => self.inside(&folder, shown, named, depth + 1),
            Err(refusal) => Ok(vec![Candidate {
                folder: Err(refusal.to_string()),
                shown: shown.to_owned(),
                exercise: named,
                clone: None,
            }]),
        }
    }

    /// The crates in a folder; else those in its archives; else its bare sources.
    fn inside(
        &mut self,
        folder: &Path,
        shown: &Path,
        named: Option<String>,
        depth: usize,
    ) -> Result<Vec<Candidate>> {
        let as_shown = |path: &Path| match path.strip_prefix(folder) {
            Ok(inner) if inner.as_os_str().is_empty() => shown.to_owned(),
            Ok(inner) => shown.join(inner),
            Err(_) => path.to_owned(),
        };
        let crates = crates(folder)?;
        if !crates.is_empty() {
            let alone = crates.len() == 1;
            let candidate = |found: PathBuf| Candidate {
                exercise: exercise_of(self.course, &found, folder)
                    .or_else(|| named.clone().filter(|_| alone)),
                shown: as_shown(&found),
                clone: clone_around(&found, folder).map(Path::to_owned),
                folder: Ok(found),
            };
            return Ok(crates.into_iter().map(candidate).collect());
        }
        if depth < DEPTH {
            let mut found = Vec::new();
            for archive in files(folder, submission::is_archive)?
                .into_iter()
                .take(ARCHIVES)
            {
                found.extend(self.packed(&archive, &as_shown(&archive), depth)?);
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let sources = files(folder, |path| {
            path.extension().is_some_and(|extension| extension == "rs")
        })?;
        let entry = sources
            .iter()
            .find(|path| path.ends_with("lib.rs") || path.ends_with("main.rs"));
        let Some(root) = entry.or(sources.first()).and_then(|path| path.parent()) else {
            return Ok(Vec::new());
        };
        let inner = |path: &PathBuf| {
            let name = path.strip_prefix(root).ok()?.to_str()?.to_owned();
            Some((name, path.clone()))
        };
        let list: Vec<_> = sources.iter().filter_map(inner).collect();
        let candidate = self.sources(&list, &as_shown(root))?;
        Ok(vec![Candidate {
            exercise: named,
            ..candidate
        }])
    }
}

/// The folders of the crates in a folder: in a clone of a course's repository
/// those of its `exercises/`, and else all.
fn crates(folder: &Path) -> Result<Vec<PathBuf>> {
    let exercises = folder.join("exercises");
    let is_clone = exercises
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir());
    if is_clone {
        let crates = submission::crates(&exercises)?;
        if !crates.is_empty() {
            return Ok(crates);
        }
    }
    submission::crates(folder)
}

/// The exercise that a crate is for: its package's name, else what a folder is
/// called, from its own up to `top`.
pub(super) fn exercise_of(course: &Course, folder: &Path, top: &Path) -> Option<String> {
    // What cannot be read or does not parse names no package.
    let package = submission::package_of(folder).ok().flatten();
    if let Some(package) = package.filter(|package| course.has(package)) {
        return Some(package);
    }
    folder
        .ancestors()
        .take_while(|ancestor| ancestor.starts_with(top))
        .filter_map(|ancestor| ancestor.file_name()?.to_str())
        .find_map(|name| exercise_in(name, course.names()))
}

/// Whether source files lie bare in a folder.
pub(super) fn has_sources(folder: &Path) -> Result<bool> {
    let context = || format!("cannot read the folder {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The files in a folder that are wanted, sorted; none that a Mac or a build has
/// added, and no links.
pub(super) fn files(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let ours = |entry: &DirEntry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || name == "target" || name == "__MACOSX")
    };
    let walk = WalkDir::new(folder).max_depth(8).sort_by_file_name();
    let mut files = Vec::new();
    for entry in walk.into_iter().filter_entry(ours) {
        let entry = entry.with_context(|| format!("cannot search {}", folder.display()))?;
        if entry.file_type().is_file() && wanted(entry.path()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}
