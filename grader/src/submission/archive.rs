//! A submission in a ZIP file, as it is handed in, or those of a whole class, as
//! they are handed out: what may matter is unpacked to a folder of the grader's.
//!
//! Whatever the archive says of sizes, names and kinds, no more is read than the
//! limits allow, and nothing is written outside of that folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use anyhow::{Context as _, Result};
use zip::ZipArchive;
use zip::result::ZipError;

use super::Refusal;
use super::sources::is_litter;

/// What an archive is, which says what matters in it and how much that may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Submissions: sources and manifests.
    Submissions,
    /// What one student of a class has handed in: these, and archives in it.
    HandIn,
    /// What a whole class has handed in, as an LMS packs it.
    Class,
}

/// How much an archive may hold.
struct Limits {
    /// In bytes, as it is.
    archive: u64,
    /// Entries, also such as do not matter.
    entries: usize,
    /// Files that matter.
    files: usize,
    /// Bytes of these files together.
    total: u64,
}

impl What {
    const fn limits(self) -> Limits {
        match self {
            What::Submissions => Limits {
                archive: 256 << 20,
                entries: 50_000,
                files: 5_000,
                total: 64 << 20,
            },
            What::HandIn => Limits {
                archive: 64 << 20,
                entries: 50_000,
                files: 2_000,
                total: 16 << 20,
            },
            What::Class => Limits {
                archive: 4 << 30,
                entries: 1_000_000,
                files: 200_000,
                total: 4 << 30,
            },
        }
    }

    /// Whether a file of this name may matter.
    fn wants(self, name: &str) -> bool {
        let source = name.ends_with(".rs") || name == "Cargo.toml" || name.ends_with("/Cargo.toml");
        source || (self != What::Submissions && is_packed(name))
    }
}

/// Most that is read of a source file, in bytes: one that is longer is refused by
/// whoever reads the submission.
const FILE_LIMIT: u64 = (1 << 20) + 1;
/// Most that is read of an archive in an archive, in bytes, which is then no whole
/// archive any more.
const INNER_LIMIT: u64 = 64 << 20;
/// Most files that do not matter of which a class's archive is told, and most of
/// them in one folder: a few tell what a student has handed in.
const OTHERS: (usize, usize) = (50_000, 4);
/// Longest name of an entry, and of a part of it, in bytes.
const NAME_LIMIT: (usize, usize) = (1024, 255);

/// Whether a path is called like an archive.
pub(crate) fn is_archive(path: &Path) -> bool {
    path.to_str().is_some_and(is_packed) && path.is_file()
}

fn is_packed(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
}

/// The names of what lies at the top of an archive; nothing of one that cannot be
/// read.
pub(crate) fn top(archive: &Path) -> BTreeSet<String> {
    let archive = File::open(archive).ok().map(BufReader::new);
    let archive = archive.and_then(|archive| ZipArchive::new(archive).ok());
    let names = archive.iter().flat_map(ZipArchive::file_names);
    names
        .filter_map(|name| Some(name.ok()?.split(['/', '\\']).next()?.to_owned()))
        .collect()
}

/// Unpacks what matters of an archive to an empty folder. The outer error is the
/// grader's or the machine's, the inner one the archive's. What a class has handed
/// in besides is made as empty files, so that their names tell of it.
pub(crate) fn unpack(archive: &Path, what: What, folder: &Path) -> Result<Result<(), Refusal>> {
    let context = || format!("cannot read {}", archive.display());
    let file = File::open(archive).with_context(context)?;
    let most = what.limits().archive;
    if file.metadata().with_context(context)?.len() > most {
        return Ok(refuse(format!(
            "it is larger than {} MiB; leave out what was built",
            most >> 20
        )));
    }
    let mut failed = None;
    let read = read(BufReader::new(file), what, |name, bytes| {
        let path = folder.join(name);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let written = written.and_then(|()| std::fs::write(&path, bytes));
        if let Err(error) = written {
            failed = Some((path, error));
        }
        match &failed {
            Some(_) => refuse("it cannot be written"),
            None => Ok(()),
        }
    });
    match failed {
        Some((path, error)) => {
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
        None => {
            for name in read.iter().flatten() {
                let path = folder.join(name);
                // One that cannot be made, since something else is there, is told of
                // by that.
                if path
                    .parent()
                    .is_some_and(|parent| std::fs::create_dir_all(parent).is_ok())
                {
                    let _ = File::create_new(path);
                }
            }
            Ok(read.map(drop))
        }
    }
}

/// The files of an archive that matter, by their names, each of which can be made
/// in one folder beside the others.
pub(crate) fn files(archive: impl Read + Seek) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
    let mut files = BTreeMap::new();
    read(archive, What::Submissions, |name, bytes| {
        files.insert(name, bytes);
        Ok(())
    })?;
    Ok(files)
}

