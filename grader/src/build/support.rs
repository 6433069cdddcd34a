//! The libraries that submissions and judges are linked with, built by Cargo
//! once for each toolchain and each version of their sources.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::toolchain::Toolchain;
use super::{canaries, lang_start};
use crate::digest::Digest;
use crate::home::{self, Home};
use crate::process::{Confined, Limits};

/// The packages of the libraries.
pub(crate) const PACKAGES: [&str; 4] = [
    "lockstep-std",
    "lockstep-core",
    "lockstep-sim",
    "lockstep-judge",
];

/// What compiling anything else takes.
#[derive(Debug, Clone)]
pub(crate) struct Support {
    pub(super) toolchain: Toolchain,
    pub(super) made: Made,
}

/// What was made, as it is kept beside the libraries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Made {
    /// The content address of everything that it was made from.
    stamp: String,
    /// The folder of the libraries and of those that they depend on.
    pub(super) folder: PathBuf,
    /// The library that stands in for std.
    pub(super) std: PathBuf,
    /// The library that stands in for core.
    pub(super) core: PathBuf,
    /// The simulation, for scenarios.
    pub(super) sim: PathBuf,
    /// For judges.
    pub(super) judge: PathBuf,
    /// The function of std that runs a program's `main`.
    pub(super) lang_start: String,
}

/// How often a build is begun again because sources changed under it.
const TRIES: u32 = 3;
/// How long libraries of other versions are kept after they were built.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

impl Support {
    /// Finds the libraries, and has them built if they are not there or their
    /// sources have changed. `building` is called before that takes its time.
    ///
    /// Those of each version have a folder of their own, so that a grader that
    /// works with one is not disturbed by another that builds the next.
    pub(crate) fn ready(home: &Home, building: impl FnOnce()) -> Result<Support> {
        let toolchain = Toolchain::find(home)?;
        let folder = home.made("support")?;
        if let Some(made) = read(&folder, &stamp(home, &toolchain)?) {
            return Ok(Support { toolchain, made });
        }
        let lock = lock(&folder)?;
        let mut building = Some(building);
        for _ in 0..TRIES {
            // Another grader may have built them while this one waited.
            let stamp_before = stamp(home, &toolchain)?;
            if let Some(made) = read(&folder, &stamp_before) {
                drop(lock);
                return Ok(Support { toolchain, made });
            }
            if let Some(building) = building.take() {
                building();
            }
            let artifacts = build(home, &toolchain, &folder)?;
            if stamp(home, &toolchain)? == stamp_before {
                let lang_start = lang_start::symbol(home, &toolchain)?;
                let made = put(&folder, &artifacts, &stamp_before, lang_start)?;
                forget_old(&folder, &stamp_before);
                drop(lock);
                return Ok(Support { toolchain, made });
            }
        }
        bail!("the sources of the grader's libraries change faster than they can be built");
    }

    /// Tries whether the compiler refuses what it must. Layers must have been
    /// chosen: it compiles what a submission could be.
    ///
    /// # Errors
    ///
    /// One that says what it leaves open.
    pub(crate) fn tried(&self, home: &Home) -> Result<()> {
        canaries::tried(home, self)
    }

    /// The content address of the libraries and the toolchain.
    pub(crate) fn stamp(&self) -> &str {
        &self.made.stamp
    }
}

