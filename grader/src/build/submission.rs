//! A submission, from vetted sources to the program that is examined.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::diagnostics::Said;
use super::rustc::{self, CrateType, Lints};
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
    let build = Build {
        home,
        support,
        slots,
        exercise,
        driver,
        folder: scratch.path(),
    };
    // Neither compilation needs the other, so they run at the same time; the
    // first one's answer comes first.
    let (checked, made) = std::thread::scope(|scope| {
        let made = scope.spawn(|| build.replaced(sources));
        let checked = build.real(sources);
        (
            checked,
            made.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    built!(checked);
    let program = match exercise.gradable()?.rubric.kind {
        Kind::Program => made?,
        Kind::Library => built!(build.scenarios(&made?)),
    };
    Ok(Ok(Built {
        program,
        _scratch: scratch,
    }))
}

struct Build<'a> {
    home: &'a Home,
    support: &'a Support,
    slots: &'a Slots,
    exercise: &'a Exercise,
    driver: Option<&'a Path>,
    folder: &'a Path,
}

impl Build<'_> {
    /// Checks the crate against the real std.
    fn real(&self, sources: &Sources) -> Step<()> {
        let kind = self.exercise.gradable()?.rubric.kind;
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
                &self.exercise.name,
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
        let name = &self.exercise.name;
        let kind = self.exercise.gradable()?.rubric.kind;
        // The library and the program of one crate share its name; rustc finds
        // them apart by this file's name only.
        let output = format!("lib{}.rlib", self.exercise.crate_name());
        let library = self.folder.join(&output);
        let has_library = kind == Kind::Library || sources.has("src/lib.rs");
        if has_library {
            self.simulable(&rustc::library(self.support, self.folder, name, &output))?;
        }
        if kind == Kind::Library {
            return Ok(library);
        }
        let library = has_library.then_some(library.as_path());
        self.simulable(&rustc::program(
            self.support,
            self.folder,
            name,
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

    /// Links the scenarios with the submission's library.
    fn scenarios(&self, library: &Path) -> Step<PathBuf> {
        let finished = self.link(self.folder, library)?;
        if finished.succeeded() {
            return Ok(Ok(self.folder.join("examined")));
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
        self.run(&rustc::scenarios(
            self.support,
            folder,
            checks,
            &libraries,
            "examined",
        ))
    }

    fn starter_links(&self) -> Result<()> {
        let scratch = self.home.scratch()?;
        let sources = Sources::read(&self.exercise.folder, Kind::Library)??;
        sources.write(scratch.path())?;
        let starter = Build {
            folder: scratch.path(),
            ..*self
        };
        let library = starter.replaced(&sources)?;
        let finished = starter.link(scratch.path(), &library)?;
        if !finished.succeeded() {
            bail!("{}", Said::read(&finished.stderr()).words());
        }
        Ok(())
    }

    fn run(&self, command: &Confined) -> Result<Finished> {
        let _slot = self.slots.take();
        command.run()
    }
}
