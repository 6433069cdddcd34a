//! The compiler, the libraries of both stds, and the command lines.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use object::{Object as _, ObjectSymbol as _};
use sandbox::{Ended, How, Job, Limits};
use serde::Deserialize;

/// Which std a program is compiled against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Std {
    /// The toolchain's.
    Real,
    /// The simulation's face.
    Replaced,
}

impl Std {
    fn name(self) -> &'static str {
        match self {
            Std::Real => "real",
            Std::Replaced => "replaced",
        }
    }
}

/// Whether tests that take long are told to make themselves short. They do so
/// for Miri, which is an interpreter and slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Short {
    Yes,
    No,
}

/// What compiling and running takes.
#[derive(Debug)]
pub(crate) struct Toolchain {
    rustc: PathBuf,
    /// Where the toolchain's sources and documentation are.
    pub(crate) sysroot: PathBuf,
    /// Where the libraries lie that Cargo made.
    libraries: PathBuf,
    /// Where the libraries lie that were made here.
    made: PathBuf,
    /// The function of std that runs `main`.
    lang_start: String,
}

/// Small libraries that the tests need, and whether their own std is the
/// tested one.
const HARNESS: [(&str, &str); 3] = [
    ("conformance_std", include_str!("../harness/std.rs")),
    ("rand", include_str!("../harness/rand.rs")),
    ("rand_xorshift", include_str!("../harness/rand_xorshift.rs")),
];

impl Toolchain {
    /// Finds the compiler and builds the libraries, in a folder that is kept.
    pub(crate) fn ready(folder: &Path) -> Result<Toolchain> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let made = folder.join("harness");
        std::fs::create_dir_all(&made)
            .with_context(|| format!("cannot make the folder {}", made.display()))?;
        let rustc = in_path("rustc")?;
        let asked = run(&rustc, root, &["--print".into(), "sysroot".into()])?;
        let sysroot = PathBuf::from(asked.stdout.text().trim());
        let mut args: Vec<OsString> = ["build", "--quiet", "--profile", "support", "--package"]
            .map(OsString::from)
            .into();
        args.extend(
            ["lockstep-std", "--package", "lockstep-core", "--target-dir"].map(OsString::from),
        );
        args.push(folder.join("libraries").into());
        let built = run(&in_path("cargo")?, root, &args)?;
        ensure!(
            built.how == How::Exited(0),
            "the simulation's libraries do not build:\n{}",
            built.stderr.text()
        );
        let mut toolchain = Toolchain {
            rustc,
            sysroot,
            libraries: folder.join("libraries/support"),
            made,
            lang_start: String::new(),
        };
        toolchain.lang_start = toolchain.lang_start()?;
        for kind in [Std::Real, Std::Replaced] {
            for (name, text) in HARNESS {
                toolchain.harness(kind, name, text)?;
            }
        }
        Ok(toolchain)
    }

    /// The symbol of the function that a program's `main` is handed to, as the
    /// object file of an empty program names it.
    fn lang_start(&self) -> Result<String> {
        write(&self.made.join("empty.rs"), "fn main() {}\n")?;
        let args = [
            "--edition",
            "2024",
            "--emit=obj",
            "empty.rs",
            "-o",
            "empty.o",
        ];
        let ended = run(&self.rustc, &self.made, &args.map(OsString::from))?;
        ensure!(
            ended.how == How::Exited(0),
            "an empty program does not compile"
        );
        let bytes =
            std::fs::read(self.made.join("empty.o")).context("rustc left no object file")?;
        let object = object::File::parse(&*bytes).context("cannot read rustc's object file")?;
        let names = object.symbols().filter(|symbol| symbol.is_undefined());
        let mut names = names.filter_map(|symbol| symbol.name().ok());
        let name = names.find(|name| name.contains("lang_start_internal"));
        Ok(name
            .context("this std starts programs in an unknown way; use Rust 1.95")?
            .to_owned())
    }

    /// Makes one of the small libraries.
    fn harness(&self, kind: Std, name: &str, text: &str) -> Result<()> {
        let folder = self.made.join(kind.name());
        let source = folder.join(format!("{name}.rs"));
        write(&source, text)?;
        let mut args: Vec<OsString> = [
            "--edition",
            "2024",
            "--crate-type",
            "lib",
            "--cap-lints",
            "allow",
        ]
        .map(OsString::from)
        .into();
        args.extend(["--crate-name".into(), name.into(), source.into()]);
        if name == "conformance_std" && kind == Std::Replaced {
            args.extend(self.external("std", &self.library("lockstep_std")));
        }
        if name == "rand_xorshift" {
            args.extend(self.external("rand", &folder.join("librand.rlib")));
        }
        args.extend(self.search(kind));
        let ended = run(&self.rustc, &folder, &args)?;
        if ended.how != How::Exited(0) {
            bail!(
                "the library {name} does not compile:\n{}",
                ended.stderr.text()
            );
        }
        Ok(())
    }

    fn library(&self, name: &str) -> PathBuf {
        self.libraries.join(format!("lib{name}.rlib"))
    }

    fn external(&self, name: &str, path: &Path) -> [OsString; 2] {
        let mut argument = OsString::from(name);
        argument.push("=");
        argument.push(path);
        ["--extern".into(), argument]
    }

    fn search(&self, kind: Std) -> Vec<OsString> {
        let folders = [self.libraries.join("deps"), self.made.join(kind.name())];
        let mut args = Vec::new();
        for folder in folders {
            let mut argument = OsString::from("dependency=");
            argument.push(folder);
            args.extend(["-L".into(), argument]);
        }
        args
    }

    /// Compiles `main.rs` in a folder: to a program of this name, or without
    /// one only to see whether it compiles. Gives the errors.
    pub(crate) fn compile(
        &self,
        kind: Std,
        folder: &Path,
        edition: &str,
        short: Short,
        program: Option<&str>,
    ) -> Result<Vec<Complaint>> {
        let mut args: Vec<OsString> = [
            "--crate-type",
            "bin",
            "--crate-name",
            "tests",
            "--cap-lints",
        ]
        .map(OsString::from)
        .into();
        args.extend(["allow", "--error-format=json", "-Cdebug-assertions=on"].map(OsString::from));
        args.extend(["--edition".into(), edition.into(), "main.rs".into()]);
        match program {
            Some(program) => args.extend(["-o".into(), program.into()]),
            None => args.push("--emit=metadata=checked.rmeta".into()),
        }
        if short == Short::Yes {
            args.extend(
                ["--cfg", "miri", "-A", "explicit_builtin_cfgs_in_flags"].map(OsString::from),
            );
        }
        let made = self.made.join(kind.name());
        for (name, file) in [
            ("std", "libconformance_std.rlib"),
            ("rand", "librand.rlib"),
            ("rand_xorshift", "librand_xorshift.rlib"),
        ] {
            args.extend(self.external(name, &made.join(file)));
        }
        if kind == Std::Replaced {
            // Tests that take long make themselves short for Miri, another
            // interpreter; what Miri cannot do, the simulation may.
            args.extend(self.external("core", &self.library("lockstep_core")));
            let symbol = &self.lang_start;
            args.push(format!("-Clink-arg=-Wl,--wrap={symbol}").into());
            args.push(
                format!("-Clink-arg=-Wl,--defsym=__wrap_{symbol}=lockstep_lang_start").into(),
            );
        }
        args.extend(self.search(kind));
        let ended = run(&self.rustc, folder, &args)?;
        let words = ended.stderr.text();
        let complaints: Vec<Complaint> = words
            .lines()
            .filter_map(|line| serde_json::from_str::<Complaint>(line).ok())
            .filter(|complaint| complaint.level.starts_with("error"))
            .collect();
        ensure!(
            (ended.how == How::Exited(0)) == complaints.is_empty(),
            "rustc {} without a reason: {words}",
            ended.how
        );
        Ok(complaints)
    }
}

