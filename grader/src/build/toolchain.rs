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
        let sysroot = ask(
            &home::program("rustc")?,
            &["--print", "sysroot"],
            home.root(),
        )
        .context("cannot find the Rust compiler; install it with rustup")?;
        let bin = Path::new(sysroot.trim()).join("bin");
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

/// What `rustc -vV` says, asked once for each compiler.
fn version(home: &Home, rustc: &Path) -> Result<String> {
    let metadata = rustc
        .metadata()
        .with_context(|| format!("there is no compiler at {}", rustc.display()))?;
    let identity = format!(
        "{} {} {:?}",
        rustc.display(),
        metadata.len(),
        metadata.modified().ok()
    );
    let known = home
        .made("toolchains")?
        .join(Digest::default().part(identity).finish());
    if let Ok(version) = std::fs::read_to_string(&known)
        && version.starts_with("rustc ")
    {
        return Ok(version);
    }
    let version = ask(rustc, &["-vV"], home.root())?;
    // Only a convenience: if it cannot be kept, the compiler is asked again.
    let _ = std::fs::write(&known, &version);
    Ok(version)
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
