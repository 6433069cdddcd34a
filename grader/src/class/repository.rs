//! The crates in a student's repository: one, several with or without a
//! workspace, or a whole clone of a course's.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use super::crates::exercise_of;
use crate::course::Course;
use crate::submission;

/// The crates in the working tree at `root`, each with its exercise, in the order
/// of their paths. A crate that is for none of the course's is left out. In the
/// clone of a course, its exercises are what students work on; what else is there
/// is not theirs.
pub(crate) fn in_repository(course: &Course, root: &Path) -> Result<Vec<(PathBuf, String)>> {
    let exercises = root.join("exercises");
    let is_clone = exercises
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_dir());
    if is_clone {
        let found = below(course, root, &exercises)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    below(course, root, root)
}

fn below(course: &Course, root: &Path, folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    let mut walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            // No submission is where no path reaches.
            Err(error) if submission::is_too_deep(&error) => continue,
            entry => entry.with_context(|| format!("cannot search {}", folder.display()))?,
        };
        if !entry.file_type().is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        if entry.depth() > 0 && (name.starts_with('.') || ["target", "src"].contains(&&*name)) {
            walk.skip_current_dir();
            continue;
        }
        if submission::crate_at(entry.path()).is_none() {
            continue;
        }
        // Within a crate only those that say so themselves are for another
        // exercise: members of its workspace, and not what it brings along.
        let outer = found
            .iter()
            .rev()
            .find(|(outer, _)| entry.path().starts_with(outer));
        let top = if outer.is_some() { entry.path() } else { root };
        if let Some(exercise) = exercise_of(course, entry.path(), top)
            && outer.is_none_or(|(_, other)| *other != exercise)
        {
            found.push((entry.into_path(), exercise));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str]) -> Vec<(String, String)> {
        let tree = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = tree.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("course/exercises/one/README.md", "");
        write("course/exercises/two/README.md", "");
        for file in files {
            // `a/Cargo.toml=one` is a manifest with that name.
            let (path, name) = file.split_once('=').unwrap_or((file, ""));
            write(&format!("repo/{path}"), &format!("package.name = '{name}'"));
        }
        let course = Course::open(&tree.path().join("course")).unwrap();
        let root = tree.path().join("repo");
        let found = in_repository(&course, &root).unwrap();
        let shown = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        found
            .into_iter()
            .map(|(path, exercise)| (shown(&path), exercise))
            .collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        list.iter().map(owned).collect()
    }

    #[test]
    fn a_repository_is_one_crate_or_has_several() {
        assert_eq!(
            found(&["Cargo.toml=one", "src/lib.rs"]),
            pairs(&[("", "one")])
        );
        let several = [
            "week-1/Cargo.toml=two",
            "week-1/src/lib.rs",
            "one/src/lib.rs",
            "notes/src/lib.rs",
        ];
        assert_eq!(found(&several), pairs(&[("one", "one"), ("week-1", "two")]));
    }

    #[test]
    fn a_crate_may_be_the_root_of_a_workspace() {
        let files = [
            "Cargo.toml=one",
            "src/lib.rs",
            "more/Cargo.toml=two",
            "more/src/lib.rs",
            "vendor/Cargo.toml=other",
            "vendor/src/lib.rs",
        ];
        assert_eq!(found(&files), pairs(&[("", "one"), ("more", "two")]));
        let files = ["Cargo.toml=mine", "src/lib.rs", "two/src/lib.rs"];
        assert_eq!(found(&files), pairs(&[("two", "two")]));
    }

    #[test]
    fn of_a_courses_clone_only_the_exercises_count() {
        let files = [
            "exercises/one/Cargo.toml=one",
            "exercises/one/src/lib.rs",
            "solutions/one/Cargo.toml=one",
            "solutions/one/src/lib.rs",
        ];
        assert_eq!(found(&files), pairs(&[("exercises/one", "one")]));
    }
}
