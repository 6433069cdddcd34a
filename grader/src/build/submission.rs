//! A submission, from vetted sources to the program that is examined.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::rustc::{self, Crate, CrateType, EDITION, Lints};
use super::{Built, Support, Unbuilt, depinfo};
use crate::course::{Exercise, Kind};
use crate::grading::Slots;
use crate::home::Home;
use crate::process::{Confined, Finished};
use crate::submission::Sources;

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

/// Builds a submission.
pub(crate) fn submission(
    home: &Home,
    support: &Support,
    slots: &Slots,
    exercise: &Exercise,
    driver: Option<&Path>,
    sources: &Sources,
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
            may_be_unsafe: false,
        },
        kind,
        folder: scratch.path(),
    };
    let made = built!(build.both(sources));
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
            may_be_unsafe: true,
        },
        kind: Kind::Program,
        folder: scratch.path(),
    };
    let program = built!(build.both(sources));
    Ok(Ok(Built {
        program,
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
            let checked = self.real(sources);
            (
                checked,
                made.join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        });
        built!(checked);
        made.map(Ok)
    }

    /// Checks the crate against the real std.
    fn real(&self, sources: &Sources) -> Step<()> {
        let kind = self.kind;
        let has_library = kind == Kind::Library || sources.has("src/lib.rs");
        if has_library {
            built!(self.check((CrateType::Lib, "src/lib.rs"), None));
        }
        if kind == Kind::Program {
            let library = has_library.then(|| Path::new("real-lib.rmeta"));
            built!(self.check((CrateType::Bin, "src/main.rs"), library));
        }
        Ok(Ok(()))
    }

    fn check(&self, source: (CrateType, &str), library: Option<&Path>) -> Step<()> {
        let check = |lints| {
            self.run(&rustc::check(
                self.support,
                self.folder,
                self.krate,
                source,
                library,
                lints,
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
        if let Some(limit) = finished.limit() {
            let words = format!("the compiler was stopped: it needed more than {limit}");
            return Ok(Err(Unbuilt::DoesNotCompile(words)));
        }
        let said = Said::read(&finished.stderr());
        if said.crashed() || finished.code().is_none() {
            bail!(
                "the compiler crashed: {} ({})",
                finished.last_words(),
                finished.how()
            );
        }
        if let Some(file) = said.foreign_file() {
            let why = format!(
                "the sources read the file `{file}` while they compile; only src/**/*.rs may be used"
            );
            return Ok(Err(Unbuilt::Refused(why)));
        }
        Ok(Err(Unbuilt::DoesNotCompile(said.words())))
    }

    /// Compiles the crate against the replaced std: a library or a program.
    fn replaced(&self, sources: &Sources) -> Result<PathBuf> {
        let kind = self.kind;
        // The library and the program of one crate share its name; rustc finds
        // them apart by this file's name only.
        let output = format!("lib{}.rlib", self.krate.name.replace('-', "_"));
        let library = self.folder.join(&output);
        let has_library = kind == Kind::Library || sources.has("src/lib.rs");
        if has_library {
            self.simulable(&rustc::library(
                self.support,
                self.folder,
                self.krate,
                &output,
            ))?;
        }
        if kind == Kind::Library {
            return Ok(library);
        }
        let library = has_library.then_some(library.as_path());
        self.simulable(&rustc::program(
            self.support,
            self.folder,
            self.krate,
            library,
            "examined",
        ))?;
        Ok(self.folder.join("examined"))
    }

    /// What the real std accepts, the replaced one must.
    fn simulable(&self, command: &Confined) -> Result<()> {
        let finished = self.run(command)?;
        if !finished.succeeded() {
            let said = Said::read(&finished.stderr());
            bail!(
                "the simulation does not offer all that this crate uses yet:\n{}",
                said.words()
            );
        }
        Ok(())
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
        Ok(Err(Unbuilt::DoesNotCompile(
            Said::read(&finished.stderr()).words(),
        )))
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
        let library = starter.replaced(&sources)?;
        let finished = self.link(scratch.path(), &library)?;
        if !finished.succeeded() {
            bail!("{}", Said::read(&finished.stderr()).words());
        }
        Ok(())
    }
}
