//! The folder that the programs of a run work in: what they are given, and what
//! they leave.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use verdict::value::contents;
use verdict::{Given, Value, placeholder};

/// Puts files there. `value` gives what names in braces stand for.
pub(super) fn give(
    folder: &Path,
    given: &[Given],
    value: impl Fn(&str) -> Option<String>,
) -> Result<()> {
    for file in given {
        let path = folder.join(&file.path);
        let context = || format!("cannot give the programs the file {}", file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(context)?;
        }
        fs::write(&path, placeholder::filled(&file.text, &value)).with_context(context)?;
    }
    Ok(())
}

/// All files below a folder, as the values of marks, by their names. One that
/// cannot be read has no contents.
pub(super) fn left(folder: &Path) -> Vec<Value> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files = files.into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| !entry.file_type().is_dir());
    let told = files.map(|entry| {
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = name.to_string_lossy().into_owned();
        let contents = match fs::read(entry.path()) {
            Ok(bytes) => contents(&bytes),
            Err(_) => Value::Unit,
        };
        vec![Value::Text(name), contents].into()
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_given_and_told_by_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let given = |path: &str, text: &str| Given {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let all = [given("list.txt", "http://{site}/a\n"), given("b/.c", "")];
        let value = |name: &str| (name == "site").then(|| "1.2.3.4:5".to_owned());
        give(folder.path(), &all, value).unwrap();
        let file = |name: &str, text: &str| Value::from(vec![name, text]);
        let expected = [file("b/.c", ""), file("list.txt", "http://1.2.3.4:5/a\n")];
        assert_eq!(left(folder.path()), expected);
    }
}
