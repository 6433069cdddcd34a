//! A submission, from vetted sources to the program that is examined.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::rustc::{self, Checks, Crate, CrateType, Depth, EDITION, Lints, Std};
use super::{Alone, Built, Support, Unbuilt, attributes, depinfo, implied, soundness};
use crate::course::{Exercise, Kind, Start};
use crate::grading::Slots;
use crate::home::{self, Home};
use crate::process::{Confined, Finished};
use crate::submission::{Sources, read_up_to};

/// What the compiler and its parts say when they are given no more memory.
const NO_MEMORY: [&str; 3] = [
    "memory allocation of",
    "LLVM ERROR: out of memory",
    "Cannot allocate memory",
];

/// What is said of a linker that was killed, or could not write what it had mapped:
/// neither is a crate's doing.
const ENDED_LINKER: [&str; 7] = [
    "terminated with signal 9",
    "terminated with signal 7",
    "failed: signal: 9",
    "failed: signal: 7",
    "unable to execute command: Killed",
    "Disk quota exceeded",
    "No space left on device",
];

/// The exit code of a compiler that has found errors, and told of all of them.
const FAILED: i32 = 1;

/// Bytes that have to be left on the disk for what a compiler says to be believed.
const ROOM: u64 = 64 << 20;

/// What a submission's program is called, and what is made of scenarios and its
/// library. The system shows these names.
const PROGRAM: &str = "examined";
const SCENARIOS: &str = "examined-calls";

/// The same with the real std.
const REAL_PROGRAM: &str = "real";
/// The library that this is linked with, where the crate has one.
const REAL_LIBRARY: &str = "libreal.rlib";

/// What a part of a submission is with all macros expanded.
const EXPANDED: &str = "expanded.rs";
/// The graphs of a part's functions.
const GRAPHS: &str = "graphs.dot";

/// A step of a build: the inner error is the submission's, the outer one the
/// grader's.
type Step<T> = Result<Result<T, Unbuilt>>;

/// Passes an [`Unbuilt`] on, as `?` passes errors on.
macro_rules! built {
    ($step:expr) => {
        match $step? {
            Ok(value) => value,
            Err(unbuilt) => return Ok(Err(unbuilt)),
        }
    };
}

/// What a submission is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// For the simulation.
    Simulation,
    /// For the real system, too.
    System,
}

/// Builds a submission: what its exercise's checks start.
pub(crate) fn submission(
    home: &Home,
    support: &Support,
    slots: &Slots,
    exercise: &Exercise,
    driver: Option<&Path>,
    (sources, wanted): (&Sources, Wanted),
) -> Step<Built> {
    let scratch = home.scratch()?;
    sources.write(scratch.path())?;
    let rubric = &exercise.gradable()?.rubric;
    let seen = implied::Sources::of(sources.files());
    let build = Build {
        home,
        support,
        slots,
        krate: Crate {
            name: &exercise.name,
            edition: EDITION,
            unsafe_allowed: false,
        },
        folder: scratch.path(),
        has_library: rubric.kind == Kind::Library || sources.has(CrateType::Lib.entry()),
        unsafe_is_said: attributes::may_be_in(sources.files()),
        seen: &seen,
    };
    if build.has_library
        && sources.has(CrateType::Bin.entry())
        && let Some(why) = attributes::macros_refused(sources.files())
    {
        return Ok(Err(Unbuilt::Refused(why)));
    }
    let (scenarios, program) = match rubric.kind {
        Kind::Program => {
            let none = "a program has no scenarios".to_owned();
            (Err(none), Ok(built!(build.program())))
        }
        Kind::Library => {
            let library = built!(build.both(CrateType::Lib));
            let scenarios = Scenarios {
                build,
                exercise,
                driver,
            };
            // Neither needs the other, so they are made at the same time.
            let (scenarios, program) = together(
                || scenarios.made(&library),
                || match rubric.needs(Start::Program) {
                    true => build.program_beside(sources),
                    false => Ok(Ok(Err("no check starts its program".to_owned()))),
                },
            );
            (Ok(built!(scenarios)), built!(program))
        }
    };
    let real = match (&program, wanted) {
        (Ok(_), Wanted::System) => Some(built!(build.linked())),
        (Err(_), _) | (_, Wanted::Simulation) => None,
    };
    Ok(Ok(Built {
        scenarios,
        program,
        real,
        _scratch: scratch,
    }))
}

