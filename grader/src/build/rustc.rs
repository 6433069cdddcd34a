//! rustc's command lines.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::support::Support;
use crate::home;
use crate::process::{Confined, Limits};

/// What every compilation of a submission shares: paths are relative to the
/// scratch copy, so that diagnostics and panics name `src/lib.rs` and nothing
/// of the machine, and an overflow panics.
fn common(support: &Support, folder: &Path, name: &str, edition: &str) -> Confined {
    let mut command = Confined::new(&support.toolchain.rustc, folder, Limits::COMPILER);
    let crate_name = name.replace('-', "_");
    command
        .args([
            "--edition",
            edition,
            "--error-format=json",
            "-C",
            "debug-assertions=on",
            "--crate-name",
        ])
        .arg(&crate_name)
        .compiles(readable(support))
        .envs(home::linking_environment())
        // What Cargo tells a crate of itself, for `env!` in usage lines.
        .env("CARGO_PKG_NAME", name)
        .env("CARGO_PKG_VERSION", "0.1.0")
        .env("CARGO_CRATE_NAME", &crate_name)
        .env("CARGO_BIN_NAME", name);
    command
}

/// Has places in std's sources, which a panic in generic code of it tells, name no folder
/// of this machine's.
fn places_of_std(command: &mut Confined, support: &Support) {
    if let Some(sysroot) = support.toolchain.rustc.parent().and_then(Path::parent) {
        let mut remap = OsString::from("--remap-path-prefix=");
        remap.push(sysroot.join("lib/rustlib/src/rust/library"));
        remap.push("=library");
        command.arg(remap);
    }
}

/// What a compiler of submissions reads besides them: its own parts, the
/// libraries, and the linker where that is none of the system's.
fn readable(support: &Support) -> Vec<PathBuf> {
    let sysroot = support.toolchain.rustc.parent().and_then(Path::parent);
    let own = [sysroot, Some(&support.made.folder)].into_iter().flatten();
    own.map(Path::to_owned)
        .chain(home::linker_elsewhere())
        .collect()
}

/// The edition of submissions and of checks.
pub(super) const EDITION: &str = "2024";

/// A crate that is compiled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crate<'a> {
    /// Its package's name.
    pub(super) name: &'a str,
    /// Its edition.
    pub(super) edition: &'a str,
    /// Whether it may have unsafe code.
    pub(super) unsafe_allowed: bool,
}

/// The kind of a crate, as rustc calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CrateType {
    /// A library.
    Lib,
    /// A program.
    Bin,
}

impl CrateType {
    fn name(self) -> &'static str {
        match self {
            CrateType::Lib => "lib",
            CrateType::Bin => "bin",
        }
    }

    /// The file that tells what it becomes against the replaced std.
    pub(super) fn mir(self) -> &'static str {
        match self {
            CrateType::Lib => "library.mir",
            CrateType::Bin => "program.mir",
        }
    }

    /// The source file that it begins with.
    pub(super) fn entry(self) -> &'static str {
        match self {
            CrateType::Lib => "src/lib.rs",
            CrateType::Bin => "src/main.rs",
        }
    }
}

/// Whether lints may fail a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lints {
    /// They may, which `-F unsafe_code` needs.
    Heard,
    /// They may not: how strict an author is with themselves is no fault.
    Silenced,
}

/// How far a compilation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Until the crate is known to be right.
    Check,
    /// Until there is code of it, which shows the faults of constants and
    /// generics that only come up then.
    Code,
}

/// Which checks a compiler makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checks {
    /// Those that it makes for everybody.
    Usual,
    /// Those of the type checker that is to come, which leaves fewer holes open.
    Sound,
}

/// What has rustc make the checks of [`Checks::Sound`].
pub(super) const SOUND: [&str; 1] = ["-Znext-solver=globally"];

/// Has rustc do what is not for everybody yet. The crate gets none of that.
fn ahead(command: &mut Confined, flags: &[&str]) {
    command
        .arg("-Zallow-features=")
        .args(flags)
        .env("RUSTC_BOOTSTRAP", "1");
}

/// How strict a compilation is.
fn strict(command: &mut Confined, krate: Crate<'_>, (lints, checks): (Lints, Checks)) {
    if checks == Checks::Sound {
        ahead(command, &SOUND);
    }
    command.args(["-A", "warnings"]);
    if !krate.unsafe_allowed {
        command.args(["-F", "unsafe_code"]);
    }
    if lints == Lints::Silenced {
        command.args(["--cap-lints", "allow"]);
    }
}

/// Which std a part of a crate is compiled against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Std {
    /// The compiler's.
    Real,
    /// The simulation's.
    Replaced,
}

