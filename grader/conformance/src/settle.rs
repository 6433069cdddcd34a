//! Takes out of a suite what a std does not compile, until the rest compiles.
//!
//! An error belongs to the smallest part of the text that it is in: one name
//! of an import, a helper, a test. That part is taken out, and what needed it
//! fails in the next round. So every test ends with the reason of the part
//! that it could not do without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Result, bail};

use crate::suite::Suite;
use crate::toolchain::{Complaint, Short, Std, Toolchain, write};

/// Why a part does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It needs an unstable feature.
    Unstable(String),
    /// Something else, in the compiler's words.
    Other(String),
}

/// What was taken out, and why.
pub(crate) type TakenOut = BTreeMap<usize, Reason>;

/// The file that the suite's text is written to.
const FILE: &str = "suite_text.rs";
/// More rounds than a chain of things that need one another is long.
const ROUNDS: usize = 24;

/// Compiles a suite to a program, without what does not compile.
pub(crate) fn settle(
    toolchain: &Toolchain,
    kind: Std,
    suite: &Suite,
    folder: &Path,
    program: &str,
    mut taken_out: TakenOut,
) -> Result<TakenOut> {
    // Only where there is something to make short: other tests are left out
    // for Miri, and are not here.
    let short = match kind {
        Std::Replaced if suite.text.contains("cfg!(miri)") => Short::Yes,
        _ => Short::No,
    };
    for _ in 0..ROUNDS {
        let gone: BTreeSet<usize> = taken_out.keys().copied().collect();
        write(&folder.join(FILE), &suite.text_without(&gone))?;
        let path = folder.join(FILE).display().to_string();
        write(&folder.join("main.rs"), &suite.root(&gone, &path))?;
        let edition = &suite.place.edition;
        let mut complaints = toolchain.compile(kind, folder, edition, short, None)?;
        if complaints.is_empty() {
            complaints = toolchain.compile(kind, folder, edition, short, Some(program))?;
            if complaints.is_empty() {
                return Ok(taken_out);
            }
        }
        let before = taken_out.len();
        for (item, reason) in blame(suite, &complaints, &taken_out) {
            taken_out.entry(item).or_insert(reason);
        }
        let around = complaints.iter().find_map(Complaint::feature);
        if let (true, Some(feature)) = (taken_out.len() == before, around) {
            // The module that the tests are of is unstable itself.
            for item in 0..suite.items.len() {
                let reason = Reason::Unstable(feature.to_owned());
                taken_out.entry(item).or_insert(reason);
            }
        }
        if taken_out.len() == before {
            let words = complaints
                .first()
                .and_then(|first| first.rendered.as_deref());
            bail!(
                "{} does not compile, and no part of it is to blame: {}",
                suite.file,
                words.unwrap_or_default()
            );
        }
    }
    bail!("{} did not compile after {ROUNDS} rounds", suite.file)
}

/// The parts that the errors are in, each with the best of its reasons: an
/// unstable feature before one that follows from something taken out before,
/// and that before the first words of the compiler.
fn blame(suite: &Suite, complaints: &[Complaint], taken_out: &TakenOut) -> TakenOut {
    let mut found: BTreeMap<usize, (u8, Reason)> = BTreeMap::new();
    for complaint in complaints {
        let Some((line, column)) = complaint.place(FILE) else {
            continue;
        };
        let Some(item) = suite.item_at(line, column) else {
            continue;
        };
        let ranked = match (complaint.feature(), inherited(suite, complaint, taken_out)) {
            (Some(feature), _) => (0, Reason::Unstable(feature.to_owned())),
            (None, Some(reason)) => (1, reason),
            (None, None) => (2, Reason::Other(complaint.message.clone())),
        };
        match found.get(&item) {
            Some((rank, _)) if *rank <= ranked.0 => {}
            _ => drop(found.insert(item, ranked)),
        }
    }
    found
        .into_iter()
        .map(|(item, (_, reason))| (item, reason))
        .collect()
}

/// The reason of what was taken out before, when the error is that it is not
/// there.
fn inherited(suite: &Suite, complaint: &Complaint, taken_out: &TakenOut) -> Option<Reason> {
    let named: BTreeSet<&str> = complaint.message.split('`').skip(1).step_by(2).collect();
    let missing = |name: &str| {
        named
            .iter()
            .any(|named| named.split("::").any(|part| part == name))
    };
    let parts = taken_out
        .iter()
        .filter_map(|(item, reason)| Some((suite.items.get(*item)?.name.as_deref()?, reason)));
    let by_name = parts.clone().find(|(name, _)| missing(name));
    let by_glob = || {
        let unresolved = ["cannot find", "undeclared", "unresolved"];
        let unresolved = unresolved
            .iter()
            .any(|word| complaint.message.contains(word));
        parts.clone().find(|(name, _)| unresolved && *name == "*")
    };
    by_name.or_else(by_glob).map(|(_, reason)| reason.clone())
}
