//! Cargo's files for a part of a workspace: its manifest, and the lock file with
//! what that part needs and nothing else.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use toml::{Table, Value};

/// The tables of a manifest that name other packages.
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// A manifest.
pub(super) fn manifest(path: &Path) -> Result<Table> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse()
        .with_context(|| format!("{} is not as it should be", path.display()))
}

/// The names of what a package depends on, for whatever system, each with what is
/// said of it.
pub(super) fn dependencies(manifest: &Table) -> Vec<(String, Value)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(Table::values);
    let tables = targets.filter_map(Value::as_table).chain([manifest]);
    let lists = tables.flat_map(|table| DEPENDENCIES.iter().filter_map(|kind| table.get(*kind)));
    let pairs = lists.filter_map(Value::as_table).flatten();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Whether something is taken over from the workspace.
pub(super) fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// The name of a manifest's package.
pub(super) fn package(manifest: &Table) -> Option<&str> {
    manifest.get("package")?.get("name")?.as_str()
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// A lock file without what the packages `roots`, which have no source, do not
/// need. Its text is kept as Cargo has written it, which would write it so, too.
pub(super) fn lock(text: &str, roots: &BTreeSet<String>) -> Result<String> {
    let lock: Lock = toml::from_str(text).context("Cargo.lock is not as it should be")?;
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, package) in lock.package.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(index);
    }
    let own = |index: &usize| {
        let package: &Locked = &lock.package[*index];
        package.source.is_none() && roots.contains(&package.name)
    };
    let mut needed: BTreeSet<usize> = (0..lock.package.len()).filter(own).collect();
    let mut ahead: VecDeque<usize> = needed.iter().copied().collect();
    while let Some(index) = ahead.pop_front() {
        for dependency in &lock.package[index].dependencies {
            // The version stands there only where there are several.
            let mut words = dependency.split(' ');
            let (name, version) = (words.next().unwrap_or_default(), words.next());
            for other in by_name.get(name).into_iter().flatten() {
                let meant = version.is_none_or(|version| lock.package[*other].version == version);
                if meant && needed.insert(*other) {
                    ahead.push_back(*other);
                }
            }
        }
    }
    let mut blocks = text.split("[[package]]\n");
    let mut kept = blocks.next().unwrap_or_default().to_owned();
    for (index, block) in blocks.enumerate() {
        if needed.contains(&index) {
            kept.push_str("[[package]]\n");
            kept.push_str(block);
        }
    }
    Ok(kept.trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_keeps_what_is_needed_and_nothing_else() {
        let text = "# made\nversion = 4\n\n\
            [[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b 2.0.0\",\n \"own\",\n]\n\n\
            [[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"s\"\n\n\
            [[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"s\"\ndependencies = [\n \"c\",\n]\n\n\
            [[package]]\nname = \"c\"\nversion = \"1.0.0\"\nsource = \"s\"\n\n\
            [[package]]\nname = \"d\"\nversion = \"1.0.0\"\n\n\
            [[package]]\nname = \"own\"\nversion = \"1.0.0\"\n";
        let names = |roots: &[&str]| {
            let roots = roots.iter().map(|root| (*root).to_owned()).collect();
            let kept = lock(text, &roots).unwrap();
            assert!(kept.starts_with("# made\nversion = 4\n") && kept.ends_with('\n'));
            let lock: Lock = toml::from_str(&kept).unwrap();
            let name = |package: &Locked| format!("{} {}", package.name, package.version);
            lock.package.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(
            names(&["a"]),
            ["a 1.0.0", "b 2.0.0", "c 1.0.0", "own 1.0.0"]
        );
        assert_eq!(names(&["d"]), ["d 1.0.0"]);
        assert!(names(&["c", "x"]).is_empty());
    }
}
