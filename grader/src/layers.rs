//! The layers that submissions are held in, chosen once for each grader by a
//! preflight that attacks them.

use std::sync::OnceLock;

use anyhow::{Result, bail};
use sandbox::{Layers, Set};

use crate::home;

/// Whose code is compiled and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// That of whoever runs the grader, who could run it without one.
    Own,
    /// Somebody else's.
    Strangers,
}

static CHOSEN: OnceLock<Layers> = OnceLock::new();

/// Chooses the strongest layers that hold on this machine. Where there are none,
/// strangers' code is not graded, and `warn` is told once that one's own is run
/// without.
pub(crate) fn choose(whose: Whose, warn: impl FnOnce(&str)) -> Result<()> {
    if CHOSEN.get().is_some() {
        return Ok(());
    }
    let layers = match (strongest(), whose) {
        (Some(set), _) => set.layers,
        (None, Whose::Own) => {
            warn(
                "this machine has no sandbox (`grader doctor` says why), so what is graded runs \
                 without one, as under `cargo run`",
            );
            Layers::None
        }
        (None, Whose::Strangers) => bail!(
            "this machine has no sandbox that holds, so nothing is graded but your own exercises; \
             `grader doctor` says what is missing and what to do"
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
        None => strongest().map_or(Layers::Full, |set| set.layers),
    }
}

/// The strongest set that holds, of those that may be chosen.
fn strongest() -> Option<&'static Set> {
    let only = home::only_layers();
    let may = |set: &&Set| {
        only.as_ref()
            .is_none_or(|only| *only == set.layers.to_string())
    };
    let mut sets = sandbox::preflight().sets.iter().filter(may);
    sets.find(|set| set.fault().is_none())
}
