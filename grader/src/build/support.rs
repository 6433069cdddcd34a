//! The libraries that submissions and judges are linked with, built by Cargo
//! once for each toolchain and each version of their sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::lang_start;
use super::toolchain::Toolchain;
use crate::digest::Digest;
use crate::home::{self, Home};
use crate::process::{Confined, Limits};

/// The packages, and the crates that they make.
const PACKAGES: [(&str, &str); 3] = [
    ("lockstep-std", "lockstep_std"),
    ("lockstep-sim", "sim"),
    ("lockstep-judge", "judge"),
];

/// What compiling anything else takes.
#[derive(Debug, Clone)]
pub(crate) struct Support {
    pub(super) toolchain: Toolchain,
    pub(super) made: Made,
}

/// What was made, as the stamp file keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Made {
    /// The content address of everything that it was made from.
    stamp: String,
    /// The library that stands in for std.
    pub(super) std: PathBuf,
    /// The simulation, for scenarios.
    pub(super) sim: PathBuf,
    /// For judges.
    pub(super) judge: PathBuf,
    /// Where the libraries that these depend on are.
    pub(super) deps: PathBuf,
    /// The function of std that runs a program's `main`.
    pub(super) lang_start: String,
}

impl Support {
    /// Finds the libraries, and has them built if they are not there or their
    /// sources have changed. `building` is called before that takes its time.
    pub(crate) fn ready(home: &Home, building: impl FnOnce()) -> Result<Support> {
        let toolchain = Toolchain::find(home)?;
        let stamp = stamp(home, &toolchain)?;
        let folder = home.made("support")?;
        let file = folder.join("stamp.json");
        if let Some(made) = read(&file, &stamp) {
            return Ok(Support { toolchain, made });
        }
        let lock = lock(&folder)?;
        // Another grader may have built them while this one waited.
        let made = match read(&file, &stamp) {
            Some(made) => made,
            None => {
                building();
                let made = build(home, &toolchain, &folder, stamp)?;
                let text =
                    serde_json::to_string(&made).context("cannot write down what was built")?;
                std::fs::write(&file, text)
                    .with_context(|| format!("cannot write {}", file.display()))?;
                made
            }
        };
        drop(lock);
        Ok(Support { toolchain, made })
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

/// What an earlier build left, if it was of this stamp and is still there.
fn read(file: &Path, stamp: &str) -> Option<Made> {
    let made: Made = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let there = [&made.std, &made.sim, &made.judge, &made.deps]
        .into_iter()
        .all(|path| path.exists());
    (there && made.stamp == stamp).then_some(made)
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

fn build(home: &Home, toolchain: &Toolchain, folder: &Path, stamp: String) -> Result<Made> {
    let mut command = Confined::new(&toolchain.cargo, home.root(), Limits::LIBRARIES);
    command
        .args([
            "build",
            "--profile",
            "support",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(folder);
    for (package, _) in PACKAGES {
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
    let libraries: BTreeMap<&str, &PathBuf> =
        messages.iter().filter_map(Message::library).collect();
    let library = |name: &str| match libraries.get(name) {
        Some(path) => Ok(path.to_path_buf()),
        None => bail!("Cargo told of no library `{name}`"),
    };
    let std = library("lockstep_std")?;
    let deps = std
        .parent()
        .map(|parent| parent.join("deps"))
        .filter(|deps| deps.is_dir());
    Ok(Made {
        stamp,
        sim: library("sim")?,
        judge: library("judge")?,
        deps: deps
            .with_context(|| format!("there is no folder `deps` beside {}", std.display()))?,
        std,
        lang_start: lang_start::symbol(home, toolchain)?,
    })
}

/// What matters here of a message of Cargo's.
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    message: Option<Words>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Words {
    level: String,
    rendered: Option<String>,
}

impl Message {
    fn library(&self) -> Option<(&str, &PathBuf)> {
        let target = self
            .target
            .as_ref()
            .filter(|_| self.reason == "compiler-artifact")?;
        let ours = PACKAGES.iter().any(|(_, name)| *name == target.name);
        let library = self
            .filenames
            .iter()
            .find(|path| path.extension().is_some_and(|end| end == "rlib"))?;
        ours.then_some((target.name.as_str(), library))
    }

    fn error(&self) -> Option<&str> {
        self.message
            .as_ref()
            .filter(|words| words.level == "error")?
            .rendered
            .as_deref()
    }
}