impl Std {
    /// The file that tells what a part reads while it is compiled.
    pub(super) fn dep_info(self, part: CrateType) -> &'static str {
        match (self, part) {
            (Std::Real, CrateType::Lib) => "real-lib.d",
            (Std::Real, CrateType::Bin) => "real-bin.d",
            (Std::Replaced, CrateType::Lib) => "replaced-lib.d",
            (Std::Replaced, CrateType::Bin) => "replaced-bin.d",
        }
    }
}

/// What [`check`] leaves of a library, for its program. rustc takes only files
/// for libraries that are called like one.
pub(super) const REAL_LIBRARY: &str = "libreal-lib.rmeta";

/// Checks a crate against the real std and tells what it reads, in [`Std::dep_info`].
pub(super) fn check(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    kind: CrateType,
    library: Option<&Path>,
    (depth, lints, checks): (Depth, Lints, Checks),
) -> Confined {
    let mut command = common(support, folder, krate.name, krate.edition);
    let kind_name = kind.name();
    command.args([
        "--crate-type",
        kind_name,
        "-C",
        &format!("metadata={kind_name}"),
    ]);
    let code = match depth {
        Depth::Check => String::new(),
        Depth::Code => format!(",obj=real-{kind_name}.o"),
    };
    let dep_info = Std::Real.dep_info(kind);
    command.args([&format!(
        "--emit=metadata=libreal-{kind_name}.rmeta,dep-info={dep_info}{code}"
    )]);
    strict(&mut command, krate, (lints, checks));
    if let Some(library) = library {
        command
            .arg("--extern")
            .arg(external(&krate.name.replace('-', "_"), library));
    }
    command.arg(kind.entry());
    command
}

/// Has a part of a crate that is accepted written down with all macros expanded, to
/// `output`, for [`attributes`](super::attributes).
pub(super) fn expanded(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    kind: CrateType,
    with: (Std, Option<&Path>),
    output: &str,
) -> Confined {
    written(support, folder, krate, kind, with, (&EXPANDED, output))
}

/// Has rustc write a part of a crate down, as `-Zunpretty` among these flags says, as it is
/// against the replaced std.
pub(super) fn graphs(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    kind: CrateType,
    library: Option<&Path>,
    output: &str,
) -> Confined {
    let with = (Std::Replaced, library);
    let mut command = written(support, folder, krate, kind, with, (&GRAPHS, output));
    if kind == CrateType::Bin {
        simulated_start(&mut command, support);
    }
    command
}

fn written(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    kind: CrateType,
    (against, library): (Std, Option<&Path>),
    (flags, output): (&[&str], &str),
) -> Confined {
    let mut command = common(support, folder, krate.name, krate.edition);
    command.args(["--crate-type", kind.name(), "--cap-lints", "allow"]);
    ahead(&mut command, flags);
    if against == Std::Replaced {
        replaced_std(&mut command, support);
    }
    if let Some(library) = library {
        command
            .arg("--extern")
            .arg(external(&krate.name.replace('-', "_"), library));
    }
    command.args(["-o", output, kind.entry()]);
    command
}

/// What has rustc write a crate down with all macros expanded.
pub(super) const EXPANDED: [&str; 1] = ["-Zunpretty=expanded"];

/// What has rustc write the graphs of a crate's functions, with the whole of the types in
/// their names.
pub(super) const GRAPHS: [&str; 3] = ["-Zunpretty=mir-cfg", INTERNAL[0], SOUND[0]];

/// Compiles (and, a program, links) a crate against the real std, to be run on
/// the real system; leaves `output`.
pub(super) fn real(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    kind: CrateType,
    library: Option<&Path>,
    output: &str,
) -> Confined {
    let mut command = common(support, folder, krate.name, krate.edition);
    places_of_std(&mut command, support);
    let kind_name = kind.name();
    command.args(["--crate-type", kind_name, "--cap-lints", "allow"]);
    command.args(["-C", &format!("metadata={kind_name}"), "-C", "debuginfo=0"]);
    command.args([&format!("--emit=link={output}"), kind.entry()]);
    if let Some(library) = library {
        command
            .arg("--extern")
            .arg(external(&krate.name.replace('-', "_"), library));
    }
    command
}

/// What has rustc tell the whole of each type, and nothing of what is in statics.
pub(super) const INTERNAL: [&str; 2] = ["-Zverbose-internals", "-Zdump-mir-exclude-alloc-bytes"];

