//! Finds the submissions that a path means, and the exercise of each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use walkdir::WalkDir;

use super::archive::{self, What};
use super::sources::{FILE_LIMIT, is_too_deep, read_up_to};
use crate::class;
use crate::course::Course;
use crate::exit::{Usage, usage};
use crate::home::{Folder, Home};

/// A submission that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Its path, as given; of several below one path, each with its own end.
    pub(crate) shown: String,
    /// Its folder, which has a folder `src`.
    pub(crate) folder: PathBuf,
    /// The exercise that it is for.
    pub(crate) exercise: String,
    /// What its archive was unpacked to, where it came in one.
    pub(crate) _unpacked: Option<Arc<Folder>>,
}

/// What lies beside submissions and is none: a crate of which nothing tells the
/// exercise, or what has no crate that can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Its path, as that of a submission.
    pub(crate) shown: String,
    /// Why that is so and what to do, in a sentence.
    pub(crate) why: String,
}

/// The submissions below some paths: each path's own crate, or every crate in it. A
/// path may be a ZIP file, which stands for what is in it. One of several that
/// cannot be told, or opened, keeps none of the others from being graded.
pub(crate) fn find(
    course: &Course,
    home: &Home,
    paths: &[impl AsRef<Path>],
    exercise: Option<&str>,
) -> Result<(Vec<Found>, Vec<Lost>)> {
    if let Some(name) = exercise.filter(|name| !course.has(name)) {
        usage!("there is no exercise `{name}`; {}", known(course));
    }
    let (mut found, mut lost) = (Vec::new(), Vec::new());
    for path in paths {
        below(course, home, path.as_ref(), exercise, &mut found, &mut lost)?;
    }
    match (found.is_empty(), lost.first()) {
        (true, Some(lost)) => Err(Usage(lost.why.clone()).into()),
        _ => Ok((found, lost)),
    }
}

/// Finds those below one path.
fn below(
    course: &Course,
    home: &Home,
    path: &Path,
    exercise: Option<&str>,
    found: &mut Vec<Found>,
    lost: &mut Vec<Lost>,
) -> Result<()> {
    if !path.exists() {
        usage!("there is no {}; give the folder of a crate", path.display());
    }
    let unpacked = match archive::is_archive(path) {
        true => {
            let folder = home.scratch()?;
            if let Err(refusal) = archive::unpack(path, What::Submissions, folder.path())? {
                lost.push(Lost {
                    shown: path.display().to_string(),
                    why: format!("{} cannot be graded: {refusal}", path.display()),
                });
                return Ok(());
            }
            Some(Arc::new(folder))
        }
        false => None,
    };
    let root = unpacked.as_ref().map_or(path, |folder| folder.path());
    let folders = crates(root)?;
    if folders.is_empty() {
        if is_handed_out(course, path) {
            usage!(
                "{} is a class, as Canvas or Moodle hands it out; grade it with `grader class`",
                path.display()
            );
        }
        lost.push(Lost {
            shown: path.display().to_string(),
            why: format!(
                "{} has no folder `src`, nor has any folder in it; give the folder of a crate",
                path.display()
            ),
        });
    }
    let alone = folders.len() == 1;
    for folder in folders {
        // What was unpacked is told by the archive that it lies in.
        let shown = match folder.strip_prefix(root) {
            Ok(inner) if unpacked.is_some() && !alone => path.join(inner),
            Ok(_) if unpacked.is_some() => path.to_owned(),
            Ok(_) | Err(_) => folder.clone(),
        };
        let exercise = match exercise {
            Some(name) => Ok(name.to_owned()),
            None => exercise_of(course, &folder, &shown)?,
        };
        let shown = shown.display().to_string();
        match exercise {
            Ok(exercise) => found.push(Found {
                shown,
                folder,
                exercise,
                _unpacked: unpacked.clone(),
            }),
            Err(why) => lost.push(Lost { shown, why }),
        }
    }
    Ok(())
}

/// Whether an LMS has named what lies at the top of a folder or an archive.
fn is_handed_out(course: &Course, path: &Path) -> bool {
    let names = match archive::is_archive(path) {
        true => archive::top(path),
        false => {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            names.collect()
        }
    };
    names
        .iter()
        .any(|name| class::is_handed_out(name, course.names()))
}

