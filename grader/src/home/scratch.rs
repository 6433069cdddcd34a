//! The scratch folders of one grader, and those that dead ones have left.
//!
//! Each grader has a folder of its own, and beside it a lock file that it holds
//! for as long as it lives. The system lets go of a lock when its holder dies,
//! however it dies: a folder whose lock can be had belongs to nobody any more.
//! The file is there before the folder and goes after it, so there is no moment
//! at which a grader can die and leave a folder without one.

use std::fs::{File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::{NamedTempFile, TempDir};
use walkdir::WalkDir;

/// What the file that a grader holds locked has after its folder's name.
const LOCK: &str = ".lock";
/// The file beside those folders that is locked while one is made, or is looked
/// at: between the making of a lock file and its locking nobody may judge it.
const GATE: &str = "gate";

/// The folder of this grader, gone with the value.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: TempDir,
    /// Locked as long as the folder is in use, and gone after it.
    _lock: NamedTempFile,
}

impl Scratch {
    /// Makes a folder in `parent`, and removes those that nobody uses any more.
    pub(super) fn claim(parent: &Path) -> Result<Scratch> {
        let context = || format!("cannot make a scratch folder in {}", parent.display());
        let gate = File::create(parent.join(GATE)).with_context(context)?;
        // Where files cannot be locked, nothing is swept.
        let can_lock = gate.lock().is_ok();
        let left = if can_lock { left(parent) } else { Vec::new() };
        let lock = tempfile::Builder::new()
            .prefix("g")
            .suffix(LOCK)
            .tempfile_in(parent)
            .with_context(context)?;
        if can_lock {
            lock.as_file().lock().with_context(context)?;
        }
        let name = lock.path().with_extension("");
        let folder = tempfile::Builder::new()
            .prefix(name.file_name().unwrap_or_default())
            .rand_bytes(0)
            .tempdir_in(parent)
            .with_context(context)?;
        drop(gate);
        for (path, lock) in left {
            let folder = path.with_extension("");
            // Only a convenience: what cannot be removed now is left for later.
            remove(&folder);
            if !folder.exists() {
                let _ = std::fs::remove_file(path);
            }
            drop(lock);
        }
        Ok(Scratch {
            folder,
            _lock: lock,
        })
    }

    /// A fresh folder in it that is gone with the value.
    pub(super) fn folder(&self) -> Result<Folder> {
        let parent = self.folder.path();
        tempfile::Builder::new()
            .prefix("s")
            .tempdir_in(parent)
            .map(Folder)
            .with_context(|| format!("cannot make a scratch folder in {}", parent.display()))
    }
}

/// A folder that is gone with the value, whatever a submission has made in it.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

impl Folder {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(self.0.path());
    }
}

/// Removes a folder that nobody works in any more, whatever is in it. Who made folders
/// there may have taken the right to look into them from everybody.
fn remove(folder: &Path) {
    /// Each time all that lies as deep as a path may be long is brought up.
    const TIMES: usize = 16;
    for _ in 0..TIMES {
        flatten(folder);
        if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        open_up(folder);
    }
}

/// Gives the right to list, enter and change a folder and all folders in it back to
/// their owner.
fn open_up(top: &Path) {
    let mut closed = vec![top.to_owned()];
    while let Some(folder) = closed.pop() {
        let all = std::fs::Permissions::from_mode(0o700);
        let _ = std::fs::set_permissions(&folder, all);
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        closed.extend(folders.map(|entry| entry.path()));
    }
}

/// How deep folders in folders may be that are removed by going down into each:
/// so deep that the longest names make a path that the system takes.
const DEPTH: usize = 12;

/// Brings folders in folders up to where they can be removed. Going down into
/// each takes a descriptor and a part of the stack, and whoever made them may
/// have made more of them than there is of either. What cannot be moved stays
/// where it is.
fn flatten(top: &Path) {
    let mut looked_into = vec![top.to_owned()];
    while let Some(from) = looked_into.pop() {
        let walk = WalkDir::new(&from).min_depth(DEPTH).max_depth(DEPTH);
        let deep = walk.into_iter().filter_map(Result::ok);
        let deep: Vec<_> = deep.filter(|entry| entry.file_type().is_dir()).collect();
        for entry in deep {
            // An empty folder is what a folder can be put in the place of.
            let Ok(place) = tempfile::tempdir_in(top) else {
                return;
            };
            if std::fs::rename(entry.path(), place.path()).is_ok() {
                looked_into.push(place.keep());
            }
        }
    }
}

/// The lock files of graders that have died, and their locks, which now are ours.
fn left(parent: &Path) -> Vec<(PathBuf, File)> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    let unused = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.ok()?.path();
        // A folder without such a file is none of those that are made here.
        let name = path.file_name()?.to_str()?;
        if !(name.starts_with('g') && name.ends_with(LOCK)) {
            return None;
        }
        let lock = File::open(&path).ok()?;
        match lock.try_lock() {
            Ok(()) => Some((path, lock)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
        }
    };
    entries.filter_map(unused).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For root, whom nobody can take a right from, this is easy.
    #[test]
    fn folders_that_nobody_may_look_into_are_removed() {
        let parent = tempfile::tempdir().unwrap();
        let mut below = parent.path().join("made");
        let mut all = Vec::new();
        for _ in 0..40 {
            below.push("folder");
            all.push(below.clone());
        }
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join("file"), "kept").unwrap();
        for folder in all.iter().rev() {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o000)).unwrap();
        }
        remove(&parent.path().join("made"));
        assert!(!parent.path().join("made").exists());
    }

    #[test]
    fn folders_in_folders_are_removed_however_deep_they_are() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().to_owned();
        let mut place = path.clone();
        // Those within are put into what is put into another one, and so on: a
        // path cannot be as long as this becomes.
        std::fs::create_dir(place.join("seed")).unwrap();
        for _ in 0..3000 {
            place = path.join("next");
            std::fs::create_dir(&place).unwrap();
            std::fs::rename(path.join("seed"), place.join("within")).unwrap();
            std::fs::rename(&place, path.join("seed")).unwrap();
        }
        flatten(&path);
        let depth = WalkDir::new(&path).into_iter();
        let depth = depth.map(|entry| entry.unwrap().depth()).max();
        assert!(depth.unwrap() <= DEPTH + 1);
        parent.close().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn the_folders_of_dead_graders_are_swept_and_those_of_live_ones_are_not() {
        let parent = tempfile::tempdir().unwrap();
        let alive = Scratch::claim(parent.path()).unwrap();
        let in_use = alive.folder().unwrap();
        // A grader that is killed removes nothing, and holds no lock.
        let killed = Scratch::claim(parent.path()).unwrap();
        let kept = killed.folder().unwrap();
        std::fs::write(kept.path().join("x"), "x").unwrap();
        std::mem::forget(kept);
        let left = killed.folder.keep();
        let file = killed._lock.into_temp_path().keep().unwrap();
        // One may be killed before it has a folder, or when that is gone.
        let alone = parent.path().join("galone.lock");
        std::fs::write(&alone, "").unwrap();
        let foreign = parent.path().join("g-of-somebody-else");
        std::fs::create_dir(&foreign).unwrap();

        let own = Scratch::claim(parent.path()).unwrap();
        assert!(!left.exists() && !file.exists() && !alone.exists());
        assert!(in_use.path().is_dir() && foreign.is_dir());
        assert!(own.folder().unwrap().path().is_dir());

        drop((in_use, alive, own));
        let names = parent.path().read_dir().unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["g-of-somebody-else", "gate"]);
    }
}