/// Gives the files that matter to `take`, one after another, once their names
/// were looked at; and the names of a class's others.
fn read(
    archive: impl Read + Seek,
    what: What,
    mut take: impl FnMut(String, Vec<u8>) -> Result<(), Refusal>,
) -> Result<Vec<String>, Refusal> {
    let limits = what.limits();
    let mut archive = ZipArchive::new(archive).map_err(broken)?;
    if archive.len() > limits.entries {
        let most = limits.entries;
        return refuse(format!(
            "it has more than {most} entries; leave out what was built"
        ));
    }
    let mut total = 0;
    let (names, others) = names(&mut archive, what)?;
    for (name, index) in names {
        let entry = archive.by_index(index).map_err(broken)?;
        let most = if is_packed(&name) {
            INNER_LIMIT
        } else {
            FILE_LIMIT
        };
        let mut bytes = Vec::new();
        let read = entry.take(most).read_to_end(&mut bytes);
        read.map_err(|error| Refusal(format!("{name} cannot be unpacked ({error})")))?;
        total += bytes.len() as u64;
        if total > limits.total {
            return refuse(too_much(&limits));
        }
        take(name, bytes)?;
    }
    Ok(others)
}

fn too_much(limits: &Limits) -> String {
    format!(
        "it has more than {} source files or {} MiB of them; leave out what was built",
        limits.files,
        limits.total >> 20
    )
}

/// The names of the files that matter, with their places in the archive, and of a
/// class's others. None of the first leads out of it or is in the way of another.
fn names(
    archive: &mut ZipArchive<impl Read + Seek>,
    what: What,
) -> Result<(BTreeMap<String, usize>, Vec<String>), Refusal> {
    let limits = what.limits();
    let mut files = BTreeMap::new();
    let mut others = Others::default();
    for index in 0..archive.len() {
        // A name that cannot be decoded is none that a source file may have.
        let Some(Ok(name)) = archive.name_for_index(index) else {
            continue;
        };
        let Some(name) = cleaned(&name, what)? else {
            if what == What::Class {
                others.add(&name);
            }
            continue;
        };
        let entry = archive.by_index(index).map_err(broken)?;
        if entry.is_symlink() {
            return refuse(format!(
                "{name} is a symbolic link; put the file itself there"
            ));
        }
        if entry.is_dir() || !what.wants(&name) {
            continue;
        }
        if files.len() == limits.files {
            return refuse(too_much(&limits));
        }
        if files.insert(name.clone(), index).is_some() {
            return refuse(format!("it has {name} twice"));
        }
    }
    let folders: BTreeSet<&str> = files.keys().flat_map(|name| folders(name)).collect();
    if let Some(name) = files.keys().find(|name| folders.contains(name.as_str())) {
        return refuse(format!("{name} is both a file and a folder in it"));
    }
    Ok((files, others.names))
}

/// The names of files that do not matter.
#[derive(Default)]
struct Others {
    names: Vec<String>,
    /// How many of them are in a folder.
    inside: BTreeMap<String, usize>,
}

impl Others {
    /// Adds one, unless it leads elsewhere, nobody has handed it in by its own, or
    /// there are enough of its folder.
    fn add(&mut self, name: &str) {
        let name = name.replace('\\', "/");
        let added =
            |part: &str| part.starts_with('.') || matches!(part, "" | "target" | "__MACOSX");
        let (whole, part) = NAME_LIMIT;
        let too_long = name.len() > whole || name.split('/').any(|name| name.len() > part);
        let elsewhere = name.as_bytes().get(1) == Some(&b':') || name.contains(char::is_control);
        if name.split('/').any(added) || too_long || elsewhere || self.names.len() == OTHERS.0 {
            return;
        }
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let inside = self.inside.entry(folder.to_owned()).or_default();
        *inside += 1;
        if *inside <= OTHERS.1 {
            self.names.push(name);
        }
    }
}