/// The folders with a `src` that a path means.
pub(crate) fn crates(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return match (path.file_name(), path.parent()) {
            (Some(name), Some(folder)) if name == "Cargo.toml" => {
                Ok(crate_at(&or_here(folder)).into_iter().collect())
            }
            _ => usage!("{} is a file; give the folder of a crate", path.display()),
        };
    }
    if let Some(folder) = crate_at(path) {
        return Ok(vec![folder]);
    }
    if path.file_name().is_some_and(|name| name == "src")
        && let Some(folder) = path.parent()
    {
        return Ok(vec![or_here(folder)]);
    }
    let mut folders = Vec::new();
    let mut walk = WalkDir::new(path)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = walk.next() {
        let entry = match entry {
            // No submission is where no path reaches.
            Err(error) if is_too_deep(&error) => continue,
            entry => entry.with_context(|| format!("cannot search {}", path.display()))?,
        };
        if !entry.file_type().is_dir() {
            continue;
        }
        let name = entry.file_name().to_string_lossy();
        if name.starts_with('.') || name == "target" {
            walk.skip_current_dir();
        } else if let Some(folder) = crate_at(entry.path()) {
            folders.push(folder);
            walk.skip_current_dir();
        }
    }
    Ok(folders)
}

/// The folder, if it is that of a crate.
pub(crate) fn crate_at(folder: &Path) -> Option<PathBuf> {
    folder
        .join("src")
        .symlink_metadata()
        .is_ok_and(|src| !src.is_file())
        .then(|| folder.to_owned())
}

/// The parent of a bare name is the current folder.
fn or_here(folder: &Path) -> PathBuf {
    if folder.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    }
}

#[derive(Deserialize)]
struct CargoToml {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: Option<String>,
}

/// The exercise that a crate is for: its package's name, else the nearest
/// folder that is called like one; else why it cannot be told.
fn exercise_of(course: &Course, folder: &Path, shown: &Path) -> Result<Result<String, String>> {
    let package = package_of(folder);
    if let Ok(Some(name)) = &package
        && course.has(name)
    {
        return Ok(Ok(name.clone()));
    }
    let absolute = folder
        .canonicalize()
        .with_context(|| format!("cannot read {}", folder.display()))?;
    let names = absolute
        .ancestors()
        .filter_map(|folder| folder.file_name()?.to_str());
    Ok(
        match (names.into_iter().find(|name| course.has(name)), package) {
            (Some(name), _) => Ok(name.to_owned()),
            (None, Err(why)) => Err(format!(
                "{} {why}; repair it, or name the exercise with --exercise",
                shown.join("Cargo.toml").display()
            )),
            (None, Ok(_)) => Err(format!(
                "cannot tell the exercise of {}: neither its package nor its folder is called like one; \
             name it with --exercise ({})",
                shown.display(),
                known(course)
            )),
        },
    )
}

/// The name of the package that a crate's manifest is of, if it names one; else
/// why it cannot be told. A link may lead to any file: it is none of the crate's.
pub(crate) fn package_of(folder: &Path) -> Result<Option<String>, String> {
    let manifest = folder.join("Cargo.toml");
    match manifest.symlink_metadata() {
        Err(_) => return Ok(None),
        Ok(there) if there.is_file() => {}
        Ok(_) => return Err("is not an ordinary file".to_owned()),
    }
    let bytes = read_up_to(&manifest, FILE_LIMIT + 1).map_err(|_| "cannot be read".to_owned())?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err("is larger than 1 MiB".to_owned());
    }
    package_in(&bytes).map_err(|why| format!("does not parse: {why}"))
}

/// The name of the package that a manifest is of, if it names one; else why it
/// is no manifest.
pub(crate) fn package_in(manifest: &[u8]) -> Result<Option<String>, String> {
    let text = std::str::from_utf8(manifest).map_err(|_| "it is not UTF-8".to_owned())?;
    let parsed: CargoToml = toml::from_str(text).map_err(|error| {
        let why = error.message().trim().lines().last();
        why.unwrap_or_default().to_owned()
    })?;
    Ok(parsed.package.and_then(|package| package.name))
}