/// Compiles a part of a crate against the replaced std, and links it if it is a program;
/// leaves `output`, what the part reads in [`Std::dep_info`], and its MIR in
/// [`CrateType::mir`], in internal names, for [`soundness`](super::soundness).
///
/// This is what is examined, so it is as strict as [`check`]: macros and types may be
/// others against the real std.
pub(super) fn replaced(
    support: &Support,
    folder: &Path,
    krate: Crate<'_>,
    part: CrateType,
    (library, output): (Option<&Path>, &str),
    how: (Lints, Checks),
) -> Confined {
    let mut command = common(support, folder, krate.name, krate.edition);
    let kind = part.name();
    command.args(["--crate-type", kind, "-C", &format!("metadata={kind}")]);
    let (dep_info, mir) = (Std::Replaced.dep_info(part), part.mir());
    command.args([
        &format!("--emit=link={output},dep-info={dep_info},mir={mir}"),
        part.entry(),
    ]);
    places_of_std(&mut command, support);
    ahead(&mut command, &INTERNAL);
    strict(&mut command, krate, how);
    if let Some(library) = library {
        command
            .arg("--extern")
            .arg(external(&krate.name.replace('-', "_"), library));
    }
    replaced_std(&mut command, support);
    if part == CrateType::Bin {
        simulated_start(&mut command, support);
    }
    command
}

/// Compiles and links the scenarios of an exercise with a submission's
/// library, and with their driver where they have one.
pub(super) fn scenarios(
    support: &Support,
    folder: &Path,
    checks: &Path,
    libraries: &[(&str, &Path)],
    output: &str,
) -> Confined {
    let mut command = of_a_check(support, folder, checks, "scenarios", "scenarios.rs");
    // Generic functions of the submission's are compiled here.
    ahead(&mut command, &SOUND);
    command.args([
        "--crate-type",
        "bin",
        // Checks of the scenarios' own arithmetic would only cost time: they
        // are what every submission is compiled with.
        "-C",
        "debug-assertions=off",
        &format!("--emit=link={output}"),
    ]);
    for (name, library) in libraries {
        command.arg("--extern").arg(external(name, library));
        command.reads(library);
    }
    replaced_std(&mut command, support);
    simulated_start(&mut command, support);
    command
}

/// Compiles the driver of an exercise's scenarios, a library.
pub(super) fn driver(
    support: &Support,
    folder: &Path,
    checks: &Path,
    crate_name: &str,
    output: &str,
) -> Confined {
    let mut command = of_a_check(support, folder, checks, crate_name, "driver.rs");
    command.args(["--crate-type", "lib", &format!("--emit=link={output}")]);
    replaced_std(&mut command, support);
    command.args(["-C", "opt-level=2"]);
    command
}

/// What every crate of a check is compiled with that runs in the simulation.
/// Its places read `check/FILE`.
fn of_a_check(
    support: &Support,
    folder: &Path,
    checks: &Path,
    crate_name: &str,
    file: &str,
) -> Confined {
    let mut command = common(support, folder, crate_name, EDITION);
    let mut remap = OsString::from("--remap-path-prefix=");
    remap.push(checks);
    remap.push("=check");
    command.args(["--cap-lints", "allow"]);
    command.arg(remap).arg(checks.join(file)).reads(checks);
    command
        .arg("--extern")
        .arg(external("sim", &support.made.sim));
    command
}

/// Compiles and links a judge, with the real std.
pub(super) fn judge(support: &Support, checks: &Path, output: &Path) -> Confined {
    let mut command = Confined::new(&support.toolchain.rustc, checks, Limits::COMPILER);
    command.args([
        "--edition",
        "2024",
        "--crate-type",
        "bin",
        "--crate-name",
        "judge_of_an_exercise",
    ]);
    command
        .args([
            "--cap-lints",
            "allow",
            "-C",
            "opt-level=2",
            "judge.rs",
            "-o",
        ])
        .arg(output);
    command
        .arg("--extern")
        .arg(external("judge", &support.made.judge));
    dependencies(&mut command, support);
    command.envs(home::build_environment());
    command
}

fn replaced_std(command: &mut Confined, support: &Support) {
    command.args([
        "-C",
        "overflow-checks=on",
        "-C",
        "opt-level=0",
        "-C",
        "debuginfo=0",
        // The counts of `Arc` are atomics in code that is compiled here: this
        // pass makes their uses calls, which the simulation answers.
        "-C",
        "passes=tsan",
    ]);
    command
        .arg("--extern")
        .arg(external("std", &support.made.std))
        .arg("--extern")
        .arg(external("core", &support.made.core));
    dependencies(command, support);
}

/// Has the simulation take the place of the function that runs `main`.
fn simulated_start(command: &mut Confined, support: &Support) {
    let symbol = &support.made.lang_start;
    command.args(["-C", &format!("link-arg=-Wl,--wrap={symbol}")]);
    command.args([
        "-C",
        &format!("link-arg=-Wl,--defsym=__wrap_{symbol}=lockstep_lang_start"),
    ]);
}

fn dependencies(command: &mut Confined, support: &Support) {
    let mut search = OsString::from("dependency=");
    search.push(&support.made.folder);
    command.arg("-L").arg(search);
}

fn external(name: &str, library: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push("=");
    argument.push(library);
    argument
}
