//! Where the standard library keeps its tests.
//!
//! Since Rust 1.86 most are crates of their own (`std/tests/sync/mutex.rs`);
//! before that, and for some until today, they are modules inside the library
//! (`std/src/sync/mutex/tests.rs`), which say `crate` where others say `std`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use walkdir::WalkDir;

use crate::source;
use crate::suite::{Helpers, Place, Suite};

/// Crates of tests: each file is a module of its own.
const CRATES: [&str; 13] = [
    "std/tests/sync",
    "std/tests/thread.rs",
    "std/tests/thread_local",
    "std/tests/time.rs",
    "std/tests/panic.rs",
    "coretests/tests/atomic.rs",
    "coretests/tests/time.rs",
    "core/tests/atomic.rs",
    "core/tests/time.rs",
    "alloctests/tests/arc.rs",
    "alloctests/tests/sync.rs",
    "alloc/tests/arc.rs",
    "alloc/tests/sync.rs",
];

/// Parts of std with tests inside.
const PARTS: [&str; 7] = [
    "std/src/sync",
    "std/src/thread",
    "std/src/time",
    "std/src/time.rs",
    "std/src/io/pipe",
    "std/src/panic",
    "std/src/net",
];

/// All the suites of a source tree's `library` folder.
pub(crate) fn suites(library: &Path) -> Result<Vec<Suite>> {
    let mut suites = Vec::new();
    for (folders, inside_std) in [(CRATES.as_slice(), false), (PARTS.as_slice(), true)] {
        for folder in folders {
            for entry in WalkDir::new(library.join(folder)).sort_by_file_name() {
                // What another version of the library does not have is no error.
                let Ok(entry) = entry else { continue };
                let path = entry.path();
                let is_tests = path.file_name().is_some_and(|name| name == "tests.rs");
                if !entry.file_type().is_file()
                    || path.extension().is_none_or(|extension| extension != "rs")
                    || inside_std && !is_tests
                {
                    continue;
                }
                let suite = suite(library, path, inside_std)?;
                if !suite.tests.is_empty() {
                    suites.push(suite);
                }
            }
        }
    }
    ensure!(
        !suites.is_empty(),
        "there are no tests of the standard library in {}; install its sources with `rustup component add \
         rust-src`, or name the folder `library` of a source tree with --rust-src",
        library.display()
    );
    Ok(suites)
}

fn suite(library: &Path, path: &Path, inside_std: bool) -> Result<Suite> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let short = path.strip_prefix(library).unwrap_or(path);
    let crate_folder = short.iter().next().unwrap_or_default();
    let common = path
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("common/mod.rs"));
    let modules = if inside_std {
        let inside = short.with_extension("");
        inside
            .iter()
            .skip(2)
            .map(|part| part.to_string_lossy().into_owned())
            .collect()
    } else {
        vec![
            path.file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        ]
    };
    let place = Place {
        edition: edition(&library.join(crate_folder).join("Cargo.toml")),
        modules,
        inside_std,
        programs: false,
        common: common.into_iter().find(|file| file.is_file()),
        helpers: helpers(library, path).filter(|_| inside_std),
    };
    source::read(short.display().to_string(), text, place)
}

/// The module `test` that the tests of several parts of std have in common: it
/// is beside one of the modules around them.
fn helpers(library: &Path, tests: &Path) -> Option<Helpers> {
    let folders = tests.ancestors().skip(1).take(2);
    let mut files = folders.map(|folder| folder.join("test.rs"));
    let file = files.find(|file| file.is_file())?;
    let inside = file.parent()?.strip_prefix(library).ok()?;
    Some(Helpers {
        // Of the folders `std/src/net`, the modules are those after `src`.
        depth: inside.iter().skip(2).count(),
        file,
    })
}

/// The edition that a crate's manifest names.
fn edition(manifest: &Path) -> String {
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    let manifest: Option<toml::Table> = text.parse().ok();
    let edition = manifest.as_ref().and_then(|manifest| {
        let edition = manifest.get("package")?.get("edition")?;
        edition.as_str()
    });
    edition.unwrap_or("2021").to_owned()
}
