//! A file that somebody has named for what is written: put there as a whole, or not
//! at all.

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::exit::usage;

/// A file that can be written.
#[derive(Debug)]
pub(crate) struct Output {
    /// As it was named.
    named: PathBuf,
    /// What is there already.
    there: There,
}

#[derive(Debug)]
enum There {
    Nothing,
    /// A file, at this path when links are followed, with these rights.
    File(PathBuf, Permissions),
    /// A pipe, a device: what is written goes through it.
    Other,
}

impl Output {
    /// The file of this name. That it cannot be one is a usage error; nothing is
    /// changed yet.
    pub(crate) fn new(named: &Path) -> Result<Output> {
        let there = match named.canonicalize() {
            Ok(path) => {
                let data = path.metadata();
                let data = data.with_context(|| format!("cannot read {}", named.display()))?;
                match () {
                    () if data.is_dir() => {
                        usage!("{} is a folder: name a file", named.display())
                    }
                    () if data.is_file() => There::File(path, data.permissions()),
                    () => There::Other,
                }
            }
            Err(_) => {
                let folder = folder(named);
                if !folder.is_dir() {
                    usage!(
                        "there is no folder {} for {}: make it, or name another file",
                        folder.display(),
                        named.display()
                    );
                }
                There::Nothing
            }
        };
        let named = named.to_owned();
        Ok(Output { named, there })
    }

    /// Writes it, in place of what was there.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        let context = || format!("cannot write {}", self.named.display());
        let (path, rights) = match &self.there {
            There::Other => return std::fs::write(&self.named, text).with_context(context),
            There::File(path, rights) => (path, rights.clone()),
            // Less what the user keeps from others.
            There::Nothing => (&self.named, Permissions::from_mode(0o666)),
        };
        let mut fresh = tempfile::Builder::new();
        let fresh = fresh.permissions(rights.clone());
        let mut fresh = fresh.tempfile_in(folder(path)).with_context(context)?;
        fresh.write_all(text.as_bytes()).with_context(context)?;
        if let There::File(..) = self.there {
            fresh
                .as_file()
                .set_permissions(rights)
                .with_context(context)?;
        }
        fresh.persist(path).map(drop).with_context(context)
    }
}

/// Whether two paths lead to the same file, which may have several names.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let of = |path: &Path| path.metadata().map(|data| (data.dev(), data.ino()));
    matches!((of(one), of(other)), (Ok(one), Ok(other)) if one == other)
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_keeps_its_rights_and_its_links() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        Output::new(&file).unwrap().write("one").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let hard = folder.path().join("hard");
        std::fs::hard_link(&file, &hard).unwrap();
        assert!(is_same(&link, &file) && is_same(&hard, &file));
        assert!(!is_same(&file, folder.path()) && !is_same(&file, &folder.path().join("none")));
        std::fs::remove_file(hard).unwrap();
        Output::new(&link).unwrap().write("two").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o640);
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(folder.path().read_dir().unwrap().count(), 2);
        Output::new(Path::new("/dev/null"))
            .unwrap()
            .write("x")
            .unwrap();
    }

    #[test]
    fn what_can_be_no_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| Output::new(path).unwrap_err().to_string();
        assert!(refused(folder.path()).ends_with(" is a folder: name a file"));
        let missing = refused(&folder.path().join("none/file"));
        assert!(missing.contains("there is no folder "), "{missing}");
    }
}
