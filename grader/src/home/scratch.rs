//! The scratch folders of one grader, and those that dead ones have left.
//!
//! Each grader has a folder of its own, and beside it a lock file that it holds
//! for as long as it lives. The system lets go of a lock when its holder dies,
//! however it dies: a folder whose lock can be had belongs to nobody any more.
//! The file is there before the folder and goes after it, so there is no moment
//! at which a grader can die and leave a folder without one; and it stays where the
//! folder could not be removed.

use std::ffi::CString;
#[cfg(target_os = "linux")]
use std::fs::Permissions;
use std::fs::{File, TryLockError};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
#[cfg(target_os = "linux")]
use std::os::{fd::AsRawFd as _, unix::fs::PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
#[cfg(not(target_os = "linux"))]
use rustix::fs::chmodat;
use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags, Stat, fchmod, fstat, openat, unlinkat};
use rustix::io::Errno;
use rustix::path::Arg;
use tempfile::{NamedTempFile, TempDir};

/// What the file that a grader holds locked has after its folder's name.
const LOCK: &str = ".lock";
/// The file beside those folders that is locked while one is made, or is looked
/// at: between the making of a lock file and its locking nobody may judge it.
const GATE: &str = "gate";

/// The folder of this grader, gone with the value.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: Folder,
    _lock: Lock,
}

/// A file that is locked as long as a folder is in use, and gone after it: not before, so
/// that what could not be removed is found by the next grader.
#[derive(Debug)]
struct Lock {
    file: NamedTempFile,
    folder: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        let is_left = self.folder.symlink_metadata().is_ok();
        self.file.disable_cleanup(is_left);
    }
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
        let lock = Lock {
            file: lock,
            folder: name.clone(),
        };
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
            if folder.symlink_metadata().is_err() {
                let _ = std::fs::remove_file(path);
            }
            drop(lock);
        }
        Ok(Scratch {
            folder: Folder(folder),
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
        // What this could not remove, its own way of doing it could not either.
        self.0.disable_cleanup(true);
    }
}

/// Removes a folder that nobody works in any more, whatever is in it, as far as that can
/// be done.
fn remove(folder: &Path) {
    if let Some(opened) = opened(CWD, folder) {
        empty(&opened);
    }
    let _ = std::fs::remove_dir(folder);
}

/// Removes everything in a folder. Follows no links, and stops at nothing: what cannot be
/// removed is left out.
///
/// However deep its folders lie in one another, and however long their names are, this has
/// one of them open at a time, and goes back up by its parent.
fn empty(top: &OwnedFd) {
    // The folders on the way down: which each is, what is still in it, and the name of the
    // next one.
    let mut above: Vec<(Stat, Vec<CString>, CString)> = Vec::new();
    // The one that this is in, and what is still in it; `None` is the top.
    let mut here: Option<OwnedFd> = None;
    let mut names = entries(top);
    loop {
        let folder = here.as_ref().unwrap_or(top);
        let Some(name) = names.pop() else {
            let Some((was, rest, name)) = above.pop() else {
                return;
            };
            let Some(parent) = parent(folder, &was) else {
                return;
            };
            let _ = unlinkat(&parent, &name, AtFlags::REMOVEDIR);
            (here, names) = (Some(parent), rest);
            continue;
        };
        let is_gone = |flags| matches!(unlinkat(folder, &name, flags), Ok(()) | Err(Errno::NOENT));
        if is_gone(AtFlags::empty()) || is_gone(AtFlags::REMOVEDIR) {
            continue;
        }
        if let (Some(inner), Ok(is)) = (opened(folder, &name), fstat(folder)) {
            above.push((is, names, name));
            names = entries(&inner);
            here = Some(inner);
        }
    }
}

/// The folder that one lies in, if it is the one that it was found in.
fn parent(folder: &OwnedFd, was: &Stat) -> Option<OwnedFd> {
    let parent = openat(folder, c"..", FOLDER, Mode::empty()).ok()?;
    let is = fstat(&parent).ok()?;
    ((is.st_dev, is.st_ino) == (was.st_dev, was.st_ino)).then_some(parent)
}

/// How a folder is opened.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Opens a folder, with all rights to it: who made it may have taken them from everybody.
fn opened(parent: impl AsFd, name: impl Arg + Copy) -> Option<OwnedFd> {
    let opened = || openat(&parent, name, FOLDER, Mode::empty()).ok();
    let folder = match opened() {
        Some(folder) => folder,
        None => {
            give_back(parent.as_fd(), name)?;
            opened()?
        }
    };
    // To read it is not enough; what belongs to somebody else shows when it is emptied.
    let _ = fchmod(&folder, Mode::RWXU);
    Some(folder)
}

