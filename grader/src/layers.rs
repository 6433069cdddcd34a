//! The layers that submissions are held in, chosen once for each grader by a
//! preflight that attacks them.

use std::sync::OnceLock;

use anyhow::{Result, bail};
use sandbox::Layers;

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
    let report = sandbox::preflight();
    let layers = match (report.strongest(), whose) {
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
        None => sandbox::preflight()
            .strongest()
            .map_or(Layers::Full, |set| set.layers),
    }
}
