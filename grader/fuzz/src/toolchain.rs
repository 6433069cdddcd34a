//! The compiler, the simulation's libraries, and the command lines.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use object::{Object as _, ObjectSymbol as _};
use sandbox::{Ended, How, Job, Limits};

/// What compiling takes.
#[derive(Debug)]
pub struct Toolchain {
    rustc: PathBuf,
    /// Where the libraries lie that Cargo made.
    libraries: PathBuf,
    /// The function of std that runs `main`.
    lang_start: String,
}

/// Which std a program is compiled against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Std {
    /// The toolchain's.
    Real,
    /// The simulation's face.
    Replaced,
}

impl Toolchain {
    /// Finds the compiler and builds the libraries, in a folder that is kept.
    ///
    /// # Errors
    /// When one of them does not work.
    pub fn ready(folder: &Path) -> Result<Toolchain> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut args: Vec<OsString> = ["build", "--quiet", "--profile", "support"]
            .map(OsString::from)
            .into();
        for package in ["lockstep-std", "lockstep-core", "lockstep-sim"] {
            args.extend(["--package", package].map(OsString::from));
        }
        args.extend(["--target-dir".into(), folder.into()]);
        succeeds(
            run(&in_path("cargo")?, root, args)?,
            "building the simulation",
        )?;
        let rustc = in_path("rustc")?;
        Ok(Toolchain {
            lang_start: lang_start(&rustc, folder)?,
            rustc,
            libraries: folder.join("support"),
        })
    }

    /// Compiles `main.rs` in a folder to a program of this name.
    pub(crate) fn compile(&self, kind: Std, folder: &Path, program: &str) -> Result<()> {
        let mut args: Vec<OsString> = ["--edition", "2024", "--crate-name", "program"]
            .map(OsString::from)
            .into();
        args.extend(["--cap-lints", "allow", "-C", "debuginfo=0", "main.rs"].map(OsString::from));
        args.extend(["-o".into(), program.into()]);
        match kind {
            Std::Real => args.extend(["--cfg".into(), "real".into()]),
            Std::Replaced => self.replaced(&mut args),
        }
        succeeds(
            run(&self.rustc, folder, args)?,
            "compiling generated programs",
        )
    }

    /// The options of an examined program.
    fn replaced(&self, args: &mut Vec<OsString>) {
        let symbol = &self.lang_start;
        for (name, library) in [("std", "lockstep_std"), ("core", "lockstep_core")] {
            let mut external = OsString::from(format!("{name}="));
            external.push(self.libraries.join(format!("lib{library}.rlib")));
            args.extend(["--extern".into(), external]);
        }
        let mut search = OsString::from("dependency=");
        search.push(self.libraries.join("deps"));
        args.extend(["-L".into(), search]);
        args.extend(["-C".into(), "passes=tsan".into()]);
        args.push(format!("-Clink-arg=-Wl,--wrap={symbol}").into());
        args.push(format!("-Clink-arg=-Wl,--defsym=__wrap_{symbol}=lockstep_lang_start").into());
    }
}

/// The symbol of the function that a program's `main` is handed to, as the
/// object file of an empty program names it.
fn lang_start(rustc: &Path, folder: &Path) -> Result<String> {
    let scratch = tempfile::tempdir_in(folder).context("cannot make a scratch folder")?;
    let folder = scratch.path();
    std::fs::write(folder.join("empty.rs"), "fn main() {}\n")
        .context("cannot write an empty program")?;
    let args = ["--edition", "2024", "--emit=obj", "empty.rs"];
    let compiled = run(rustc, folder, args.map(OsString::from).into())?;
    succeeds(compiled, "compiling an empty program")?;
    let bytes = std::fs::read(folder.join("empty.o")).context("rustc left no object file")?;
    let object = object::File::parse(&*bytes).context("cannot read rustc's object file")?;
    let names = object.symbols().filter(|symbol| symbol.is_undefined());
    let mut names = names.filter_map(|symbol| symbol.name().ok());
    let name = names.find(|name| name.contains("lang_start_internal"));
    Ok(name
        .context("this std starts programs in an unknown way; use Rust 1.95")?
        .to_owned())
}

/// Runs a part of the toolchain.
fn run(program: &Path, folder: &Path, args: Vec<OsString>) -> Result<Ended> {
    let mut job = Job::new(program, folder);
    job.args = args;
    job.env = [
        "PATH",
        "HOME",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "TMPDIR",
    ]
    .into_iter()
    .filter_map(|name| Some((name.into(), std::env::var_os(name)?)))
    .collect();
    job.limits = Limits {
        wall: Duration::from_secs(1800),
        cpu_seconds: 1800,
        memory_bytes: 8 << 30,
        output_bytes: 256 << 20,
        kept_bytes: 1 << 20,
        open_files: 4096,
        file_bytes: 1 << 30,
        ..Limits::default()
    };
    Ok(sandbox::run(&job, &[])?)
}

fn succeeds(ended: Ended, what: &str) -> Result<()> {
    ensure!(
        ended.how == How::Exited(0),
        "{what} failed ({}):\n{}",
        ended.how,
        ended.stderr.text()
    );
    Ok(())
}

/// A program that is looked up in `PATH`.
fn in_path(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(name));
    let found = candidates.find(|candidate| candidate.is_file());
    let found = found.with_context(|| format!("there is no `{name}` in PATH; install Rust"))?;
    std::path::absolute(&found).with_context(|| format!("cannot use {}", found.display()))
}