/// Gives the rights to a folder that may not be read back to its owner.
#[cfg(target_os = "linux")]
fn give_back(parent: BorrowedFd<'_>, name: impl Arg) -> Option<()> {
    // A link at that place is not followed, which a change of rights by a name would do.
    let flags = OFlags::PATH | FOLDER;
    let place = openat(parent, name, flags, Mode::empty()).ok()?;
    let own = format!("/proc/self/fd/{}", place.as_raw_fd());
    std::fs::set_permissions(own, Permissions::from_mode(0o700)).ok()
}

/// Gives the rights to a folder that may not be read back to its owner.
#[cfg(not(target_os = "linux"))]
fn give_back(parent: BorrowedFd<'_>, name: impl Arg) -> Option<()> {
    chmodat(parent, name, Mode::RWXU, AtFlags::SYMLINK_NOFOLLOW).ok()
}

/// The names in a folder, as far as they can be read.
fn entries(folder: &OwnedFd) -> Vec<CString> {
    let entries = Dir::read_from(folder).into_iter().flatten();
    let names = entries.map_while(|entry| Some(entry.ok()?.file_name().to_owned()));
    names
        .filter(|name| ![c".", c".."].contains(&name.as_c_str()))
        .collect()
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
    use std::os::unix::fs::PermissionsExt as _;

    use rustix::fs::mkdirat;

    use super::*;

    /// A user that is nobody's.
    const NOBODY: u32 = 65_534;

    /// Makes folders of this name in one another, so many and with these rights, and a
    /// file in the last one.
    fn folders(parent: &Path, name: &str, depth: usize, rights: Mode) {
        let mut folder = openat(CWD, parent, FOLDER, Mode::empty()).unwrap();
        for number in 0..depth {
            mkdirat(&folder, name, Mode::RWXU).unwrap();
            let inner = openat(&folder, name, FOLDER, Mode::empty()).unwrap();
            if number > 0 {
                fchmod(&folder, rights).unwrap();
            }
            folder = inner;
        }
        let new = OFlags::WRONLY | OFlags::CREATE;
        openat(&folder, "file", new, Mode::empty()).unwrap();
        fchmod(&folder, rights).unwrap();
    }

    #[test]
    fn folders_that_nobody_may_look_into_are_removed_however_deep_they_are() {
        let parent = tempfile::tempdir().unwrap();
        let long = "n".repeat(250);
        for (name, depth) in [("n", 3000), (&long, 400)] {
            let made = parent.path().join("made");
            std::fs::create_dir(&made).unwrap();
            folders(&made, name, depth, Mode::empty());
            // Beside them, and another way down.
            std::fs::write(made.join("file"), "").unwrap();
            std::fs::create_dir_all(made.join("a/b/c")).unwrap();
            std::os::unix::fs::symlink(parent.path(), made.join("a/link")).unwrap();
            remove(&made);
            assert!(
                !made.exists(),
                "{depth} folders with names of {}",
                name.len()
            );
        }
    }

    /// From root no right can be taken, so that it has to be another user who tries.
    #[test]
    fn another_user_removes_them_too() {
        use std::os::unix::fs::MetadataExt as _;
        use std::os::unix::process::CommandExt as _;
        if !std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
            return;
        }
        // The test's own program may lie where nobody else can read it.
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        for open in [folder.path(), &program] {
            std::fs::set_permissions(open, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let output = std::process::Command::new(&program)
            .args(["--exact", "home::scratch::tests::folders_that_nobody_may_look_into_are_removed_however_deep_they_are"])
            .env_clear()
            .current_dir("/")
            .uid(NOBODY)
            .gid(NOBODY)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_removed_is_left_to_the_next_grader() {
        let parent = tempfile::tempdir().unwrap();
        let Scratch { folder, _lock } = Scratch::claim(parent.path()).unwrap();
        let left = folder.path().to_owned();
        std::fs::write(left.join("x"), "x").unwrap();
        // As if it could not be.
        std::mem::forget(folder);
        drop(_lock);
        let lock = left.with_extension("lock");
        assert!(left.exists() && lock.exists());
        let own = Scratch::claim(parent.path()).unwrap();
        assert!(!left.exists() && !lock.exists());
        drop(own);
        assert_eq!(parent.path().read_dir().unwrap().count(), 1);
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
        let left = killed.folder.path().to_owned();
        let file = killed._lock.file.path().to_owned();
        std::mem::forget(killed.folder);
        drop(killed._lock);
        assert!(left.exists() && file.exists());
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