/// Builds a program that belongs to no exercise.
pub(crate) fn alone(
    home: &Home,
    support: &Support,
    slots: &Slots,
    (name, edition): (&str, &str),
    sources: &Sources,
) -> Step<Alone> {
    let scratch = home.scratch()?;
    sources.write(scratch.path())?;
    let seen = implied::Sources::default();
    let build = Build {
        home,
        support,
        slots,
        krate: Crate {
            name,
            edition,
            unsafe_allowed: true,
        },
        folder: scratch.path(),
        has_library: sources.has(CrateType::Lib.entry()),
        unsafe_is_said: true,
        seen: &seen,
    };
    let program = built!(build.program());
    Ok(Ok(Alone {
        program,
        _scratch: scratch,
    }))
}

/// Has what was linked be a program that can be run: a linker in layers without
/// namespaces cannot set the mode of a file.
fn runnable(made: PathBuf) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&made, mode)
        .with_context(|| format!("cannot make {} a program", made.display()))?;
    Ok(made)
}

/// A text with names in the place of folders, the first of these that fits; by
/// whatever way it leads there. Where std's sources are not on this machine, they
/// have the place that they were built in.
fn impersonal(text: &str, folders: &[(PathBuf, &str)]) -> String {
    let mut text = text.to_owned();
    for (folder, name) in folders {
        let real = folder.canonicalize().ok();
        for path in [Some(folder), real.as_ref()].into_iter().flatten() {
            // A folder as short as `/` is in every path.
            if let Some(path) = path.to_str().filter(|path| path.len() > 1) {
                text = replaced_folder(&text, path, name);
            }
        }
    }
    without_builds(&text)
}

/// A text with a name in the place of a folder, where it stands as a whole.
fn replaced_folder(text: &str, folder: &str, name: &str) -> String {
    let folder = folder.trim_end_matches('/');
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(folder) {
        let (before, from) = rest.split_at(at);
        let after = &from[folder.len()..];
        let is_part = |char: char| char.is_alphanumeric() || "_-".contains(char);
        let whole = !after.starts_with(is_part)
            && !before.ends_with(|char: char| is_part(char) || "./".contains(char));
        replaced.push_str(before);
        replaced.push_str(if whole { name } else { folder });
        rest = after;
    }
    replaced + rest
}

/// A text with `library/...` in the place of `/rustc/HASH/library/...`.
fn without_builds(text: &str) -> String {
    let mut parts = text.split("/rustc/");
    let mut without = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('/') {
            Some((hash, rest)) if hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                without.push_str(rest);
            }
            _ => {
                without.push_str("/rustc/");
                without.push_str(part);
            }
        }
    }
    without
}

/// Does two things at the same time.
fn together<A, B: Send>(first: impl FnOnce() -> A, second: impl FnOnce() -> B + Send) -> (A, B) {
    std::thread::scope(|scope| {
        let second = scope.spawn(second);
        let first = first();
        let second = second.join();
        (
            first,
            second.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    })
}

#[derive(Clone, Copy)]
struct Build<'a> {
    home: &'a Home,
    support: &'a Support,
    slots: &'a Slots,
    krate: Crate<'a>,
    folder: &'a Path,
    /// Whether the program, if there is one, is linked with a library of the
    /// same crate.
    has_library: bool,
    /// Whether the word `unsafe` is in one of its sources.
    unsafe_is_said: bool,
    /// What else is in them.
    seen: &'a implied::Sources,
}

