//! The sources of a submission: read once, vetted, addressed by their content
//! and written to a scratch folder to be compiled there.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::course::Kind;
use crate::digest::Digest;

/// Most that one source file may hold, in bytes.
pub(crate) const FILE_LIMIT: u64 = 1 << 20;
/// Most source files of a submission.
const FILES_LIMIT: usize = 200;
/// Most that all source files together may hold, in bytes.
const TOTAL_LIMIT: u64 = 4 << 20;

/// The sources that count: `src/**/*.rs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sources {
    files: BTreeMap<String, String>,
}

/// Why a submission may not be graded, in a sentence for its author.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) String);

/// Whether a file is one that a Mac (`._lib.rs`) or Emacs (`.#lib.rs`, a link to nowhere)
/// puts beside a source.
pub(super) fn is_litter(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.starts_with("._") || file.starts_with(".#")
}

impl Sources {
    /// Reads a submission. The outer error is the grader's, the inner one the
    /// submission's.
    pub(crate) fn read(folder: &Path, kind: Kind) -> Result<Result<Sources, Refusal>> {
        let mut files = BTreeMap::new();
        let mut total = 0;
        let src = folder.join("src");
        for entry in WalkDir::new(&src)
            .follow_root_links(false)
            .sort_by_file_name()
        {
            let entry = match entry {
                Err(error) if is_too_deep(&error) => {
                    let most = "src has folders in folders, deeper than a path can be long";
                    return refuse(format!("{most}; remove them"));
                }
                entry => entry.with_context(|| format!("cannot read {}", src.display()))?,
            };
            let path = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            let Some(name) = path.to_str().map(|name| name.replace('\\', "/")) else {
                return refuse(format!(
                    "the name of {} is not UTF-8; rename the file",
                    short(&path.to_string_lossy())
                ));
            };
            if is_litter(&name) {
                continue;
            }
            if entry.path_is_symlink() {
                return refuse(format!(
                    "{} is a symbolic link; put the file itself there",
                    short(&name)
                ));
            }
            if entry.file_type().is_dir() || !name.ends_with(".rs") {
                continue;
            }
            if !entry.file_type().is_file() {
                return refuse(format!("{} is not an ordinary file", short(&name)));
            }
            let bytes = read_up_to(entry.path(), FILE_LIMIT + 1)?;
            total += bytes.len() as u64;
            if bytes.len() as u64 > FILE_LIMIT {
                return refuse(format!(
                    "{} is larger than 1 MiB, the most that a source file may be",
                    short(&name)
                ));
            }
            if files.len() == FILES_LIMIT || total > TOTAL_LIMIT {
                return refuse(format!(
                    "there are more than {FILES_LIMIT} source files or 4 MiB of them"
                ));
            }
            let Ok(text) = String::from_utf8(bytes) else {
                return refuse(format!("{} is not UTF-8; save it as UTF-8", short(&name)));
            };
            files.insert(name, text);
        }
        if files.is_empty() {
            return refuse("src has no Rust source file".to_owned());
        }
        if !files.contains_key(kind.entry()) {
            return refuse(format!(
                "there is no {}; this exercise needs one",
                kind.entry()
            ));
        }
        Ok(Ok(Sources { files }))
    }

    /// Whether there is a file of this name (`src/lib.rs`).
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// The text of a file.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// All of them, by their names.
    pub(crate) fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// The same with another name for a file.
    pub(crate) fn renamed(&self, from: &str, to: &str) -> Sources {
        let mut files = self.files.clone();
        if let Some(text) = files.remove(from) {
            files.insert(to.to_owned(), text);
        }
        Sources { files }
    }

    /// The content address of all of them.
    pub(crate) fn digest(&self) -> String {
        self.files
            .iter()
            .fold(Digest::default(), |digest, (name, text)| {
                digest.part(name).part(text)
            })
            .finish()
    }

    /// Writes them below a folder.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            let context = || format!("cannot write {}", path.display());
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).with_context(context)?;
            }
            std::fs::write(&path, text).with_context(context)?;
        }
        Ok(())
    }
}

fn refuse(why: String) -> Result<Result<Sources, Refusal>> {
    Ok(Err(Refusal(why)))
}

/// Whether folders were met that are too deep for the system to name what is in them.
pub(crate) fn is_too_deep(error: &walkdir::Error) -> bool {
    let kind = error.io_error().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::InvalidFilename)
}

