//! What a crate reads while it compiles, from the dep-info that rustc leaves.

/// What to do about a file that is read.
pub(super) const ONLY_SOURCES: &str = "only `.rs` files below src are taken, so put what \
                                       `include_str!` or the like reads into one of them, as a \
                                       constant";

/// Most that rustc may tell of that, in bytes: a macro can make it name anything
/// any number of times.
pub(super) const LIMIT: u64 = 16 << 20;

/// Why a crate may not be graded for what it reads, if it may not: only its
/// own sources count, and the machine's files and variables are none of them.
pub(super) fn refusal(dep_info: &[u8]) -> Option<String> {
    if dep_info.len() as u64 > LIMIT {
        return Some("the sources name too many files or variables while they compile".to_owned());
    }
    for line in String::from_utf8_lossy(dep_info).lines() {
        if let Some(variable) = line.strip_prefix("# env-dep:") {
            let name = variable.split('=').next().unwrap_or_default();
            if !name.starts_with("CARGO_") {
                return Some(format!(
                    "the sources read the environment variable `{name}` while they compile; remove the `env!` of it"
                ));
            }
        } else if let Some(file) = line.strip_suffix(':') {
            let file = file.replace("\\ ", " ");
            if !is_source(&file) {
                return Some(refused_file(&file));
            }
        }
    }
    None
}

/// Whether all files that a crate reads have names in which nothing can be taken
/// for a part of Rust's.
pub(super) fn is_plain(dep_info: &[u8]) -> bool {
    let text = String::from_utf8_lossy(dep_info);
    let mut files = text.lines().filter_map(|line| line.strip_suffix(':'));
    dep_info.len() as u64 <= LIMIT
        && files.all(|file| !file.contains(|char: char| "()[]{}<>'\"&,;".contains(char)))
}

/// Whether a path is a source of the submission's own.
pub(super) fn is_source(path: &str) -> bool {
    path.starts_with("src/") && path.ends_with(".rs") && !path.split('/').any(|part| part == "..")
}

/// Whether a path leads out of the folder of the sources.
pub(super) fn is_outside(path: &str) -> bool {
    let mut depth = 0;
    let mut parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let leads_out = parts.any(|part| {
        depth += if part == ".." { -1 } else { 1 };
        depth < 1
    });
    leads_out || !path.starts_with("src/")
}

/// Why a crate may not be graded that reads a file outside.
pub(super) fn refused_file(file: &str) -> String {
    format!("the sources read the file `{file}` while they compile; {ONLY_SOURCES}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_sources_and_what_cargo_tells_may_be_read() {
        assert_eq!(
            refusal(
                b"x.rmeta: src/lib.rs\n\nsrc/lib.rs:\nsrc/a b/c.rs:\n\n# env-dep:CARGO_PKG_NAME=x\n"
            ),
            None
        );
        assert!(refusal(&vec![b'\n'; LIMIT as usize + 1]).is_some());
        assert!(is_outside("/etc/passwd") && is_outside("src/../a") && is_outside("../src/a"));
        assert!(!is_outside("src/a.txt") && !is_outside("src/b/../a.txt"));
        assert_eq!(refusal(b"x: src/a.rs\n\nsrc/a\\ b.rs:\n"), None);
        assert!(is_plain(b"x: src/a.rs\n\nsrc/a\\ b/c-1.rs:\n"));
        assert!(!is_plain(b"x: src/a.rs\n\nsrc/a.rs:\nsrc/a>b.rs:\n"));
        assert!(
            refusal(b"x: y\n\n/etc/passwd:\n")
                .unwrap()
                .contains("`/etc/passwd`")
        );
        assert!(
            refusal(b"x: y\n\nsrc/../../a.rs:\n")
                .unwrap()
                .contains("src/../../a.rs")
        );
        assert!(
            refusal(b"x: y\n\n# env-dep:HOME=/root\n")
                .unwrap()
                .contains("`HOME`")
        );
    }
}