/// The folders that a file lies in.
fn folders(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(end, _)| &name[..end])
}

/// A name that leads to a place in the folder that is unpacked to; none for what
/// cannot matter.
fn cleaned(name: &str, what: What) -> Result<Option<String>, Refusal> {
    // Some programs of Windows write their own separator.
    let name = name.replace('\\', "/");
    let file = name.rsplit('/').next().unwrap_or_default();
    let matters = what.wants(&name) || file == "src";
    let by_a_mac = name.split('/').any(|part| part == "__MACOSX");
    if !matters || by_a_mac || is_litter(&name) {
        return Ok(None);
    }
    let shown = name.escape_debug();
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    let drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || drive || parts.contains(&"..") {
        return refuse(format!("its entry {shown} leads out of it; pack it again"));
    }
    let (whole, part) = NAME_LIMIT;
    if name.len() > whole || parts.iter().any(|name| name.len() > part) {
        return refuse("it has names of more than 1,024 bytes; pack only the crate");
    }
    if name.contains(char::is_control) {
        return refuse(format!(
            "its entry {shown} has control characters in its name"
        ));
    }
    Ok(Some(parts.join("/")))
}

fn broken(error: ZipError) -> Refusal {
    Refusal(match error {
        ZipError::UnsupportedArchive(why) => {
            format!("it cannot be unpacked ({why}); pack it as an ordinary ZIP file")
        }
        error => format!("it is no whole ZIP file ({error}); pack it again"),
    })
}

