//! Files that a scenario gives to its programs, and those that they leave.
//!
//! Both lie in the folder that programs run in, which is the current one.
//! Nothing here is a step: it happens before the first one and after the last.

use std::fs;
use std::io::Result;
use std::path::Path;

use verdict::value::contents;
use verdict::{Given, Value};

use super::folder;
use crate::arena::Outside;

/// Writes the files of a plan, each with its text as `filled` gives it.
pub(crate) fn give(files: &[Given], filled: impl Fn(&str) -> String) {
    if files.is_empty() {
        return;
    }
    folder::begin();
    // What is called here is the system, and not its simulation.
    let _outside = Outside::enter();
    folder::or_lost(files.iter().try_for_each(|file| {
        if let Some(parent) = Path::new(&file.path).parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file.path, filled(&file.text))
    }));
}

/// The files that are there, with what they hold, in the order of their names.
/// What is neither a file nor a folder, or cannot be read, holds nothing.
pub(crate) fn left() -> Vec<(String, Value)> {
    folder::begin();
    let _outside = Outside::enter();
    let mut files = Vec::new();
    folder::or_lost(look(Path::new("."), "", &mut files));
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

fn look(folder: &Path, before: &str, files: &mut Vec<(String, Value)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && look(&path, &format!("{name}/"), files).is_ok() {
            continue;
        }
        let bytes = kind.is_file().then(|| fs::read(&path).ok());
        files.push((
            name,
            bytes
                .flatten()
                .map_or(Value::Unit, |bytes| contents(&bytes)),
        ));
    }
    Ok(())
}
