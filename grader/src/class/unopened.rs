//! What a student has handed in that no crate can be made of, and what is said of
//! it: whoever grades should ask for it again, and not take it for nothing.

use std::path::Path;

use anyhow::Result;

use super::crates::files;
use super::find::{Kind, Piece};
use super::names::exercise_in;

/// Names that are told; of more, only their number is.
const NAMES: usize = 2;

/// A file or a folder without a crate.
#[derive(Debug)]
pub(super) struct Unopened {
    /// What it is called.
    name: String,
    why: Why,
    /// The exercise that its name says it is for.
    pub(super) exercise: Option<String>,
}

/// Why nothing can be made of it, what tells the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// It is called like an exercise or has a manifest, and no sources.
    NoSources,
    /// It is a ZIP file without sources.
    Packed,
    /// It is of another kind.
    Unknown,
    /// It was typed in.
    Typed,
}

/// What is in a piece, in which there is no crate.
pub(super) fn in_piece(piece: &Piece, exercises: &[String]) -> Result<Vec<Unopened>> {
    let named = &piece.named;
    let path = piece.path.file_name().unwrap_or_default().to_string_lossy();
    let why = match piece.kind {
        Kind::Folder => return in_folder(&piece.path, named.exercise.as_deref(), exercises),
        Kind::Archive => Why::Packed,
        Kind::Source | Kind::Other if named.typed => Why::Typed,
        Kind::Source | Kind::Other => Why::Unknown,
    };
    Ok(vec![Unopened {
        name: named
            .file
            .clone()
            .filter(|_| why == Why::Unknown)
            .unwrap_or(path.into_owned()),
        why,
        exercise: named.exercise.clone(),
    }])
}

/// What is in a folder, as far as somebody has put it there to be graded.
fn in_folder(folder: &Path, exercise: Option<&str>, exercises: &[String]) -> Result<Vec<Unopened>> {
    let mut unopened = Vec::new();
    for path in files(folder, |path| !comes_along(path))? {
        let inner = path.strip_prefix(folder).unwrap_or(&path);
        let name = inner.display().to_string();
        let exercise = exercise_in(&name, exercises).or_else(|| exercise.map(str::to_owned));
        let extension = inner.extension().unwrap_or_default();
        let mut around = inner.ancestors().skip(1);
        let of_exercise = around.find(|around| exercises.iter().any(|name| around.ends_with(name)));
        let (name, why) = if let Some(of_exercise) = of_exercise {
            (of_exercise.display().to_string(), Why::NoSources)
        } else if inner.ends_with("Cargo.toml") {
            let of = match inner.parent().filter(|parent| *parent != Path::new("")) {
                Some(parent) => parent.display().to_string(),
                None => folder.file_name().unwrap_or_default().display().to_string(),
            };
            (of, Why::NoSources)
        } else if extension.eq_ignore_ascii_case("zip") {
            (name, Why::Packed)
        } else {
            (name, Why::Unknown)
        };
        unopened.push(Unopened {
            name,
            why,
            exercise,
        });
    }
    Ok(unopened)
}

/// What is beside the crates in a student's folder, and is called like an exercise
/// of which there is none.
pub(super) fn beside(
    piece: &Piece,
    exercises: &[String],
    lacks: impl Fn(&str) -> bool,
) -> Result<Vec<Unopened>> {
    let mut unopened = Vec::new();
    let inner = match piece.kind {
        Kind::Folder => super::find::entries(&piece.path)?,
        Kind::Archive | Kind::Source | Kind::Other => Vec::new(),
    };
    for path in inner {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(exercise) = exercise_in(&name, exercises) else {
            continue;
        };
        if path.is_dir() && !name.starts_with('.') && lacks(&exercise) {
            unopened.extend(in_folder(&path, Some(&exercise), exercises)?);
        }
    }
    Ok(unopened)
}

/// Whether a file comes along with a repository that has nothing in it yet.
fn comes_along(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    name.starts_with("readme") || name.starts_with("license") || name == "cargo.lock"
}

/// What is said of it.
pub(super) fn sentence(who: &str, unopened: &[Unopened]) -> Option<String> {
    let why = unopened.iter().map(|unopened| unopened.why).min()?;
    let of_it = unopened.iter().filter(|unopened| unopened.why == why);
    let mut names: Vec<&str> = of_it.map(|unopened| unopened.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(NAMES);
    names.truncate(NAMES);
    let mut list = match (&names[..], more) {
        ([one, other], 0) => format!("{one} and {other}"),
        (names, _) => names.join(", "),
    };
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    let is = match why {
        Why::NoSources => format!("{list}, which has no folder `src`"),
        Why::Packed => format!("{list}, in which there is no source file"),
        Why::Unknown => format!("{list}, which the grader cannot open"),
        Why::Typed => "a text that was typed in, and no file".to_owned(),
    };
    Some(format!(
        "{who} has handed in {is}: ask for the crate's folder or a ZIP of it"
    ))
}