impl Build<'_> {
    /// The crate's program, with its library where it has one.
    fn program(&self) -> Step<PathBuf> {
        if self.has_library {
            built!(self.both(CrateType::Lib));
        }
        self.both(CrateType::Bin)
    }

    /// The program beside a library that is compiled already. What the compiler
    /// does not accept of it takes nothing from the library: the innermost
    /// error says why there is none.
    fn program_beside(&self, sources: &Sources) -> Step<Result<PathBuf, String>> {
        let entry = CrateType::Bin.entry();
        if !sources.has(entry) {
            return Ok(Ok(Err(format!(
                "there is no program to start: write {entry}"
            ))));
        }
        Ok(match self.both(CrateType::Bin)? {
            Ok(program) => Ok(Ok(program)),
            Err(Unbuilt::DoesNotCompile(words)) => {
                let why = "there is no program to start: it does not compile";
                Ok(Err(format!("{why}\n{words}")))
            }
            Err(refused) => Err(refused),
        })
    }

    /// Compiles a part of the crate against both; the real one's answer comes
    /// first. A program's library must have been compiled.
    fn both(&self, part: CrateType) -> Step<PathBuf> {
        // Neither compilation needs the other.
        let (checked, made) = together(|| self.real(part, Depth::Check), || self.replaced(part));
        built!(checked);
        built!(self.no_unsafe_attribute(part, Std::Real));
        match built!(made) {
            Ok(made) => {
                built!(self.no_unsafe_attribute(part, Std::Replaced));
                built!(self.no_believed_header(part));
                Ok(match self.unsound(part)? {
                    Some(why) => Err(Unbuilt::Refused(why)),
                    None => Ok(made),
                })
            }
            Err(words) => {
                // What the real std accepts, the replaced one must; but some
                // faults come up only when code is made.
                built!(self.real(part, Depth::Code));
                if part == CrateType::Bin {
                    built!(self.linked());
                }
                bail!("the simulation does not offer all that this crate uses yet:\n{words}");
            }
        }
    }

    /// Why what the compiler made of a part may not be graded, if it may not.
    fn unsound(&self, part: CrateType) -> Result<Option<String>> {
        if self.krate.unsafe_allowed {
            return Ok(None);
        }
        let mir = read_up_to(&self.folder.join(part.mir()), soundness::LIMIT + 1)?;
        let plain = depinfo::is_plain(&self.dep_info(part, Std::Replaced));
        let why = soundness::refusal(&mir, plain);
        Ok(why.or_else(|| implied::refusal_of_values(&mir, self.seen)))
    }

    /// Refuses a part for the header of an `impl` of its that the compiler believes too
    /// much of.
    fn no_believed_header(&self, part: CrateType) -> Step<()> {
        if self.krate.unsafe_allowed || !self.seen.headers {
            return Ok(Ok(()));
        }
        let replaced = self.replaced_library();
        let library = self.needs_library(part).then_some(replaced.as_path());
        let (support, folder, krate) = (self.support, self.folder, self.krate);
        let command = rustc::graphs(support, folder, krate, part, library, GRAPHS);
        built!(self.accepted(&self.run(&command)?));
        let graphs = read_up_to(&folder.join(GRAPHS), soundness::LIMIT + 1)?;
        Ok(match implied::refusal_of_headers(&graphs, self.seen) {
            Some(why) => Err(Unbuilt::Refused(why)),
            None => Ok(()),
        })
    }

    /// Refuses a part for what its macros have made it, where that is unsafe.
    fn no_unsafe_attribute(&self, part: CrateType, against: Std) -> Step<()> {
        if self.krate.unsafe_allowed || !self.unsafe_is_said {
            return Ok(Ok(()));
        }
        let replaced = self.replaced_library();
        let library = match against {
            Std::Real => self.library_of(part),
            Std::Replaced => self.needs_library(part).then_some(replaced.as_path()),
        };
        let (support, folder, krate) = (self.support, self.folder, self.krate);
        let with = (against, library);
        let command = rustc::expanded(support, folder, krate, part, with, EXPANDED);
        built!(self.accepted(&self.run(&command)?));
        let expanded = read_up_to(&folder.join(EXPANDED), attributes::LIMIT + 1)?;
        Ok(match attributes::refusal(&expanded) {
            Some(why) => Err(Unbuilt::Refused(why)),
            None => Ok(()),
        })
    }

    /// Whether a part of the crate is linked with its library.
    fn needs_library(&self, part: CrateType) -> bool {
        part == CrateType::Bin && self.has_library
    }

    /// The library, as it was checked, that a part of the crate needs.
    fn library_of(&self, part: CrateType) -> Option<&'static Path> {
        self.needs_library(part)
            .then(|| Path::new(rustc::REAL_LIBRARY))
    }

    /// Checks a part of the crate against the real std.
    fn real(&self, part: CrateType, depth: Depth) -> Step<()> {
        self.check(part, self.library_of(part), depth)
    }

    /// Links the program with the real std, which accepts it.
    fn linked(&self) -> Step<PathBuf> {
        let link = |part, library: Option<&Path>, output: &str| {
            let command = rustc::real(self.support, self.folder, self.krate, part, library, output);
            self.accepted(&self.run(&command)?)
        };
        let library = self.has_library.then_some(REAL_LIBRARY);
        if let Some(library) = library {
            built!(link(CrateType::Lib, None, library));
        }
        built!(link(CrateType::Bin, library.map(Path::new), REAL_PROGRAM));
        Ok(Ok(runnable(self.folder.join(REAL_PROGRAM))?))
    }

    fn check(&self, part: CrateType, library: Option<&Path>, depth: Depth) -> Step<()> {
        let compiled = |checks| {
            self.compiled(part, Std::Real, |lints| {
                let how = (depth, lints, checks);
                let (support, folder, krate) = (self.support, self.folder, self.krate);
                rustc::check(support, folder, krate, part, library, how)
            })
        };
        if self.krate.unsafe_allowed || depth == Depth::Code {
            return self.accepted(&built!(compiled(Checks::Usual)));
        }
        let sound = built!(compiled(Checks::Sound));
        if sound.succeeded() {
            return Ok(Ok(()));
        }
        // What its author reads is what the compiler says to everybody.
        built!(self.accepted(&built!(compiled(Checks::Usual))));
        Ok(Err(self.accepted_by_a_hole(&sound)?))
    }

    /// What is said of a part that only the usual checks accept, and not the sound ones.
    fn accepted_by_a_hole(&self, sound: &Finished) -> Result<Unbuilt> {
        let said = Said::read(&sound.stderr());
        if let Some(why) = self.fell_over(sound, &said)? {
            bail!("the compiler's checks of soundness came to no end: {why}");
        }
        Ok(Unbuilt::Refused(format!(
            "the compiler accepts this crate only because its type checker has holes \
             (rust-lang/rust#57893 is one); the one that is to come says:\n{}",
            self.impersonal(&said.words())
        )))
    }

    /// Runs a compilation of a part of the crate's, without lints where nothing but them
    /// failed it; refuses what the part reads, and unsafe code.
    fn compiled(
        &self,
        part: CrateType,
        against: Std,
        command: impl Fn(Lints) -> Confined,
    ) -> Step<Finished> {
        let finished = self.run(&command(Lints::Heard))?;
        let said = Said::read(&finished.stderr());
        let reads = depinfo::refusal(&self.dep_info(part, against));
        if let Some(why) = reads.or_else(|| said.unsafe_code()) {
            return Ok(Err(Unbuilt::Refused(why)));
        }
        // Only one that has said all that it has to say: what is cut off could be of
        // unsafe code.
        if finished.code() == Some(FAILED) && said.is_whole() && said.only_lints() {
            return Ok(Ok(self.run(&command(Lints::Silenced))?));
        }
        Ok(Ok(finished))
    }

    /// What a part of the crate reads, as its last compilation has told; written even
    /// where that failed, if it came that far.
    fn dep_info(&self, part: CrateType, against: Std) -> Vec<u8> {
        let file = self.folder.join(against.dep_info(part));
        read_up_to(&file, depinfo::LIMIT + 1).unwrap_or_default()
    }

    /// Whether the compiler accepted a crate that is the submission's alone.
    fn accepted(&self, finished: &Finished) -> Step<()> {
        if finished.succeeded() {
            return Ok(Ok(()));
        }
        let said = Said::read(&finished.stderr());
        if let Some(words) = self.fell_over(finished, &said)? {
            return Ok(Err(Unbuilt::DoesNotCompile(words)));
        }
        if let Some(file) = said.foreign_file().or_else(|| said.unreadable()) {
            return Ok(Err(Unbuilt::Refused(depinfo::refused_file(file))));
        }
        Ok(Err(Unbuilt::DoesNotCompile(self.impersonal(&said.words()))))
    }

    /// Why the compiler gave no answer, if it did not and that is the crate's
    /// doing: it took more than the compiler may have.
    fn fell_over(&self, finished: &Finished, said: &Said) -> Result<Option<String>> {
        let placeless = said.placeless();
        if finished.limit().is_none() && !placeless.is_empty() {
            if let Some(words) = ENDED_LINKER
                .iter()
                .find(|words| placeless.contains(**words))
            {
                bail!(
                    "the linker came to no end ({words}): the machine lacks memory, or room on its disk"
                );
            }
            self.compiler_works()?;
        }
        if !(said.crashed() || finished.code().is_none()) {
            return Ok(None);
        }
        let stderr = finished.stderr();
        let why = if let Some(why) = finished.starved() {
            bail!("the compiler came to no end: {why}");
        } else if let Some(limit) = finished.limit() {
            format!("the compiler was stopped: it needed more than {limit} for this crate")
        } else if NO_MEMORY.iter().any(|words| stderr.contains(words)) {
            let limit = finished.memory_limit();
            format!("the compiler was stopped: it needed more than {limit} for this crate")
        } else if finished.overflowed() || stderr.contains("overflowed its stack") {
            "the compiler's stack overflowed: something in this crate is nested or refers to itself \
             too deeply (an expression, a macro, a type, a constant)"
                .to_owned()
        } else {
            let why = said.crash().unwrap_or_else(|| finished.how());
            format!(
                "the compiler crashed on this crate: {}",
                self.impersonal(&why)
            )
        };
        // A compiler that cannot do anything says nothing about the crate.
        self.compiler_works()?;
        Ok(Some(why))
    }

    /// Whether the compiler can compile and link anything, and has room for more.
    fn compiler_works(&self) -> Result<()> {
        let scratch = self.home.scratch()?;
        home::has_room(scratch.path(), ROOM)?;
        let source = scratch.path().join("src");
        std::fs::create_dir(&source).context("cannot make a folder")?;
        for (entry, text) in [
            ("lib.rs", "pub fn nothing() {}\n"),
            ("main.rs", "fn main() {}\n"),
        ] {
            std::fs::write(source.join(entry), text).context("cannot write an empty crate")?;
        }
        let (support, folder, krate) = (self.support, scratch.path(), self.krate);
        let checks = (Depth::Code, Lints::Heard, Checks::Usual);
        let library = rustc::check(support, folder, krate, CrateType::Lib, None, checks);
        let program = rustc::real(support, folder, krate, CrateType::Bin, None, REAL_PROGRAM);
        for (done, command) in [("compile", library), ("link", program)] {
            let finished = self.run(&command)?;
            if !finished.succeeded() {
                bail!(
                    "the compiler cannot {done} an empty crate: it {} {}",
                    finished.how(),
                    self.impersonal(&finished.last_words())
                );
            }
        }
        Ok(())
    }

    /// A text of the compiler's without the paths of this machine.
    fn impersonal(&self, text: &str) -> String {
        let library = |path: &Path| path.join("lib/rustlib/src/rust/library");
        let sysroot = self.support.toolchain.rustc.parent().and_then(Path::parent);
        let paths = [
            (sysroot.map(library), "library"),
            (sysroot.map(Path::to_owned), "rust"),
            (Some(self.folder.to_owned()), "."),
            (Some(self.support.made.folder.clone()), "lockstep"),
            (Some(self.home.root().to_owned()), "lockstep"),
        ];
        let known = paths
            .into_iter()
            .filter_map(|(path, name)| Some((path?, name)));
        impersonal(text, &known.collect::<Vec<_>>())
    }

    /// The library, as it is compiled against the replaced std.
    fn replaced_library(&self) -> PathBuf {
        // The library and the program of one crate share its name; rustc finds
        // them apart by this file's name only.
        let name = self.krate.name.replace('-', "_");
        self.folder.join(format!("lib{name}.rlib"))
    }

    /// Compiles a part of the crate against the replaced std. The innermost error
    /// is what the compiler says if it cannot.
    fn replaced(&self, part: CrateType) -> Step<Result<PathBuf, String>> {
        let library = self.replaced_library();
        let made = match part {
            CrateType::Lib => library.clone(),
            CrateType::Bin => self.folder.join(PROGRAM),
        };
        let output = made.file_name().unwrap_or_default().to_string_lossy();
        let library = self.needs_library(part).then_some(library.as_path());
        let compiled = |checks| {
            self.compiled(part, Std::Replaced, |lints| {
                let with = (library, output.as_ref());
                let (support, folder, krate) = (self.support, self.folder, self.krate);
                rustc::replaced(support, folder, krate, part, with, (lints, checks))
            })
        };
        let checks = match self.krate.unsafe_allowed {
            true => Checks::Usual,
            false => Checks::Sound,
        };
        let finished = built!(compiled(checks));
        if finished.succeeded() {
            return Ok(Ok(Ok(runnable(made)?)));
        }
        // What took too much once would again.
        if checks == Checks::Sound
            && finished.limit().is_none()
            && built!(compiled(Checks::Usual)).succeeded()
        {
            return Ok(Err(self.accepted_by_a_hole(&finished)?));
        }
        Ok(Ok(Err(self.lacking(&finished))))
    }

    /// What the replaced std lacks, in the compiler's words.
    fn lacking(&self, finished: &Finished) -> String {
        let words = match finished.limit() {
            Some(limit) => format!("the compiler needed more than {limit}"),
            None => Said::read(&finished.stderr()).words(),
        };
        self.impersonal(&words)
    }

    fn run(&self, command: &Confined) -> Result<Finished> {
        let _slot = self.slots.take();
        command.run()
    }
}