/// An error of the compiler's.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Complaint {
    pub(crate) message: String,
    level: String,
    code: Option<Code>,
    spans: Vec<Span>,
    pub(crate) rendered: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Code {
    code: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Expansion {
    span: Span,
}

impl Complaint {
    /// The feature that is missing, when it is about something unstable.
    pub(crate) fn feature(&self) -> Option<&str> {
        let unstable = self.code.as_ref().is_some_and(|code| code.code == "E0658");
        let words = unstable.then_some(self.message.as_str())?;
        Some(words.split('`').nth(1).unwrap_or(words))
    }

    /// Line and column of what it is about in that file, the calls of macros
    /// included that it came from.
    pub(crate) fn place(&self, file: &str) -> Option<(usize, usize)> {
        let primary = self.spans.iter().filter(|span| span.is_primary);
        let mut others = self.spans.iter().filter(|span| !span.is_primary);
        primary
            .filter_map(|span| span.place(file))
            .next()
            .or_else(|| others.find_map(|span| span.place(file)))
    }
}

impl Span {
    fn place(&self, file: &str) -> Option<(usize, usize)> {
        if self.file_name.ends_with(file) {
            return Some((self.line_start, self.column_start));
        }
        self.expansion.as_ref()?.span.place(file)
    }
}

/// Runs a part of the toolchain.
fn run(program: &Path, folder: &Path, args: &[OsString]) -> Result<Ended> {
    let mut job = Job::new(program, folder);
    job.args = args.to_vec();
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
        idle: None,
        cpu_seconds: 1800,
        memory_bytes: 8 << 30,
        output_bytes: 256 << 20,
        kept_bytes: 32 << 20,
        open_files: 4096,
        file_bytes: 1 << 30,
        processes: None,
    };
    Ok(sandbox::run(&job, &[])?)
}

/// A program that is looked up in `PATH`.
fn in_path(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = std::env::split_paths(&path).map(|folder| folder.join(name));
    let found = candidates.find(|candidate| candidate.is_file());
    let found = found.with_context(|| format!("there is no `{name}` in PATH; install Rust"))?;
    std::path::absolute(&found).with_context(|| format!("cannot use {}", found.display()))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(context)?;
    }
    std::fs::write(path, text).with_context(context)
}