fn refuse<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(why.into()))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        packed_by(CompressionMethod::Deflated, entries)
    }

    fn packed_by(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn names(entries: &[(&str, &[u8])]) -> Result<Vec<String>, String> {
        files(Cursor::new(packed(entries)))
            .map(|files| files.into_keys().collect())
            .map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn sources_and_manifests_are_unpacked_and_nothing_else() {
        let entries: [(&str, &[u8]); 7] = [
            ("bank/Cargo.toml", b"[package]"),
            ("bank/src/lib.rs", b"mod a;"),
            ("bank\\src\\a.rs", b""),
            ("bank/target/debug/bank", b"\x7fELF"),
            ("bank/.git/config", b""),
            ("__MACOSX/bank/src/lib.rs", b"\0"),
            ("bank/src/._lib.rs", b"\0"),
        ];
        let expected = ["bank/Cargo.toml", "bank/src/a.rs", "bank/src/lib.rs"];
        assert_eq!(names(&entries).unwrap(), expected);
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("bank.ZIP");
        std::fs::write(&archive, packed(&entries)).unwrap();
        assert!(is_archive(&archive) && !is_archive(folder.path()));
        let into = tempfile::tempdir().unwrap();
        unpack(&archive, What::Submissions, into.path())
            .unwrap()
            .unwrap();
        let lib = into.path().join("bank/src/lib.rs");
        assert_eq!(std::fs::read_to_string(lib).unwrap(), "mod a;");
    }

    #[test]
    fn an_archive_of_a_class_has_the_archives_of_its_students() {
        let bomb = vec![0; INNER_LIMIT as usize + 9];
        let entries: [(&str, &[u8]); 10] = [
            ("Ann Ash_7_assignsubmission_file_/chat.ZIP", b"PK"),
            ("Ann Ash_7_assignsubmission_file_/__MACOSX/chat.zip", b"PK"),
            ("doejane_LATE_1_2_lib.rs", b""),
            ("bob.zip", &bomb),
            ("boebob_3_4_report.pdf", b"%PDF"),
            ("cid/work.rar", b"Rar"),
            ("cid/target/debug/cid", b"\x7fELF"),
            ("../eve.pdf", b""),
            ("/etc/eve.pdf", b""),
            ("bob.zip/notes.txt", b""),
        ];
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("class.zip");
        std::fs::write(&archive, packed(&entries)).unwrap();
        let into = tempfile::tempdir().unwrap();
        unpack(&archive, What::Class, into.path()).unwrap().unwrap();
        let read = |name: &str| std::fs::metadata(into.path().join(name)).map(|data| data.len());
        assert_eq!(read("bob.zip").unwrap(), INNER_LIMIT);
        assert_eq!(read(entries[0].0).unwrap(), 2);
        assert!(read(entries[1].0).is_err() && read(entries[2].0).is_ok());
        // What nothing can be made of is told by its name.
        assert_eq!(read("boebob_3_4_report.pdf").unwrap(), 0);
        assert_eq!(read("cid/work.rar").unwrap(), 0);
        assert!(read("cid/target").is_err() && read("../eve.pdf").is_err());
        assert_eq!(into.path().read_dir().unwrap().count(), 5);
        let into = tempfile::tempdir().unwrap();
        let refusal = unpack(&archive, What::HandIn, into.path())
            .unwrap()
            .unwrap_err();
        assert!(refusal.to_string().contains("16 MiB"), "{refusal}");
        let into = tempfile::tempdir().unwrap();
        unpack(&archive, What::Submissions, into.path())
            .unwrap()
            .unwrap();
        assert_eq!(into.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn what_leads_out_of_the_archive_is_refused() {
        for name in [
            "../src/lib.rs",
            "a/../../lib.rs",
            "/etc/lib.rs",
            "C:\\lib.rs",
            "..\\lib.rs",
        ] {
            let why = names(&[(name, b"")]).unwrap_err();
            assert!(why.contains("leads out of it"), "{name}: {why}");
        }
        let why = names(&[("a\u{1b}[2Jb.rs", b"")]).unwrap_err();
        assert!(why.contains("a\\u{1b}[2Jb.rs has control"), "{why}");
        let why = names(&[(&format!("{}.rs", "a".repeat(300)), b"")]).unwrap_err();
        assert!(why.contains("names of more than"), "{why}");
        let why = names(&[("a.rs", b""), ("a.rs/b.rs", b"")]).unwrap_err();
        assert!(why.contains("a.rs is both a file and a folder"), "{why}");
        let why = names(&[("a.rs", b""), ("./a.rs", b"")]).unwrap_err();
        assert!(why.contains("it has a.rs twice"), "{why}");
    }

    #[test]
    fn links_and_bombs_and_what_is_no_archive_are_refused() {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        writer.add_symlink("src", "/etc", options).unwrap();
        let linked = writer.finish().unwrap().into_inner();
        let why = files(Cursor::new(linked)).unwrap_err().to_string();
        assert!(why.contains("src is a symbolic link"), "{why}");

        let zeros = vec![0; 1 << 21];
        let bomb: Vec<_> = (0..70).map(|n| format!("src/m{n}.rs")).collect();
        let bomb: Vec<(&str, &[u8])> = bomb
            .iter()
            .map(|name| (name.as_str(), zeros.as_slice()))
            .collect();
        let stored = Cursor::new(packed_by(CompressionMethod::Stored, &bomb));
        let why = files(stored).unwrap_err().to_string();
        assert!(why.contains("64 MiB"), "{why}");
        let one = files(Cursor::new(packed(&bomb[..1]))).unwrap();
        assert_eq!(one["src/m0.rs"].len() as u64, FILE_LIMIT);

        let whole = packed(&[("src/lib.rs", b"fn main() {}")]);
        for bytes in [&b""[..], b"PK", b"no archive", &whole[..whole.len() - 9]] {
            let why = files(Cursor::new(bytes.to_vec())).unwrap_err().to_string();
            assert!(why.contains("no whole ZIP file"), "{why}");
        }
        let mut torn = whole;
        let at = torn.len() / 4;
        torn[at] ^= 0xff;
        let _ = files(Cursor::new(torn));
        let stored = packed_by(CompressionMethod::Stored, &[("src/lib.rs", b"stored")]);
        assert_eq!(files(Cursor::new(stored)).unwrap()["src/lib.rs"], b"stored");
    }
}