/// The scenarios of an exercise, for a library of it.
struct Scenarios<'a> {
    build: Build<'a>,
    exercise: &'a Exercise,
    driver: Option<&'a Path>,
}

impl Scenarios<'_> {
    /// Links the scenarios with the submission's library.
    fn made(&self, library: &Path) -> Step<PathBuf> {
        let finished = self.link(self.build.folder, library)?;
        if finished.succeeded() {
            return Ok(Ok(runnable(self.build.folder.join(SCENARIOS))?));
        }
        // Either this library is not what the contract says, or the scenarios
        // are at fault; the starter, whose interface is the contract's, tells.
        self.starter_links()
            .context("the scenarios do not compile, not even with the starter")?;
        let said = Said::read(&finished.stderr());
        let words = match self.build.fell_over(&finished, &said)? {
            Some(words) => words,
            None => self.build.impersonal(&said.misfits()),
        };
        Ok(Err(Unbuilt::DoesNotCompile(words)))
    }

    fn link(&self, folder: &Path, library: &Path) -> Result<Finished> {
        let checks = &self.exercise.gradable()?.folder;
        let (crate_name, driver_name) = (self.exercise.crate_name(), self.exercise.driver_name());
        let mut libraries = vec![(crate_name.as_str(), library)];
        libraries.extend(self.driver.map(|driver| (driver_name.as_str(), driver)));
        self.build.run(&rustc::scenarios(
            self.build.support,
            folder,
            checks,
            &libraries,
            SCENARIOS,
        ))
    }

    fn starter_links(&self) -> Result<()> {
        let scratch = self.build.home.scratch()?;
        let sources = Sources::read(&self.exercise.folder, Kind::Library)??;
        sources.write(scratch.path())?;
        let starter = Build {
            folder: scratch.path(),
            ..self.build
        };
        let library = match starter.replaced(CrateType::Lib)? {
            Ok(Ok(library)) => library,
            Ok(Err(words)) | Err(Unbuilt::Refused(words) | Unbuilt::DoesNotCompile(words)) => {
                bail!("{words}")
            }
        };
        let finished = self.link(scratch.path(), &library)?;
        if !finished.succeeded() {
            bail!("{}", Said::read(&finished.stderr()).words());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_this_machine_have_names_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        let way = folder.path().join("way");
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &way).unwrap();
        let folders = [(way.clone(), "."), (PathBuf::from("/"), "never")];
        let (real, way) = (real.display(), way.display());
        let table = [
            (
                format!("in {way}/src/lib.rs:1"),
                "in ./src/lib.rs:1".to_owned(),
            ),
            (format!("in `{real}`"), "in `.`".to_owned()),
            (format!("{way}-2/x {way}."), format!("{way}-2/x ..")),
            (
                "--> /rustc/01ab/library/core/src/a.rs:1".to_owned(),
                "--> library/core/src/a.rs:1".to_owned(),
            ),
            ("/rustc/xyz/b 1/2".to_owned(), "/rustc/xyz/b 1/2".to_owned()),
        ];
        for (text, expected) in table {
            assert_eq!(impersonal(&text, &folders), expected);
        }
    }
}
