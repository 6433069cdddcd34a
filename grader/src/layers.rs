//! The layers that submissions are held in, chosen once for each grader by
//! attacking them.
//!
//! Before strangers' submissions are graded the attacks are always tried. For
//! one's own it is enough that they were tried before, as long as nothing has
//! changed that they depend on.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Result, bail};
use sandbox::Layers;

use crate::digest::Digest;
use crate::exit::usage;
use crate::home::{self, Home};

/// Whose code is compiled and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of whoever runs the grader, who could run it without one.
    Own,
    /// Somebody else's.
    Strangers,
}

static CHOSEN: OnceLock<Layers> = OnceLock::new();

/// The layers that hold, or why none do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Strongest {
    /// These.
    Held(Layers),
    /// What was wrong with each that may be chosen.
    None(String),
}

/// Finds the strongest layers that hold on this machine.
pub(crate) fn strongest(home: &Home, whose: Whose) -> Result<Strongest> {
    if let Some(layers) = CHOSEN.get() {
        return Ok(Strongest::Held(*layers));
    }
    let candidates = candidates(home::only_layers().as_deref())?;
    let memory = Memory::of(home, &candidates)?;
    if let (Whose::Own, Some(layers)) = (whose, memory.recall(&candidates)) {
        return Ok(Strongest::Held(layers));
    }
    let range = home.scratch()?;
    let mut faults = Vec::new();
    for layers in candidates {
        match sandbox::try_layers(layers, range.path()).fault() {
            None => {
                memory.remember(layers);
                return Ok(Strongest::Held(layers));
            }
            Some(fault) => faults.push(format!("{layers}: {fault}")),
        }
    }
    Ok(Strongest::None(faults.join("; ")))
}

/// Chooses the strongest layers. Where there are none, strangers' code is not
/// graded, and `warn` is told once that one's own is run without.
pub(crate) fn choose(strongest: Strongest, whose: Whose, warn: impl FnOnce(&str)) -> Result<()> {
    let layers = match (strongest, whose) {
        (Strongest::Held(layers), _) => layers,
        (Strongest::None(_), Whose::Own) => {
            if CHOSEN.get().is_none() {
                warn(
                    "this machine has no sandbox (`grader doctor` says why), so what is graded \
                     runs without one, as under `cargo run`",
                );
            }
            Layers::None
        }
        (Strongest::None(faults), Whose::Strangers) => bail!(
            "this machine has no sandbox that holds ({faults}), so nothing is graded but your own \
             exercises; `grader doctor` says what to do"
        ),
    };
    // Whoever came first has chosen the same.
    let _ = CHOSEN.set(layers);
    Ok(())
}

/// The layers that were chosen; without a choice the strongest, whether this
/// machine has them or not: what is started in them then fails.
pub(crate) fn chosen() -> Layers {
    match CHOSEN.get() {
        Some(layers) => *layers,
        // Shell scripts stand for submissions there.
        None if cfg!(test) => Layers::None,
        None => Layers::Full,
    }
}

/// The sets that may be chosen, strongest first: all, or the one that is asked
/// for by its name.
fn candidates(only: Option<&str>) -> Result<Vec<Layers>> {
    let Some(only) = only else {
        return Ok(sandbox::SETS.into());
    };
    let named = |set: &Layers| set.to_string() == only;
    match sandbox::SETS.into_iter().find(named) {
        Some(set) => Ok(vec![set]),
        None => usage!("LOCKSTEP_LAYERS asks for the layers `{only}`; there are `full` and `bare`"),
    }
}

/// What is known of an earlier time.
struct Memory {
    file: PathBuf,
    /// The address of all that the result depends on; `None` where that cannot
    /// be told.
    state: Option<String>,
}

impl Memory {
    fn of(home: &Home, candidates: &[Layers]) -> Result<Memory> {
        let names: Vec<String> = candidates.iter().map(Layers::to_string).collect();
        let digest = |state| Digest::default().part(state).part(names.join(" ")).finish();
        Ok(Memory::at(
            &home.made("sandbox")?,
            sandbox::machine().map(digest),
        ))
    }

    fn at(folder: &Path, state: Option<String>) -> Memory {
        Memory {
            file: folder.join("held"),
            state,
        }
    }

    /// The layers that held when all was as it is now.
    fn recall(&self, candidates: &[Layers]) -> Option<Layers> {
        let text = std::fs::read_to_string(&self.file).ok()?;
        let (state, name) = text.strip_suffix('\n')?.split_once(' ')?;
        let is_same = self.state.as_deref() == Some(state);
        let mut candidates = candidates.iter().copied();
        candidates.find(|layers| is_same && layers.to_string() == name)
    }

    /// Remembers them. Where that fails they are tried again the next time.
    fn remember(&self, layers: Layers) {
        if let Some(state) = &self.state {
            let _ = std::fs::write(&self.file, format!("{state} {layers}\n"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_held_is_known_until_something_changes() {
        let folder = tempfile::tempdir().unwrap();
        let at = |state: Option<&str>| Memory::at(folder.path(), state.map(str::to_owned));
        assert_eq!(at(Some("a")).recall(&sandbox::SETS), None);
        at(Some("a")).remember(Layers::Bare);
        assert_eq!(at(Some("a")).recall(&sandbox::SETS), Some(Layers::Bare));
        assert_eq!(at(Some("a")).recall(&[Layers::Full]), None);
        assert_eq!(at(Some("b")).recall(&sandbox::SETS), None);
        assert_eq!(at(None).recall(&sandbox::SETS), None);
        // What was cut short is not known.
        std::fs::write(folder.path().join("held"), "a bare").unwrap();
        assert_eq!(at(Some("a")).recall(&sandbox::SETS), None);
    }

    #[test]
    fn a_set_can_be_asked_for_by_its_name() {
        assert_eq!(candidates(None).unwrap(), sandbox::SETS);
        assert_eq!(candidates(Some("bare")).unwrap(), [Layers::Bare]);
        let error = candidates(Some("none")).unwrap_err().to_string();
        assert!(error.contains("there are `full` and `bare`"), "{error}");
    }
}
