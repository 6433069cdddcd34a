//! The toolchain that everything is compiled with: the one that `rustc` means
//! in Lockstep's source tree.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::digest::Digest;
use crate::home::{self, Home};
use crate::process::{Confined, Limits};

/// A compiler and its package manager, without the proxy in front of them
/// that would cost its own start at each call.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    pub(crate) cargo: PathBuf,
    /// What `rustc -vV` says.
    pub(crate) version: String,
}

impl Toolchain {
    /// Finds it.
    pub(crate) fn find(home: &Home) -> Result<Toolchain> {
        let sysroot = sysroot(home, &home::program("rustc")?)
            .context("cannot find the Rust compiler; install it with rustup")?;
        let bin = Path::new(&sysroot).join("bin");
        let rustc = bin.join(format!("rustc{}", std::env::consts::EXE_SUFFIX));
        let cargo = bin.join(format!("cargo{}", std::env::consts::EXE_SUFFIX));
        let cargo = if cargo.is_file() {
            cargo
        } else {
            home::program("cargo")?
        };
        let version = version(home, &rustc)?;
        Ok(Toolchain {
            rustc,
            cargo,
            version,
        })
    }
}

/// Where the compiler is that `rustc` stands for. Where that is rustup's proxy, whose
/// start costs more than a compiler's, it is asked once for each state of rustup's.
fn sysroot(home: &Home, rustc: &Path) -> Result<String> {
    let asked = || {
        Ok(ask(rustc, &["--print", "sysroot"], home.root())?
            .trim()
            .to_owned())
    };
    match state_of_rustup(home, rustc) {
        Some(state) => known(home, state, asked, |sysroot| {
            Path::new(sysroot).join("bin").is_dir()
        }),
        None => asked(),
    }
}

/// All that says which toolchain rustup's proxy takes, if rustup is there: its settings
/// and toolchains, its variables, and files for the folder that it is asked in.
fn state_of_rustup(home: &Home, rustc: &Path) -> Option<Digest> {
    let environment = home::build_environment();
    let variable = |name: &str| {
        let mut found = environment.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| Path::new(value))
    };
    let rustup = match variable("RUSTUP_HOME") {
        Some(folder) => folder.to_owned(),
        None => variable("HOME")?.join(".rustup"),
    };
    let settings = identity(&rustup.join("settings.toml"))?;
    let mut state = Digest::default().part("sysroot").part(settings);
    for (name, value) in &environment {
        state = state.part(format!("{name:?}={value:?}"));
    }
    let named = home
        .root()
        .ancestors()
        .flat_map(|folder| ["rust-toolchain", "rust-toolchain.toml"].map(|name| folder.join(name)));
    for place in [rustc.to_owned(), rustup.join("toolchains")]
        .into_iter()
        .chain(named)
    {
        state = state.part(identity(&place).unwrap_or_default());
    }
    Some(state)
}

/// What `rustc -vV` says, asked once for each compiler.
fn version(home: &Home, rustc: &Path) -> Result<String> {
    let identity =
        identity(rustc).with_context(|| format!("there is no compiler at {}", rustc.display()))?;
    known(
        home,
        Digest::default().part(identity),
        || ask(rustc, &["-vV"], home.root()),
        |version| version.starts_with("rustc "),
    )
}

/// What tells a file or a folder from what it was before, if it is there.
fn identity(path: &Path) -> Option<String> {
    let metadata = path.metadata().ok()?;
    let (length, time) = (metadata.len(), metadata.modified().ok());
    Some(format!("{} {length} {time:?}", path.display()))
}

/// What was answered to the same question before, if that can be right; else what is now.
fn known(
    home: &Home,
    question: Digest,
    asked: impl Fn() -> Result<String>,
    can_be_right: impl Fn(&str) -> bool,
) -> Result<String> {
    let place = home.made("toolchains")?.join(question.finish());
    if let Ok(answer) = std::fs::read_to_string(&place)
        && can_be_right(&answer)
    {
        return Ok(answer);
    }
    let answer = asked()?;
    // Only a convenience: if it cannot be kept, the compiler is asked again.
    let _ = std::fs::write(&place, &answer);
    Ok(answer)
}

fn ask(rustc: &Path, args: &[&str], folder: &Path) -> Result<String> {
    let mut command = Confined::new(rustc, folder, Limits::COMPILER);
    command.args(args).envs(home::build_environment());
    let finished = command.run()?;
    if !finished.succeeded() {
        bail!(
            "`{} {}` failed: {}",
            rustc.display(),
            args.join(" "),
            finished.last_words()
        );
    }
    Ok(finished.stdout())
}
