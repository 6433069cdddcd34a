//! Where Lockstep's own sources are, and where the grader keeps what it makes.
//! The one place that reads the environment.

mod runner;
mod scratch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
pub(crate) use runner::Runner;
pub(crate) use scratch::Folder;
use scratch::Scratch;

/// The folders that the grader works with.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    root: PathBuf,
    work: PathBuf,
    cache: PathBuf,
    scratch: Arc<Mutex<Option<Scratch>>>,
}

impl Home {
    /// Finds them: the source tree is `$LOCKSTEP_HOME`, or the one that this
    /// binary was built from; what is made goes below it to `target/lockstep`,
    /// or to `$LOCKSTEP_TARGET`; verdicts are kept in `cache` there, or in
    /// `$LOCKSTEP_CACHE`.
    pub(crate) fn find() -> Result<Home> {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap_or(Path::new("."));
        let root = folder("LOCKSTEP_HOME").unwrap_or_else(|| built_from.to_owned());
        let root = root.canonicalize().with_context(|| {
            format!(
                "cannot find Lockstep's source tree at {}; set LOCKSTEP_HOME to where it is",
                root.display()
            )
        })?;
        let work = folder("LOCKSTEP_TARGET").unwrap_or_else(|| root.join("target/lockstep"));
        let work =
            std::path::absolute(&work).with_context(|| format!("cannot use {}", work.display()))?;
        let cache = folder("LOCKSTEP_CACHE").unwrap_or_else(|| work.join("cache"));
        Ok(Home {
            root,
            work,
            cache,
            scratch: Arc::default(),
        })
    }

    /// Lockstep's source tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where verdicts are kept.
    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// A folder of this name for things made once and used again, there from
    /// now on: its path from the root on, without `..` or a symbolic link, as the
    /// sandbox wants the paths that it shows.
    pub(crate) fn made(&self, name: &str) -> Result<PathBuf> {
        let folder = self.work.join(name);
        std::fs::create_dir_all(&folder)
            .and_then(|()| folder.canonicalize())
            .with_context(|| format!("cannot make the folder {}", folder.display()))
    }

    /// A fresh folder that is gone with the value. What graders that were killed
    /// have left is gone, too, once the first one is made.
    pub(crate) fn scratch(&self) -> Result<Folder> {
        let mut own = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match &mut *own {
            Some(own) => own,
            none => none.insert(Scratch::claim(&self.made("scratch")?)?),
        };
        own.folder()
    }
}

/// The path that an environment variable names, unless it is empty.
fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// The words that the grader was called with, as its user can type them again:
/// `cargo grader` where an alias of Cargo's runs it, as the course's own does.
pub(crate) fn called_as() -> Vec<String> {
    let by_cargo = std::env::var_os("CARGO").is_some()
        && std::env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    if by_cargo {
        return vec!["cargo".to_owned(), "grader".to_owned()];
    }
    let name = std::env::args_os().next().filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "grader".into());
    vec![name.to_string_lossy().into_owned()]
}

/// What cargo and rustc need of the environment to find their own parts and
/// the linker. Everything else is kept from them.
pub(crate) fn build_environment() -> Vec<(OsString, OsString)> {
    [
        "PATH",
        "HOME",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "TMPDIR",
    ]
    .into_iter()
    .filter_map(|name| Some((name.into(), std::env::var_os(name)?)))
    .collect()
}

/// What git needs of the environment to find its configuration, which says whose
/// repositories it trusts.
pub(crate) fn git_environment() -> Vec<(OsString, OsString)> {
    ["PATH", "HOME", "XDG_CONFIG_HOME"]
        .into_iter()
        .filter_map(|name| Some((name.into(), std::env::var_os(name)?)))
        .collect()
}

/// The only set of layers that may be chosen, by its name: for tests of each set.
pub(crate) fn only_layers() -> Option<String> {
    std::env::var("LOCKSTEP_LAYERS")
        .ok()
        .filter(|name| !name.is_empty())
}

/// The linker that rustc starts.
const LINKER: &str = "cc";
/// Where programs of the system's are.
const PROGRAMS: [&str; 2] = ["/usr/bin", "/bin"];

/// What a compiler needs of the environment to find the linker: nothing that
/// tells of this machine where it is in a usual place. `HOME` and the like would
/// only be something that sources could read.
pub(crate) fn linking_environment() -> Vec<(OsString, OsString)> {
    let path = match linker_elsewhere() {
        Some(folder) => std::env::join_paths([folder.as_path(), PROGRAMS[0].as_ref()]),
        None => std::env::join_paths(PROGRAMS),
    };
    // A path that cannot be joined has no linker in it either.
    let path = path.unwrap_or_default();
    // Where rustc and the linker put what they need for a moment: the folder
    // that they may write to, which is the one that they run in.
    vec![("PATH".into(), path), ("TMPDIR".into(), ".".into())]
}

/// The folder of the linker, where that is none of the system's.
pub(crate) fn linker_elsewhere() -> Option<PathBuf> {
    let folder = program(LINKER).ok()?.parent()?.to_owned();
    let usual = PROGRAMS.iter().any(|usual| folder == Path::new(usual));
    (!usual).then_some(folder)
}

/// A program that is looked up in `PATH`.
pub(crate) fn program(name: &str) -> Result<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(&name));
    let found = candidates.find(|candidate| candidate.is_file());
    let found = found.with_context(|| format!("there is no `{name}` in PATH"))?;
    std::path::absolute(&found).with_context(|| format!("cannot use {}", found.display()))
}

/// Whether there is room for so many bytes in a folder.
pub(crate) fn has_room(folder: &Path, bytes: u64) -> Result<()> {
    let of = rustix::fs::statvfs(folder)
        .with_context(|| format!("cannot ask for the room in {}", folder.display()))?;
    let left = of.f_bavail.saturating_mul(of.f_frsize);
    if left < bytes {
        bail!(
            "the disk that the grader works on has only {} MiB left, which a compiler needs more of: \
             free some, or let LOCKSTEP_TARGET name a folder on another one",
            left >> 20
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        has_room(folder.path(), 1).unwrap();
        let error = has_room(folder.path(), u64::MAX).unwrap_err().to_string();
        assert!(error.contains("LOCKSTEP_TARGET"), "{error}");
    }
}
