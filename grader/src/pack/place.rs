//! Puts a pack where it is wanted: a folder or a ZIP file, whole or not at all,
//! and in the place of nothing but an earlier pack.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::Pack;
use crate::digest::Digest;
use crate::exit::usage;

/// What says that a ZIP file is a pack: its comment.
const MARK: &str = "lockstep/pack/v1";
/// What says so of a folder: a list of its files with their digests.
const LIST: &str = ".lockstep-pack";

/// Writes a pack to a path: a ZIP file where it ends in `.zip`, else a folder.
pub(crate) fn write(pack: &Pack, path: &Path) -> Result<()> {
    let is_zip = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("zip"));
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !parent.is_dir() {
        usage!("there is no folder {}; make it first", parent.display());
    }
    let replaces = path.symlink_metadata().is_ok();
    if replaces
        && !(if is_zip {
            is_our_zip(path)
        } else {
            is_our_folder(path)?
        })
    {
        usage!(
            "{} is there already, and is no pack that is as it was made; move it away, or give another \
             name",
            path.display()
        );
    }
    match is_zip {
        true => put_zip(pack, path, parent),
        false => put_folder(pack, path, parent, replaces),
    }
    .with_context(|| format!("cannot write {}", path.display()))
}

fn put_zip(pack: &Pack, path: &Path, parent: &Path) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(parent)?;
    file.write_all(&zip(pack)?)?;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A pack as the bytes of a ZIP file, without anything that would be another the
/// next time.
fn zip(pack: &Pack) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.set_comment(MARK)?;
    for (path, file) in &pack.files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(mode(file.executable));
        writer.start_file(path.as_str(), options)?;
        writer.write_all(&file.bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn mode(executable: bool) -> u32 {
    if executable { 0o755 } else { 0o644 }
}

fn put_folder(pack: &Pack, path: &Path, parent: &Path, replaces: bool) -> Result<()> {
    let fresh = tempfile::Builder::new()
        .prefix(".lockstep-")
        .tempdir_in(parent)?;
    let inside = fresh.path().join("new");
    let mut list = format!("{MARK}\n");
    for (name, file) in &pack.files {
        let to = inside.join(name);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&to, &file.bytes)?;
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(mode(file.executable)))?;
        list.push_str(&format!("{} {name}\n", digest(&file.bytes)));
    }
    std::fs::write(inside.join(LIST), list)?;
    if replaces {
        std::fs::rename(path, fresh.path().join("old"))?;
    }
    std::fs::rename(inside, path)?;
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    Digest::default().part(bytes).finish()
}

/// Whether a file is a pack.
fn is_our_zip(path: &Path) -> bool {
    let is_file = path.symlink_metadata().is_ok_and(|data| data.is_file());
    let opened = is_file.then(|| std::fs::File::open(path).ok()).flatten();
    let archive = opened.and_then(|file| ZipArchive::new(file).ok());
    archive.is_some_and(|archive| archive.comment() == MARK.as_bytes())
}

/// Whether a folder is empty, or a pack in which nobody has changed anything.
fn is_our_folder(path: &Path) -> Result<bool> {
    if !path.symlink_metadata().is_ok_and(|data| data.is_dir()) {
        return Ok(false);
    }
    let list = std::fs::read_to_string(path.join(LIST)).unwrap_or_default();
    let mut lines = list.lines();
    let mut listed: BTreeMap<PathBuf, &str> = BTreeMap::new();
    if lines.next() == Some(MARK) {
        let pairs = lines.filter_map(|line| line.split_once(' '));
        listed = pairs
            .map(|(digest, name)| (path.join(name), digest))
            .collect();
        listed.insert(path.join(LIST), "");
    }
    for entry in WalkDir::new(path).min_depth(1) {
        let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let as_it_was = match listed.get(entry.path()) {
            Some(&"") => true,
            Some(known) => {
                entry.file_type().is_file()
                    && std::fs::read(entry.path()).is_ok_and(|bytes| digest(&bytes) == *known)
            }
            None => false,
        };
        if !as_it_was {
            return Ok(false);
        }
    }
    Ok(true)
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
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&out, &link).unwrap();
        assert!(refused(&link));
        // Nothing is left of what was tried.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
