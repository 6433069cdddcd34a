//! Files that a scenario gives to its programs, and those that they leave.
//!
//! Both lie in the folder that programs run in, which is the current one.
//! Nothing here is a step: it happens before the first one and after the last.

use std::fs::{self, DirEntry, Permissions};
use std::io::Result;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use verdict::value::{self, contents, refused};
use verdict::{Given, Value};

use super::folder;
use crate::arena::Outside;

/// Writes the files of a plan, each with its text as `filled` gives it.
pub(crate) fn give(emptied: &mut bool, files: &[Given], filled: impl Fn(&str) -> String) {
    begin(emptied);
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
/// What is neither a file nor a folder, or cannot be read, is told as what it is.
/// Nobody is left who could change any of it, and the limits of files and of what
/// was written to them have held all along. But a file may be longer than what was
/// written to it: not more than `bytes` are read of all together.
pub(crate) fn left(emptied: &mut bool, mut bytes: u64) -> Vec<(String, Value)> {
    begin(emptied);
    let _outside = Outside::enter();
    folder::close_rest();
    folder::open_up();
    let mut files = Vec::new();
    folder::or_lost(look(Path::new("."), "", &mut files, &mut bytes));
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files
}

/// Makes sure that the execution, which has `emptied` its folders or has not,
/// began with empty ones.
fn begin(emptied: &mut bool) {
    if !std::mem::replace(emptied, true) {
        folder::empty_all();
    }
}

fn look(
    folder: &Path,
    before: &str,
    files: &mut Vec<(String, Value)>,
    bytes: &mut u64,
) -> Result<()> {
    let_read(folder, 0o700);
    // In an order that is the same everywhere, as it matters whose bytes are read.
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let name = value::name(entry.file_name().as_encoded_bytes());
        let name = format!("{before}{name}");
        if kind.is_dir() && look(&path, &format!("{name}/"), files, bytes).is_ok() {
            continue;
        }
        let held = if kind.is_file() {
            let_read(&path, 0o600);
            let length = entry.metadata()?.len();
            match bytes.checked_sub(length) {
                None => refused("a file longer than all files may be together"),
                Some(left) => {
                    *bytes = left;
                    fs::read(&path).map_or_else(
                        |_| refused("a file that cannot be read"),
                        |read| contents(&read),
                    )
                }
            }
        } else if kind.is_symlink() {
            refused("a symbolic link")
        } else {
            refused("a folder that cannot be read")
        };
        files.push((name, held));
    }
    Ok(())
}

/// Gives the rights back that a program has taken from itself: what it left is not to
/// depend on who looks, and root can read everything.
fn let_read(path: &Path, rights: u32) {
    let mode = fs::symlink_metadata(path).map(|data| data.permissions().mode());
    if mode.is_ok_and(|mode| mode & rights != rights) {
        // Where it cannot be given back, it is told that it cannot be read.
        let _ = fs::set_permissions(path, Permissions::from_mode(rights));
    }
}