/// A path for a sentence: both ends of a long one.
fn short(path: &str) -> String {
    const MOST: usize = 160;
    let length = path.chars().count();
    if length <= MOST {
        return path.to_owned();
    }
    let first: String = path.chars().take(MOST / 2).collect();
    let last: String = path.chars().skip(length - MOST / 2).collect();
    format!("{first}...{last}")
}

/// Reads no more of a file than can matter, whatever it grows to meanwhile.
pub(crate) fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let context = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).with_context(context)?;
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .with_context(context)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &[u8])]) -> Result<Sources, Refusal> {
        let folder = folder(files);
        Sources::read(folder.path(), Kind::Library).unwrap()
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        for (name, bytes) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        folder
    }

    #[test]
    fn only_rust_files_below_src_count() {
        let sources = read(&[
            ("src/lib.rs", b"mod a;"),
            ("src/a/mod.rs", b""),
            ("src/a.txt", b"\xff"),
            ("build.rs", b""),
        ])
        .unwrap();
        assert_eq!(
            sources.files.keys().collect::<Vec<_>>(),
            ["src/a/mod.rs", "src/lib.rs"]
        );
        let copy = tempfile::tempdir().unwrap();
        sources.write(copy.path()).unwrap();
        let copied = Sources::read(copy.path(), Kind::Library).unwrap().unwrap();
        assert_eq!(copied, sources);
        assert_eq!(copied.digest(), sources.digest());
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        let refused = |files: &[(&str, &[u8])]| read(files).unwrap_err().to_string();
        assert!(refused(&[]).contains("no Rust source file"));
        assert!(refused(&[("src/main.rs", b"")]).contains("there is no src/lib.rs"));
        assert!(refused(&[("src/lib.rs", b"\xff")]).contains("src/lib.rs is not UTF-8"));
        assert!(
            refused(&[("src/lib.rs", &vec![b' '; (1 << 20) + 1])]).contains("larger than 1 MiB")
        );
        let many: Vec<_> = (0..201).map(|n| format!("src/m{n}.rs")).collect();
        let many: Vec<(&str, &[u8])> = many
            .iter()
            .map(|name| (name.as_str(), b"".as_slice()))
            .collect();
        assert!(refused(&many).contains("more than 200"));
    }

    #[test]
    fn folders_that_no_path_reaches_are_refused_in_a_short_sentence() {
        let folder = folder(&[("src/lib.rs", b"")]);
        let name = "d".repeat(200);
        let src = folder.path().join("src");
        // What cannot be named from the root is made from both ends.
        let made = |top: &str| {
            let mut path = src.join(top);
            std::fs::create_dir(&path).unwrap();
            for _ in 0..16 {
                path.push(&name);
                std::fs::create_dir(&path).unwrap();
            }
            path
        };
        let (above, below) = (made("a"), made("b"));
        let refused = || {
            let read = Sources::read(folder.path(), Kind::Library).unwrap();
            read.map_err(|refusal| refusal.to_string())
        };
        refused().unwrap();
        std::os::unix::fs::symlink("lib.rs", above.join("x.rs")).unwrap();
        let told = refused().unwrap_err();
        assert!(
            told.contains("x.rs is a symbolic link") && told.len() < 300,
            "{told}"
        );
        std::fs::remove_file(above.join("x.rs")).unwrap();
        std::fs::rename(src.join("b"), above.join("b")).unwrap();
        let told = refused().unwrap_err();
        assert!(told.contains("deeper than a path can be long"), "{told}");
        // For whoever removes the folder.
        std::fs::rename(above.join("b"), src.join("b")).unwrap();
        assert!(below.exists());
    }

    #[test]
    fn what_a_mac_and_an_editor_put_beside_the_sources_is_left() {
        let folder = folder(&[("src/lib.rs", b""), ("src/._lib.rs", b"\0\xff")]);
        std::os::unix::fs::symlink("me@here.1:2", folder.path().join("src/.#lib.rs")).unwrap();
        let sources = Sources::read(folder.path(), Kind::Library)
            .unwrap()
            .unwrap();
        assert_eq!(sources.files().keys().collect::<Vec<_>>(), ["src/lib.rs"]);
    }

    #[test]
    fn a_symbolic_link_is_refused() {
        let folder = folder(&[("src/lib.rs", b""), ("elsewhere.rs", b"")]);
        std::os::unix::fs::symlink(
            folder.path().join("elsewhere.rs"),
            folder.path().join("src/linked.rs"),
        )
        .unwrap();
        let refusal = Sources::read(folder.path(), Kind::Library)
            .unwrap()
            .unwrap_err();
        assert!(
            refusal
                .to_string()
                .contains("src/linked.rs is a symbolic link")
        );
    }
}
