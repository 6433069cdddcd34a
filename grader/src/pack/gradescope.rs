//! The ZIP file of an autograder that Gradescope takes: `setup.sh`, which makes a
//! container ready, `run_autograder`, which grades one submission in it, and the
//! sources of what these need.
//!
//! Sources, and not what was built here: the container has a system of its own, and
//! needs the compiler in any case, for the submissions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::{Pack, cargo};
use crate::build::PACKAGES;
use crate::course::Exercise;
use crate::report::quoted;

const SETUP: &str = include_str!("setup.sh");
const RUN: &str = include_str!("run_autograder.sh");
/// Where the sources of the grader are in the pack, and the course in these.
const ROOT: &str = "lockstep";
const COURSE: &str = "lockstep/course";

/// The pack that grades an exercise, with the grader whose sources are at `root`.
pub(crate) fn gradescope(root: &Path, exercise: &Exercise) -> Result<Pack> {
    let mut pack = Pack::default();
    let name = &exercise.name;
    let script = |text: &str| text.replace("@EXERCISE@", &quoted(name));
    pack.add_program("setup.sh", script(SETUP));
    pack.add_program("run_autograder", script(RUN));

    // The visible tests decide nothing. By the starter it is known whose fault it is
    // that checks do not fit a submission.
    let told = format!("{COURSE}/exercises/{name}");
    for file in ["Cargo.toml", "README.md", "exercise.toml"] {
        pack.copy_file(&exercise.folder.join(file), &format!("{told}/{file}"))?;
    }
    let src = exercise.folder.join("src");
    pack.copy_folder(&src, &format!("{told}/src"), |_| false)?;
    let checks = &exercise.gradable()?.folder;
    let unneeded = |path: &Path| path == Path::new("Cargo.toml");
    pack.copy_folder(checks, &format!("{COURSE}/checks/{name}"), unneeded)?;

    sources(&mut pack, root)?;
    Ok(pack)
}

/// Adds the sources of the grader and of its libraries, as a workspace.
fn sources(pack: &mut Pack, root: &Path) -> Result<()> {
    let mut whole = cargo::manifest(&root.join("Cargo.toml"))?;
    let workspace = whole.get_mut("workspace").and_then(Value::as_table_mut);
    let workspace = workspace.context("Lockstep's Cargo.toml is that of no workspace")?;
    let crates = crates(root, workspace)?;
    for folder in crates.values() {
        let tests = |path: &Path| {
            ["tests", "benches", "fuzz"]
                .iter()
                .any(|name| path == Path::new(name))
        };
        // The grader's own folder has the others in it.
        let others: BTreeSet<&str> = crates.values().map(String::as_str).collect();
        let own = |path: &Path| {
            let inner = format!("{folder}/{}", path.display());
            let is_part = ["Cargo.toml", "src"]
                .iter()
                .any(|part| path.starts_with(part));
            !is_part || tests(path) || others.contains(inner.as_str())
        };
        pack.copy_folder(&root.join(folder), &format!("{ROOT}/{folder}"), own)?;
    }
    let members: Vec<Value> = crates
        .values()
        .map(|folder| Value::from(folder.as_str()))
        .collect();
    workspace.insert("members".to_owned(), members.into());
    workspace.insert("exclude".to_owned(), vec![Value::from("course")].into());
    workspace.remove("default-members");
    if let Some(known) = workspace
        .get_mut("dependencies")
        .and_then(Value::as_table_mut)
    {
        known.retain(|_, said| {
            let path = said.get("path").and_then(Value::as_str);
            path.is_none_or(|path| crates.values().any(|folder| folder == path))
        });
    }
    let manifest = toml::to_string(&whole).context("cannot write a manifest")?;
    pack.add(format!("{ROOT}/Cargo.toml"), manifest);
    let lock = root.join("Cargo.lock");
    let text = std::fs::read_to_string(&lock)
        .with_context(|| format!("cannot read {}", lock.display()))?;
    let names = crates.into_keys().collect();
    pack.add(format!("{ROOT}/Cargo.lock"), cargo::lock(&text, &names)?);
    Ok(())
}

/// The crates of the workspace that the grader is built from, and the libraries
/// that it builds: their folders by their names.
fn crates(root: &Path, workspace: &Table) -> Result<BTreeMap<String, String>> {
    let mut by_name = BTreeMap::new();
    let folders = workspace.get("members").and_then(Value::as_array);
    let folders = folders.into_iter().flatten().filter_map(Value::as_str);
    for folder in folders.filter(|folder| !folder.ends_with('*')) {
        let manifest = cargo::manifest(&root.join(folder).join("Cargo.toml"))?;
        if let Some(name) = cargo::package(&manifest) {
            by_name.insert(name.to_owned(), (folder.to_owned(), manifest));
        }
    }
    let known = workspace.get("dependencies").and_then(Value::as_table);
    let mut ahead: Vec<String> = PACKAGES.iter().map(|name| (*name).to_owned()).collect();
    ahead.push(env!("CARGO_PKG_NAME").to_owned());
    let mut crates = BTreeMap::new();
    while let Some(name) = ahead.pop() {
        let Some((folder, manifest)) = by_name.get(&name) else {
            continue;
        };
        if crates.insert(name, folder.clone()).is_some() {
            continue;
        }
        for (name, said) in cargo::dependencies(manifest) {
            let said = match cargo::is_inherited(&said) {
                true => known.and_then(|known| known.get(&name)).cloned(),
                false => Some(said),
            };
            let package = said.as_ref().and_then(|said| said.get("package")?.as_str());
            let package = package.unwrap_or(&name).to_owned();
            if !crates.contains_key(&package) {
                ahead.push(package);
            }
        }
    }
    Ok(crates)
}
