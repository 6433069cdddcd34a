//! The program that is explored: a file, or a crate with `src/main.rs`.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::course::Kind;
use crate::exit::usage;
use crate::home::Home;
use crate::submission::Sources;

/// The edition of a file, which nothing else says.
const OF_A_FILE: &str = "2024";
/// The edition of a package that does not say its own, as Cargo has it.
const OF_A_PACKAGE: &str = "2015";

/// A program that belongs to no exercise.
#[derive(Debug)]
pub(crate) struct Program {
    /// Its name, argument 0.
    pub(crate) name: String,
    /// Its edition, as rustc takes it.
    pub(crate) edition: String,
    /// Its sources, as they are compiled.
    pub(crate) sources: Sources,
    /// What people call its only file, where it is no crate.
    pub(crate) file: Option<String>,
}

/// The file that a program begins in, as it is compiled.
const MAIN: &str = "src/main.rs";

/// What is of interest in a `Cargo.toml`.
#[derive(Default, Deserialize)]
struct Manifest {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: Option<String>,
    /// Text, or a table that refers to the workspace.
    edition: Option<toml::Value>,
}

impl Program {
    /// Reads a program; an `edition` that is given wins.
    ///
    /// # Errors
    /// When the path leads to no program, which is the caller's mistake.
    pub(crate) fn read(home: &Home, path: &Path, edition: Option<&str>) -> Result<Program> {
        if !path.exists() {
            usage!(
                "there is no {}; give a .rs file or the folder of a crate",
                path.display()
            );
        }
        if path.is_file() {
            return Program::of_a_file(home, path, edition);
        }
        if !path.join("src/main.rs").is_file() {
            usage!(
                "{} has no src/main.rs; give a .rs file or the folder of a crate with a program",
                path.display()
            );
        }
        let manifest = manifest(&path.join("Cargo.toml"))?;
        let sources = match Sources::read(path, Kind::Program)? {
            Ok(sources) => sources,
            Err(refusal) => usage!("{} cannot be explored: {refusal}", path.display()),
        };
        let package = manifest.package;
        let folder = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = package.as_ref().and_then(|package| package.name.clone());
        let said = package.map(|package| package.edition);
        let own = match said {
            Some(Some(toml::Value::String(edition))) => edition,
            Some(None) => OF_A_PACKAGE.to_owned(),
            // Of the workspace, or there is no manifest.
            Some(Some(_)) | None => OF_A_FILE.to_owned(),
        };
        Ok(Program {
            name: name_of(&name.unwrap_or_else(|| stem(&folder))),
            edition: edition.map_or(own, str::to_owned),
            sources,
            file: None,
        })
    }

    /// A text of the compiler's or the simulation's with the names of files that
    /// people gave them.
    pub(crate) fn shown(&self, text: &str) -> String {
        match &self.file {
            Some(file) => text.replace(MAIN, file),
            None => text.to_owned(),
        }
    }

    /// The sources under the names of files that people gave them.
    pub(crate) fn shown_sources(&self) -> Sources {
        match &self.file {
            Some(file) => self.sources.renamed(MAIN, file),
            None => self.sources.clone(),
        }
    }

    fn of_a_file(home: &Home, path: &Path, edition: Option<&str>) -> Result<Program> {
        let folder = home.scratch()?;
        let context = || format!("cannot read {}", path.display());
        std::fs::create_dir(folder.path().join("src")).with_context(context)?;
        std::fs::copy(path, folder.path().join("src/main.rs")).with_context(context)?;
        let sources = match Sources::read(folder.path(), Kind::Program)? {
            Ok(sources) => sources,
            Err(refusal) => usage!("{} cannot be explored: {refusal}", path.display()),
        };
        Ok(Program {
            name: name_of(&stem(path)),
            edition: edition.unwrap_or(OF_A_FILE).to_owned(),
            sources,
            file: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned()),
        })
    }
}

fn manifest(path: &Path) -> Result<Manifest> {
    match std::fs::read_to_string(path) {
        Ok(text) => match toml::from_str(&text) {
            Ok(manifest) => Ok(manifest),
            Err(error) => usage!(
                "{} is no manifest: {}",
                path.display(),
                error.message().trim_end()
            ),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Manifest::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// A name that rustc takes for a crate.
fn name_of(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => name,
        _ => format!("program_{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_edition_is_the_manifests_or_what_cargo_takes_it_for() {
        let main = ("src/main.rs", "fn main() {}");
        let edition = |files: &[(&str, &str)]| {
            let folder = folder(files);
            Program::read(&Home::find().unwrap(), folder.path(), None)
                .unwrap()
                .edition
        };
        assert_eq!(edition(&[main]), "2024");
        let manifest = |text| ("Cargo.toml", text);
        assert_eq!(
            edition(&[main, manifest("[package]\nname = \"x\"")]),
            "2015"
        );
        assert_eq!(
            edition(&[main, manifest("[package]\nedition = \"2021\"")]),
            "2021"
        );
        assert_eq!(
            edition(&[main, manifest("[package]\nedition.workspace = true")]),
            "2024"
        );
    }

    #[test]
    fn a_file_is_a_program_with_a_name_that_rustc_takes() {
        let folder = folder(&[("3 forks.rs", "fn main() {}")]);
        let program = Program::read(
            &Home::find().unwrap(),
            &folder.path().join("3 forks.rs"),
            Some("2021"),
        )
        .unwrap();
        assert_eq!(program.name, "program_3_forks");
        assert_eq!(program.edition, "2021");
        assert_eq!(program.sources.text("src/main.rs"), Some("fn main() {}"));
        let sources = program.shown_sources();
        let file = program.file.as_deref().unwrap();
        assert_eq!(file, "3 forks.rs");
        assert_eq!(sources.text(file), Some("fn main() {}"));
        assert_eq!(
            program.shown(" --> src/main.rs:1"),
            format!(" --> {file}:1")
        );
    }

    #[test]
    fn what_is_no_program_is_the_callers_mistake() {
        let folder = folder(&[
            ("src/lib.rs", ""),
            ("bad/src/main.rs", ""),
            ("bad/Cargo.toml", "["),
        ]);
        for (path, words) in [
            ("", "has no src/main.rs"),
            ("nowhere", "there is no"),
            ("bad", "is no manifest"),
        ] {
            let error =
                Program::read(&Home::find().unwrap(), &folder.path().join(path), None).unwrap_err();
            assert!(error.is::<crate::exit::Usage>(), "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