fn known(course: &Course) -> String {
    format!("the exercises are {}", course.names().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[(&str, &str)]) -> Tree {
            let tree = Tree(tempfile::tempdir().unwrap());
            for (path, text) in files {
                let path = tree.0.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            tree
        }

        fn find(&self, path: &str, exercise: Option<&str>) -> Result<Vec<(String, String)>> {
            let course = Course::open(&self.0.path().join("course")).unwrap();
            let path = self.0.path().join(path);
            let (found, _) = find(&course, &Home::find()?, &[path], exercise)?;
            let root = self.0.path();
            let relative = |found: &Found| {
                found
                    .folder
                    .strip_prefix(root)
                    .unwrap()
                    .display()
                    .to_string()
            };
            Ok(found
                .iter()
                .map(|found| (relative(found), found.exercise.clone()))
                .collect())
        }
    }

    const COURSE: [(&str, &str); 2] = [
        ("course/exercises/one/README.md", ""),
        ("course/exercises/two/README.md", ""),
    ];

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::new(&[&COURSE, files].concat())
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(path, exercise)| (path.to_string(), exercise.to_string()))
            .collect()
    }

    #[test]
    fn a_crate_is_known_by_its_package_then_by_its_folders() {
        let tree = tree(&[
            ("a/Cargo.toml", "package = { name = 'two' }"),
            ("a/src/lib.rs", ""),
            ("one/bob/Cargo.toml", "package = { name = 'bobs' }"),
            ("one/bob/src/lib.rs", ""),
        ]);
        assert_eq!(tree.find("a", None).unwrap(), pairs(&[("a", "two")]));
        assert_eq!(
            tree.find("a/Cargo.toml", None).unwrap(),
            pairs(&[("a", "two")])
        );
        assert_eq!(tree.find("a/src", None).unwrap(), pairs(&[("a", "two")]));
        assert_eq!(
            tree.find("one/bob", None).unwrap(),
            pairs(&[("one/bob", "one")])
        );
        assert_eq!(tree.find("a", Some("one")).unwrap(), pairs(&[("a", "one")]));
    }

    #[test]
    fn a_folder_means_every_crate_in_it_by_name() {
        let tree = tree(&[
            ("one/zoe/src/lib.rs", ""),
            ("one/amy/src/lib.rs", ""),
            ("one/amy/vendor/src/lib.rs", ""),
            ("one/.git/src/lib.rs", ""),
            ("one/target/src/lib.rs", ""),
        ]);
        assert_eq!(
            tree.find("one", None).unwrap(),
            pairs(&[("one/amy", "one"), ("one/zoe", "one")])
        );
    }

    #[test]
    fn what_cannot_be_graded_is_told_in_a_sentence() {
        let tree = tree(&[
            ("empty/README.md", ""),
            ("odd/src/lib.rs", ""),
            ("broken/Cargo.toml", "[package"),
            ("broken/src/lib.rs", ""),
            ("canvas/ashann_1_2_one.zip", ""),
        ]);
        let error = |path, exercise| {
            let error = tree.find(path, exercise).unwrap_err();
            assert!(error.is::<Usage>(), "{error}");
            error.to_string()
        };
        assert!(error("nowhere", None).contains("there is no"));
        assert!(error("empty", None).contains("no folder `src`"));
        assert!(error("empty/README.md", None).contains("is a file"));
        assert!(error("canvas", None).contains("grade it with `grader class`"));
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        writer
            .start_file("Ann Ash_7_assignsubmission_file_/one.zip", options)
            .unwrap();
        let moodle = writer.finish().unwrap().into_inner();
        std::fs::write(tree.0.path().join("moodle.zip"), moodle).unwrap();
        assert!(error("moodle.zip", None).contains("grade it with `grader class`"));
        assert!(error("odd", None).contains("--exercise (the exercises are one, two)"));
        assert!(error("odd", Some("three")).contains("no exercise `three`"));
        assert!(error("broken", None).contains("does not parse"));
    }

    #[test]
    fn what_a_manifest_is_keeps_no_other_crate_from_being_found() {
        let tree = tree(&[
            ("class/good/Cargo.toml", "package = { name = 'two' }"),
            ("class/good/src/lib.rs", ""),
            ("class/broken/Cargo.toml", "[package"),
            ("class/broken/src/lib.rs", ""),
            ("class/large/Cargo.toml", "package = { name = 'two' }\n"),
            ("class/large/src/lib.rs", ""),
            ("class/linked/src/lib.rs", ""),
            ("class/folder/Cargo.toml/x", ""),
            ("class/folder/src/lib.rs", ""),
            ("class/odd/src/lib.rs", ""),
            ("one/large/src/lib.rs", ""),
        ]);
        let root = tree.0.path();
        let grow = |path: &str| {
            let mut file = std::fs::OpenOptions::new();
            let file = file.create(true).append(true).open(root.join(path));
            // Nothing of it takes room anywhere but in who reads it all.
            file.unwrap().set_len(1 << 40).unwrap();
        };
        grow("class/large/Cargo.toml");
        grow("one/large/Cargo.toml");
        std::os::unix::fs::symlink("../good/Cargo.toml", root.join("class/linked/Cargo.toml"))
            .unwrap();
        let course = Course::open(&root.join("course")).unwrap();
        let class = root.join("class");
        let (found, lost) = find(&course, &Home::find().unwrap(), &[&class], None).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].folder, class.join("good"));
        let lost: Vec<_> = lost
            .iter()
            .map(|lost| (lost.shown.rsplit('/').next().unwrap(), lost.why.as_str()))
            .collect();
        for ((name, why), (wanted, because)) in lost.iter().zip([
            ("broken", "Cargo.toml does not parse: "),
            ("folder", "Cargo.toml is not an ordinary file"),
            ("large", "Cargo.toml is larger than 1 MiB; repair it"),
            ("linked", "Cargo.toml is not an ordinary file"),
            ("odd", "neither its package nor its folder"),
        ]) {
            assert_eq!(*name, wanted);
            assert!(why.contains(because), "{why}");
        }
        assert_eq!(lost.len(), 5);
        // Where the folder tells, it takes no manifest.
        assert_eq!(
            tree.find("one", None).unwrap(),
            pairs(&[("one/large", "one")])
        );
    }
}
