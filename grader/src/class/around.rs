//! What lies around a class: a folder that somebody has packed it in, which looks
//! like the only student's.
//!
//! Where it could be either, nothing is guessed that would leave out somebody's
//! work: whoever grades is asked.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;

use super::crates::Search;
use super::find::{Kind, Piece, assignment_of, pieces};
use super::names::exercise_in;
use crate::submission;

/// What the only folder of a class is.
pub(super) enum Reading {
    /// A student's, as far as can be told.
    Student,
    /// A student's, though the one folder in it could be, which is given.
    RatherStudent(String),
    /// The folder of the students, whose hand-ins are for the same exercises or are
    /// in a folder that is called like the ZIP file.
    Class,
    /// The folder of the students, more likely than not.
    RatherClass,
    /// It has an exercise twice, at these places in it, and tells nothing of whose.
    Either([String; 2]),
}

/// What the only folder of a class is, of which these pieces are told.
pub(super) fn reading(
    search: &mut Search<'_>,
    only: &Piece,
    within: &[Piece],
    path: &Path,
) -> Result<Reading> {
    let handed_out = within.iter().any(|piece| piece.named.by_lms);
    if handed_out || assignment_of(&only.path).is_some() && !within.is_empty() {
        return Ok(Reading::Class);
    }
    if is_students_own(search, only, within)? {
        return Ok(Reading::Student);
    }
    let mut first_with: BTreeMap<Option<String>, &Piece> = BTreeMap::new();
    let mut with_crates = Vec::new();
    let mut crates_themselves = false;
    for piece in within {
        let found = match piece.kind {
            Kind::Folder => search.folder(&piece.path, &piece.shown)?,
            Kind::Archive => search.archive(&piece.path, &piece.shown)?,
            Kind::Source | Kind::Other => continue,
        };
        if found.is_empty() {
            continue;
        }
        // The folder of a crate, or a name such as `bank-account-v2`, may be one of
        // several attempts.
        let attempt = |piece: &Piece| {
            let name = piece.path.file_name().unwrap_or_default().to_string_lossy();
            exercise_in(&name, search.course.names()).is_some()
        };
        let is_crate = matches!(piece.kind, Kind::Folder)
            && found.iter().any(|found| found.shown == piece.shown);
        let doubtful = is_crate || attempt(piece);
        let alone = found.len() == 1;
        for found in found {
            let named = || piece.named.exercise.clone().filter(|_| alone);
            let exercise = found.exercise.or_else(named);
            match first_with.get(&exercise) {
                Some(first) if std::ptr::eq(*first, piece) => {}
                Some(first) if doubtful || attempt(first) => {
                    let shown = |piece: &Piece| piece.shown.display().to_string();
                    return Ok(Reading::Either([shown(first), shown(piece)]));
                }
                Some(_) => return Ok(Reading::Class),
                None => drop(first_with.insert(exercise, piece)),
            }
        }
        crates_themselves |= doubtful;
        with_crates.push(piece);
    }
    if crates_themselves {
        return Ok(Reading::Student);
    }
    let packed_so = submission::is_archive(path) && path.file_stem() == only.path.file_name();
    match &with_crates[..] {
        _ if packed_so
            && within
                .iter()
                .any(|piece| matches!(piece.kind, Kind::Folder)) =>
        {
            Ok(Reading::Class)
        }
        [inner] if matches!(inner.kind, Kind::Folder) => {
            let listed = pieces(search.course, &inner.path, &inner.shown, &mut Vec::new())?;
            Ok(match reading(search, inner, &listed, path)? {
                Reading::Student | Reading::RatherStudent(_) => {
                    Reading::RatherStudent(inner.named.who.name.clone())
                }
                of_students => of_students,
            })
        }
        [] | [_] => Ok(Reading::Student),
        _ => Ok(Reading::RatherClass),
    }
}

/// Whether a folder is surely one student's: a repository, sources, or folders
/// that are called like exercises.
fn is_students_own(search: &Search<'_>, only: &Piece, within: &[Piece]) -> Result<bool> {
    let repository = [".git", "Cargo.toml", "exercises"];
    if repository.iter().any(|name| only.path.join(name).exists()) {
        return Ok(true);
    }
    let an_exercise =
        |piece: &Piece| piece.named.exercise.is_none() && search.course.has(&piece.named.who.key);
    if within.iter().any(an_exercise) {
        return Ok(true);
    }
    super::crates::has_sources(&only.path)
}
