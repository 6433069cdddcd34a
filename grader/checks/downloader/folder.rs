//! For the scenarios: the folder that is downloaded to.
//!
//! Contents are texts in which each char is one byte, so that any file can be
//! recorded as it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Said where the simulation's scratch folder cannot be used: that is a fault
/// of the grader's, and ends the examination.
const OWN_FOLDER: &str = "the scratch folder can be read and written";

/// A folder of the scenario's own.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder.
    pub(crate) fn new(path: PathBuf) -> Folder {
        fs::create_dir(&path).expect(OWN_FOLDER);
        Folder { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts files into the folder.
    pub(crate) fn put(&self, files: &BTreeMap<String, String>) {
        for (name, contents) in files {
            let path = self.path.join(name);
            if let Some(parent) = path.parent().filter(|parent| *parent != self.path) {
                fs::create_dir_all(parent).expect(OWN_FOLDER);
            }
            fs::write(path, bytes(contents)).expect(OWN_FOLDER);
        }
    }

    /// Puts a file there unless the name is taken, and tells whether it did.
    pub(crate) fn plant(&self, name: &str, contents: &str) -> bool {
        match fs::File::create_new(self.path.join(name)) {
            Ok(mut file) => {
                file.write_all(&bytes(contents)).expect(OWN_FOLDER);
                true
            }
            Err(_) => false,
        }
    }

    /// Empties the folder.
    pub(crate) fn clear(&self) {
        fs::remove_dir_all(&self.path).expect(OWN_FOLDER);
        fs::create_dir(&self.path).expect(OWN_FOLDER);
    }

    /// All files in it and in folders below, by their names; without contents
    /// where one was gone before it could be read.
    pub(crate) fn files(&self) -> BTreeMap<String, Option<String>> {
        let mut files = BTreeMap::new();
        collect(&self.path, "", true, &mut files);
        files
    }

    /// The same, but for names, of files or of folders, that begin with a dot.
    pub(crate) fn visible_files(&self) -> BTreeMap<String, Option<String>> {
        let mut files = BTreeMap::new();
        collect(&self.path, "", false, &mut files);
        files
    }

    /// The contents of one file, if it is there.
    pub(crate) fn contents(&self, name: &str) -> Option<String> {
        contents(&self.path.join(name))
    }

    /// The name in this folder that a path leads to, however it is written.
    pub(crate) fn name_of(&self, path: &Path) -> Option<String> {
        let name = match path.strip_prefix(&self.path) {
            Ok(name) => name.to_owned(),
            Err(_) => {
                let parent = fs::canonicalize(path.parent()?).ok()?;
                let parent = parent
                    .strip_prefix(fs::canonicalize(&self.path).ok()?)
                    .ok()?
                    .to_owned();
                parent.join(path.file_name()?)
            }
        };
        Some(name.to_string_lossy().into_owned())
    }
}

/// A folder that is gone, or going, has no files: that is for the judge to see.
fn collect(
    folder: &Path,
    prefix: &str,
    hidden: bool,
    files: &mut BTreeMap<String, Option<String>>,
) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') && !hidden {
            continue;
        }
        let name = format!("{prefix}{name}");
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&entry.path(), &format!("{name}/"), hidden, files);
        } else {
            files.insert(name, contents(&entry.path()));
        }
    }
}

/// Reads a file as `fs::read` does, but without asking the system for its
/// length first: this is done several times in every execution.
fn contents(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(u64::MAX).read_to_end(&mut bytes).ok()?;
    Some(bytes.into_iter().map(char::from).collect())
}

/// The bytes that a text of the rubric stands for.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars()
        .map(|char| u8::try_from(char).unwrap_or(b'?'))
        .collect()
}