/// Held while libraries are built; the system lets go of it if we crash.
fn lock(folder: &Path) -> Result<std::fs::File> {
    let path = folder.join("lock");
    let file =
        std::fs::File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// What an earlier build of this stamp left, if it is still there.
fn read(folder: &Path, stamp: &str) -> Option<Made> {
    let file = folder.join(stamp).join("made.json");
    let made: Made = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let libraries = [&made.std, &made.core, &made.sim, &made.judge];
    let there = libraries.iter().all(|path| path.exists());
    (there && made.stamp == stamp).then_some(made)
}

/// Puts what was built into the folder of its stamp, whole or not at all.
fn put(folder: &Path, artifacts: &[PathBuf], stamp: &str, lang_start: String) -> Result<Made> {
    let fresh = tempfile::tempdir_in(folder)
        .with_context(|| format!("cannot make a folder in {}", folder.display()))?;
    for artifact in artifacts {
        let name = artifact
            .file_name()
            .context("Cargo told of a file without a name")?;
        std::fs::copy(artifact, fresh.path().join(name))
            .with_context(|| format!("cannot copy {}", artifact.display()))?;
    }
    let own = folder.join(stamp);
    let library = |name: &str| {
        let file = format!("lib{name}.rlib");
        match fresh.path().join(&file).is_file() {
            true => Ok(own.join(file)),
            false => bail!("Cargo told of no library `{name}`"),
        }
    };
    let made = Made {
        stamp: stamp.to_owned(),
        std: library("lockstep_std")?,
        core: library("lockstep_core")?,
        sim: library("sim")?,
        judge: library("judge")?,
        folder: own.clone(),
        lang_start,
    };
    let text = serde_json::to_string(&made).context("cannot write down what was built")?;
    std::fs::write(fresh.path().join("made.json"), text)
        .context("cannot write down what was built")?;
    // Something that is there under this name is what `read` could not read.
    let _ = std::fs::remove_dir_all(&own);
    std::fs::rename(fresh.keep(), &own)
        .with_context(|| format!("cannot make {}", own.display()))?;
    Ok(made)
}

/// Removes libraries of other versions, once nobody can be using them. What
/// cannot be removed now will be another time.
fn forget_old(folder: &Path, stamp: &str) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let made = entry
            .path()
            .join("made.json")
            .metadata()
            .and_then(|data| data.modified());
        let old = made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > KEPT));
        if old && entry.file_name() != stamp {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Of everything that the libraries are made from: the crates beside the
/// grader's own, the lock file and the compiler. Which of those crates the
/// libraries use is Cargo's to know; one too many only makes it look.
fn stamp(home: &Home, toolchain: &Toolchain) -> Result<String> {
    let mut digest = Digest::default().part(&toolchain.version);
    for file in ["Cargo.toml", "Cargo.lock"] {
        let path = home.root().join(file);
        digest = digest
            .part(std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    let grader = home.root().join("grader");
    let context = || format!("cannot read the folder {}", grader.display());
    let mut crates = Vec::new();
    for entry in std::fs::read_dir(&grader).with_context(context)? {
        let folder = entry.with_context(context)?.path();
        if folder.join("Cargo.toml").is_file() {
            crates.push(folder);
        }
    }
    crates.sort();
    for folder in crates {
        digest = digest
            .part(std::fs::read(folder.join("Cargo.toml"))?)
            .folder(&folder.join("src"))?;
    }
    Ok(digest.finish())
}

/// Has Cargo build the libraries, and gives the files of them and of what they
/// depend on.
fn build(home: &Home, toolchain: &Toolchain, folder: &Path) -> Result<Vec<PathBuf>> {
    let mut command = Confined::new(&toolchain.cargo, home.root(), Limits::LIBRARIES);
    command
        .args([
            "build",
            "--profile",
            "support",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(folder.join("cargo"));
    for package in PACKAGES {
        command.args(["-p", package]);
    }
    command
        .envs(home::build_environment())
        .env("RUSTC", &toolchain.rustc);
    let finished = command.run()?;
    let messages = finished.stdout();
    let messages: Vec<Message> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    if !finished.succeeded() {
        let words: String = messages.iter().filter_map(Message::error).collect();
        bail!(
            "the grader's own libraries do not build:\n{words}{}",
            finished.stderr()
        );
    }
    Ok(messages.into_iter().flat_map(Message::libraries).collect())
}

/// What matters here of a message of Cargo's.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    message: Option<Words>,
}

#[derive(Deserialize)]
struct Words {
    level: String,
    rendered: Option<String>,
}

impl Message {
    /// The libraries that it tells of: of Rust, and macros that they name.
    fn libraries(self) -> impl Iterator<Item = PathBuf> {
        let tells = self.reason == "compiler-artifact";
        let is_library = |path: &PathBuf| {
            let end = path.extension().unwrap_or_default();
            end == "rlib" || end == std::env::consts::DLL_EXTENSION
        };
        self.filenames
            .into_iter()
            .filter(move |path| tells && is_library(path))
    }

    fn error(&self) -> Option<&str> {
        self.message
            .as_ref()
            .filter(|words| words.level == "error")?
            .rendered
            .as_deref()
    }
}
