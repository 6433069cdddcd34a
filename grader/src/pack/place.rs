//! Puts a pack where it is wanted: a folder or a ZIP file, whole or not at all,
//! and in the place of nothing but an earlier pack (a comment in a ZIP file says that
//! it is one).

use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::Pack;
use crate::exit::usage;
use crate::publish::{PACK, Place};

/// Writes a pack to a path: a ZIP file where it ends in `.zip`, else a folder.
pub(crate) fn write(pack: &Pack, path: &Path) -> Result<()> {
    let is_zip = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("zip"));
    match is_zip {
        true => put_zip(pack, path),
        false => {
            let files = pack.files.iter();
            let files = files.map(|(path, content)| (path.as_str().into(), content));
            Place::find(&PACK, path)?.put(files)
        }
    }
}

fn put_zip(pack: &Pack, path: &Path) -> Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        usage!("there is no folder {}; make it first", parent.display());
    }
    if path.symlink_metadata().is_ok() && !is_our_zip(path) {
        usage!(
            "{} is there already, and is no pack; move it away, or give another name",
            path.display()
        );
    }
    let put = || -> Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(&zip(pack)?)?;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    put().with_context(|| format!("cannot write {}", path.display()))
}

/// A pack as the bytes of a ZIP file, without anything that would be another the
/// next time.
fn zip(pack: &Pack) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment(PACK.mark)?;
    for (path, file) in &pack.files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(file.mode());
        writer.start_file(path.as_str(), options)?;
        writer.write_all(&file.bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Whether a file is a pack.
fn is_our_zip(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|data| data.is_file());
    let opened = is_file.then(|| std::fs::File::open(path).ok()).flatten();
    let archive = opened.and_then(|file| ZipArchive::new(file).ok());
    archive.is_some_and(|archive| archive.comment() == PACK.mark.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Usage;

    fn pack() -> Pack {
        let mut pack = Pack::default();
        pack.add("b/c.txt", "text");
        pack.add_program("a.sh", "#!/bin/sh\n");
        pack
    }

    fn refused(path: &Path) -> bool {
        write(&pack(), path).unwrap_err().is::<Usage>()
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one.zip"), folder.path().join("two.ZIP"));
        write(&pack(), &one).unwrap();
        write(&pack(), &two).unwrap();
        let bytes = std::fs::read(&one).unwrap();
        assert_eq!(bytes, std::fs::read(&two).unwrap());
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = archive
            .file_names()
            .map(|name| name.unwrap().into_owned())
            .collect();
        assert_eq!(names, ["a.sh", "b/c.txt"]);
        assert_eq!(
            archive.by_name("a.sh").unwrap().unix_mode(),
            Some(0o100_755)
        );
        assert_eq!(
            archive.by_name("b/c.txt").unwrap().unix_mode(),
            Some(0o100_644)
        );
    }

    #[test]
    fn only_a_pack_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("pack.zip");
        write(&pack(), &zip).unwrap();
        write(&pack(), &zip).unwrap();
        std::fs::write(&zip, "mine").unwrap();
        assert!(refused(&zip));
        assert_eq!(std::fs::read(&zip).unwrap(), b"mine");
        assert!(refused(&folder.path().join("no/pack.zip")));

        let out = folder.path().join("out");
        std::fs::create_dir(&out).unwrap();
        write(&pack(), &out).unwrap();
        write(&pack(), &out).unwrap();
        assert_eq!(std::fs::read(out.join("b/c.txt")).unwrap(), b"text");
        std::fs::write(out.join("b/c.txt"), "mine").unwrap();
        assert!(refused(&out));
        assert_eq!(std::fs::read(out.join("b/c.txt")).unwrap(), b"mine");
        std::fs::write(out.join("b/c.txt"), "text").unwrap();
        write(&pack(), &out).unwrap();
        std::fs::write(out.join("b/mine.txt"), "").unwrap();
        assert!(refused(&out));
        // Nothing is left of what was tried.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
