//! The function of std that a program's C `main` hands the Rust `main` to.
//!
//! When a program is linked to be examined, the simulation takes this
//! function's place. Its name is mangled with a hash of the toolchain's std,
//! so the toolchain is asked: it compiles an empty program, and the object
//! file names the function among the symbols that it wants.

use anyhow::{Context as _, Result, bail};
use object::{Object as _, ObjectSymbol as _};

use super::toolchain::Toolchain;
use crate::home::{self, Home};
use crate::process::{Confined, Limits};

/// The function's symbol in this toolchain.
pub(super) fn symbol(home: &Home, toolchain: &Toolchain) -> Result<String> {
    let scratch = home.scratch()?;
    std::fs::write(scratch.path().join("empty.rs"), "fn main() {}\n")
        .context("cannot write an empty program")?;
    let mut command = Confined::new(&toolchain.rustc, scratch.path(), Limits::COMPILER);
    command
        .args([
            "--edition",
            "2024",
            "--emit=obj",
            "empty.rs",
            "-o",
            "empty.o",
        ])
        .envs(home::build_environment());
    let finished = command.run()?;
    if !finished.succeeded() {
        bail!(
            "rustc cannot compile an empty program: {}",
            finished.last_words()
        );
    }
    let bytes =
        std::fs::read(scratch.path().join("empty.o")).context("rustc left no object file")?;
    wanted(&bytes)
}

fn wanted(object_file: &[u8]) -> Result<String> {
    let object = object::File::parse(object_file).context("cannot read rustc's object file")?;
    let names = object
        .symbols()
        .filter(|symbol| symbol.is_undefined())
        .filter_map(|symbol| symbol.name().ok());
    let mut names = names.filter(|name| name.contains("lang_start_internal"));
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name.to_owned()),
        _ => bail!(
            "this toolchain's std starts programs in a way that the grader does not know; use Rust 1.95"
        ),
    }
}
