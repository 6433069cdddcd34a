//! Content addresses: the same content has the same name, on every machine.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

/// A digest being made of parts. Each part carries its length, so that two
/// different lists of parts never run together to one.
#[derive(Clone, Default)]
pub(crate) struct Digest(Sha256);

impl Digest {
    /// Adds a part.
    pub(crate) fn part(mut self, part: impl AsRef<[u8]>) -> Self {
        self.add(part.as_ref());
        self
    }

    /// Adds every file below a folder with its relative path, in the order of
    /// the paths; folders called `target` and hidden ones are left out.
    pub(crate) fn folder(mut self, folder: &Path) -> Result<Self> {
        let ours = |entry: &walkdir::DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0
                || !(name.starts_with('.') || (name == "target" && entry.file_type().is_dir()))
        };
        for entry in WalkDir::new(folder)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(ours)
        {
            let entry =
                entry.with_context(|| format!("cannot read the folder {}", folder.display()))?;
            if entry.file_type().is_file() {
                let path = entry.path();
                let relative = path.strip_prefix(folder).unwrap_or(path);
                self.add(relative.to_string_lossy().replace('\\', "/").as_bytes());
                self.add(
                    &std::fs::read(path)
                        .with_context(|| format!("cannot read {}", path.display()))?,
                );
            }
        }
        Ok(self)
    }

    /// The digest, in hexadecimal.
    pub(crate) fn finish(self) -> String {
        self.0
            .finalize()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                // Writing to a String cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }

    fn add(&mut self, part: &[u8]) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        let one = Digest::default().part("ab").part("c").finish();
        let other = Digest::default().part("a").part("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.len(), 64);
    }

    #[test]
    fn a_folder_is_known_by_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let digest = || Digest::default().folder(folder.path()).unwrap().finish();
        std::fs::write(folder.path().join("a"), "1").unwrap();
        let first = digest();
        assert_eq!(first, digest());
        std::fs::create_dir(folder.path().join("target")).unwrap();
        std::fs::write(folder.path().join("target/b"), "2").unwrap();
        assert_eq!(first, digest(), "what Cargo builds is no content");
        std::fs::rename(folder.path().join("a"), folder.path().join("b")).unwrap();
        assert_ne!(first, digest());
    }
}
