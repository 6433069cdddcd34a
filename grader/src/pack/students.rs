//! The course as students get it: starters, what they are told, the tests that
//! they may see, and a workflow that runs these. Nothing of what grades, and
//! nothing of what solves.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use super::{Pack, cargo};
use crate::course::Exercise;

/// What runs the visible tests on GitHub.
const WORKFLOW: &str = include_str!("students.yml");
/// What of an exercise's folder is for students: files, and folders.
const PARTS: (&[&str], &[&str]) = (
    &["Cargo.toml", "README.md", "exercise.toml"],
    &["src", "tests"],
);

/// The pack of these exercises, of the course at `root`.
pub(crate) fn students(root: &Path, exercises: &[Exercise]) -> Result<Pack> {
    let mut pack = Pack::default();
    let mut manifests = Vec::new();
    for exercise in exercises {
        let (from, to) = (&exercise.folder, format!("exercises/{}", exercise.name));
        for file in PARTS.0 {
            pack.copy_file(&from.join(file), &format!("{to}/{file}"))?;
        }
        for folder in PARTS.1 {
            pack.copy_folder(&from.join(folder), &format!("{to}/{folder}"), |_| false)?;
        }
        left_out(&mut pack, exercise)?;
        let manifest = from.join("Cargo.toml");
        if manifest.is_file() {
            manifests.push((to, cargo::manifest(&manifest)?));
        }
    }
    pack.add("Cargo.toml", workspace(root, &manifests)?);
    let lock = root.join("Cargo.lock");
    if lock.is_file() {
        let text = std::fs::read_to_string(&lock)
            .with_context(|| format!("cannot read {}", lock.display()))?;
        let packages = manifests
            .iter()
            .filter_map(|(_, manifest)| cargo::package(manifest));
        let packages = packages.map(str::to_owned).collect();
        pack.add("Cargo.lock", cargo::lock(&text, &packages)?);
    }
    pack.add(".gitignore", "/target\n");
    pack.add(".github/workflows/visible-tests.yml", WORKFLOW);
    pack.add("README.md", readme(exercises));
    Ok(pack)
}

/// Says what is in an exercise's folder and stays there.
fn left_out(pack: &mut Pack, exercise: &Exercise) -> Result<()> {
    let context = || format!("cannot read {}", exercise.folder.display());
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&exercise.folder).with_context(context)? {
        let name = entry.with_context(context)?.file_name();
        let name = name.to_string_lossy().into_owned();
        if !PARTS.0.contains(&&*name) && !PARTS.1.contains(&&*name) {
            names.insert(name);
        }
    }
    let names: Vec<String> = names.into_iter().collect();
    if !names.is_empty() {
        let folder = format!("exercises/{}", exercise.name);
        pack.notes
            .push(format!("left out of {folder}: {}", names.join(", ")));
    }
    Ok(())
}

/// The manifest of a workspace of these crates, with what they take over from the
/// one that they come from.
fn workspace(root: &Path, manifests: &[(String, Table)]) -> Result<String> {
    let members = manifests
        .iter()
        .map(|(folder, _)| Value::from(folder.as_str()));
    let mut workspace = Table::new();
    workspace.insert("resolver".to_owned(), Value::from("3"));
    workspace.insert("members".to_owned(), members.collect::<Vec<_>>().into());
    let path = root.join("Cargo.toml");
    if path.is_file() {
        let whole = cargo::manifest(&path)?;
        let whole = whole.get("workspace").and_then(Value::as_table);
        let part = |name: &str| {
            whole
                .and_then(|whole| whole.get(name))
                .and_then(Value::as_table)
        };
        let mut dependencies = Table::new();
        for (_, manifest) in manifests {
            for (name, said) in cargo::dependencies(manifest) {
                let known = part("dependencies").and_then(|known| known.get(&name));
                if let (true, Some(known)) = (cargo::is_inherited(&said), known) {
                    dependencies.insert(name, known.clone());
                }
            }
            let keys = manifest.get("package").and_then(Value::as_table);
            let inherits = |table: &Table| table.values().any(cargo::is_inherited);
            if let (true, Some(known)) = (keys.is_some_and(inherits), part("package")) {
                workspace.insert("package".to_owned(), known.clone().into());
            }
            let lints = manifest.get("lints").is_some_and(cargo::is_inherited);
            if let (true, Some(known)) = (lints, part("lints")) {
                workspace.insert("lints".to_owned(), known.clone().into());
            }
        }
        if !dependencies.is_empty() {
            workspace.insert("dependencies".to_owned(), dependencies.into());
        }
    }
    let manifest = Table::from_iter([("workspace".to_owned(), Value::from(workspace))]);
    toml::to_string(&manifest).context("cannot write a manifest")
}

/// What students read first.
fn readme(exercises: &[Exercise]) -> String {
    let mut text = "# Exercises\n\n\
        Each exercise is a crate with a README that says what to write, a starter in `src/` and tests in\n\
        `tests/`.\n\n\
        | exercise | what it is | points |\n| --- | --- | ---: |\n"
        .to_owned();
    for Exercise { name, manifest, .. } in exercises {
        let title = manifest.title.replace('|', "\\|");
        let _ = writeln!(
            text,
            "| [{name}](exercises/{name}/README.md) | {title} | {} |",
            manifest.points
        );
    }
    let first = exercises
        .first()
        .map_or("NAME", |first| first.name.as_str());
    let _ = write!(
        text,
        "\nWith Rust 1.95 or later:\n\n    cargo test --package {first}\n\n\
        The tests see one order of the threads' steps of very many, so that they pass is a beginning. What\n\
        grades your work runs it in every order up to a bound. It is not here, nor is the `cargo grade`\n\
        that READMEs speak of: whoever teaches the course runs it, and only `src/` counts.\n\n\
        On GitHub a workflow runs the tests of the exercises that you have begun, with every push.\n\
        `exercise.toml` has hints, from gentle to plain.\n"
    );
    text
}
