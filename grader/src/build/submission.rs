//! A submission, from vetted sources to the program that is examined.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::rustc::{self, Crate, CrateType, Depth, EDITION, Lints};
use super::{Built, Support, Unbuilt, depinfo};
use crate::course::{Exercise, Kind};
use crate::grading::Slots;
use crate::home::Home;
use crate::process::{Confined, Finished};
use crate::submission::Sources;

/// What the compiler and its parts say when they are given no more memory.
const NO_MEMORY: [&str; 3] = [
    "memory allocation of",
    "LLVM ERROR: out of memory",
    "Cannot allocate memory",
];

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

/// Builds a submission.
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
    let kind = exercise.gradable()?.rubric.kind;
    let build = Build {
        home,
        support,
        slots,
        krate: Crate {
            name: &exercise.name,
            edition: EDITION,
            unsafe_allowed: false,
        },
        kind,
        folder: scratch.path(),
    };
    let made = built!(build.both(sources));
    let real = match (kind, wanted) {
        (Kind::Program, Wanted::System) => Some(built!(build.linked(sources))),
        (Kind::Library, _) | (_, Wanted::Simulation) => None,
    };
    let program = match kind {
        Kind::Program => made,
        Kind::Library => built!(
            Scenarios {
                build,
                exercise,
                driver
            }
            .made(&made)
        ),
    };
    Ok(Ok(Built {
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
) -> Step<Built> {
    let scratch = home.scratch()?;
    sources.write(scratch.path())?;
    let build = Build {
        home,
        support,
        slots,
        krate: Crate {
            name,
            edition,
            unsafe_allowed: true,
        },
        kind: Kind::Program,
        folder: scratch.path(),
    };
    let program = built!(build.both(sources));
    Ok(Ok(Built {
        program,
        real: None,
        _scratch: scratch,
    }))
}

#[derive(Clone, Copy)]
struct Build<'a> {
    home: &'a Home,
    support: &'a Support,
    slots: &'a Slots,
    krate: Crate<'a>,
    kind: Kind,
    folder: &'a Path,
}

impl Build<'_> {
    /// Compiles the crate against both; the real one's answer comes first.
    fn both(&self, sources: &Sources) -> Step<PathBuf> {
        // Neither compilation needs the other, so they run at the same time.
        let (checked, made) = std::thread::scope(|scope| {
            let made = scope.spawn(|| self.replaced(sources));
            let checked = self.real(sources, Depth::Check);
            (
                checked,
                made.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        });
        built!(checked);
        match made? {
            Ok(made) => Ok(Ok(made)),
            Err(words) => {
                // What the real std accepts, the replaced one must; but some
                // faults come up only when code is made.
                built!(self.real(sources, Depth::Code));
                bail!("the simulation does not offer all that this crate uses yet:\n{words}");
            }
        }
    }

    /// Checks the crate against the real std.
    fn real(&self, sources: &Sources, depth: Depth) -> Step<()> {
        let kind = self.kind;
        let has_library = kind == Kind::Library || sources.has("src/lib.rs");
        if has_library {
            built!(self.check((CrateType::Lib, "src/lib.rs"), None, depth));
        }
        if kind == Kind::Program {
            let library = has_library.then(|| Path::new("real-lib.rmeta"));
            built!(self.check((CrateType::Bin, "src/main.rs"), library, depth));
        }
        Ok(Ok(()))
    }

    /// Links the program against the real std, which accepts it.
    fn linked(&self, sources: &Sources) -> Step<PathBuf> {
        let (library, program) = (self.folder.join("libreal.rlib"), self.folder.join("real"));
        let has_library = sources.has("src/lib.rs");
        let link = |source, library: Option<&Path>, output: &str| {
            let made = rustc::real(
                self.support,
                self.folder,
                self.krate,
                source,
                library,
                output,
            );
            self.accepted(&self.run(&made)?)
        };
        if has_library {
            built!(link((CrateType::Lib, "src/lib.rs"), None, "libreal.rlib"));
        }
        let library = has_library.then_some(library.as_path());
        built!(link((CrateType::Bin, "src/main.rs"), library, "real"));
        Ok(Ok(program))
    }

    fn check(&self, source: (CrateType, &str), library: Option<&Path>, depth: Depth) -> Step<()> {
        let check = |lints| {
            self.run(&rustc::check(
                self.support,
                self.folder,
                self.krate,
                source,
                library,
                (depth, lints),
            ))
        };
        let finished = check(Lints::Heard)?;
        let said = Said::read(&finished.stderr());
        let dep_info = match source.0 {
            CrateType::Lib => "real-lib.d",
            CrateType::Bin => "real-bin.d",
        };
        // Written even where the compilation failed, if it came that far.
        let dep_info = std::fs::read_to_string(self.folder.join(dep_info)).unwrap_or_default();
        if let Some(why) = depinfo::refusal(&dep_info).or_else(|| said.unsafe_code()) {
            return Ok(Err(Unbuilt::Refused(why)));
        }
        if finished.succeeded() {
            return Ok(Ok(()));
        }
        if said.only_lints() {
            let finished = check(Lints::Silenced)?;
            return self.accepted(&finished);
        }
        self.accepted(&finished)
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
        if let Some(file) = said.foreign_file() {
            let why = format!(
                "the sources read the file `{file}` while they compile; {}",
                depinfo::ONLY_SOURCES
            );
            return Ok(Err(Unbuilt::Refused(why)));
        }
        Ok(Err(Unbuilt::DoesNotCompile(self.impersonal(&said.words()))))
    }

    /// Why the compiler gave no answer, if it did not and that is the crate's
    /// doing: it took more than the compiler may have.
    fn fell_over(&self, finished: &Finished, said: &Said) -> Result<Option<String>> {
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

    /// Whether the compiler can compile anything.
    fn compiler_works(&self) -> Result<()> {
        let scratch = self.home.scratch()?;
        let source = scratch.path().join("src/lib.rs");
        std::fs::create_dir(scratch.path().join("src")).context("cannot make a folder")?;
        std::fs::write(source, "pub fn nothing() {}\n").context("cannot write an empty crate")?;
        let finished = self.run(&rustc::check(
            self.support,
            scratch.path(),
            self.krate,
            (CrateType::Lib, "src/lib.rs"),
            None,
            (Depth::Code, Lints::Heard),
        ))?;
        if !finished.succeeded() {
            bail!(
                "the compiler cannot compile an empty crate: it {} {}",
                finished.how(),
                self.impersonal(&finished.last_words())
            );
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
        let mut text = text.to_owned();
        for (path, name) in paths {
            if let Some(path) = path.as_deref().and_then(Path::to_str) {
                text = text.replace(path, name);
            }
        }
        text
    }

    /// Compiles the crate against the replaced std: a library or a program. The
    /// inner error is what the compiler says if it cannot.
    fn replaced(&self, sources: &Sources) -> Result<Result<PathBuf, String>> {
        let kind = self.kind;
        // The library and the program of one crate share its name; rustc finds
        // them apart by this file's name only.
        let output = format!("lib{}.rlib", self.krate.name.replace('-', "_"));
        let library = self.folder.join(&output);
        let has_library = kind == Kind::Library || sources.has("src/lib.rs");
        if has_library {
            let command = rustc::library(self.support, self.folder, self.krate, &output);
            if let Err(words) = self.simulable(&command)? {
                return Ok(Err(words));
            }
        }
        if kind == Kind::Library {
            return Ok(Ok(library));
        }
        let library = has_library.then_some(library.as_path());
        let command = rustc::program(self.support, self.folder, self.krate, library, "examined");
        let program = self.folder.join("examined");
        Ok(self.simulable(&command)?.map(|()| program))
    }

    fn simulable(&self, command: &Confined) -> Result<Result<(), String>> {
        let finished = self.run(command)?;
        if finished.succeeded() {
            return Ok(Ok(()));
        }
        let words = match finished.limit() {
            Some(limit) => format!("the compiler needed more than {limit}"),
            None => Said::read(&finished.stderr()).words(),
        };
        Ok(Err(self.impersonal(&words)))
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
            return Ok(Ok(self.build.folder.join("examined")));
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
            "examined",
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
        let library = match starter.replaced(&sources)? {
            Ok(library) => library,
            Err(words) => bail!("{words}"),
        };
        let finished = self.link(scratch.path(), &library)?;
        if !finished.succeeded() {
            bail!("{}", Said::read(&finished.stderr()).words());
        }
        Ok(())
    }
}
