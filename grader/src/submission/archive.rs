//! A submission in a ZIP file, as it is handed in: what may matter of it is
//! unpacked to a folder of the grader's.
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

/// Most that an archive may hold, in bytes, as it is.
const ARCHIVE_LIMIT: u64 = 256 << 20;
/// Most entries of an archive, also of such as do not matter.
const ENTRIES_LIMIT: usize = 50_000;
/// Most files that matter.
const FILES_LIMIT: usize = 5_000;
/// Most that is read of a file, in bytes: a source file that is longer is refused
/// by whoever reads the submission.
const FILE_LIMIT: u64 = (1 << 20) + 1;
/// Most that the files that matter may hold together, in bytes.
const TOTAL_LIMIT: u64 = 64 << 20;
/// Longest name of an entry, and of a part of it, in bytes.
const NAME_LIMIT: (usize, usize) = (1024, 255);

/// Whether a path is called like an archive.
pub(super) fn is_archive(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) && path.is_file()
}

/// Unpacks the Rust sources and manifests of an archive to an empty folder. The
/// outer error is the grader's or the machine's, the inner one the archive's.
pub(super) fn unpack(archive: &Path, folder: &Path) -> Result<Result<(), Refusal>> {
    let context = || format!("cannot read {}", archive.display());
    let file = File::open(archive).with_context(context)?;
    if file.metadata().with_context(context)?.len() > ARCHIVE_LIMIT {
        return Ok(refuse(
            "it is larger than 256 MiB; leave out what was built",
        ));
    }
    let files = match files(BufReader::new(file)) {
        Ok(files) => files,
        Err(refusal) => return Ok(Err(refusal)),
    };
    for (name, bytes) in files {
        let path = folder.join(name);
        let context = || format!("cannot write {}", path.display());
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(context)?;
        }
        std::fs::write(&path, bytes).with_context(context)?;
    }
    Ok(Ok(()))
}

/// The files of an archive that matter, by their names, each of which can be made
/// in one folder beside the others.
pub(crate) fn files(archive: impl Read + Seek) -> Result<BTreeMap<String, Vec<u8>>, Refusal> {
    let mut archive = ZipArchive::new(archive).map_err(broken)?;
    if archive.len() > ENTRIES_LIMIT {
        return refuse("it has more than 50,000 entries; leave out what was built");
    }
    let mut files = BTreeMap::new();
    let mut total = 0;
    for index in 0..archive.len() {
        // A name that cannot be decoded is none that a source file may have.
        let Some(Ok(name)) = archive.name_for_index(index) else {
            continue;
        };
        let Some(name) = cleaned(&name)? else {
            continue;
        };
        let entry = archive.by_index(index).map_err(broken)?;
        if entry.is_symlink() {
            return refuse(format!(
                "{name} is a symbolic link; put the file itself there"
            ));
        }
        if entry.is_dir() || !is_wanted(&name) {
            continue;
        }
        let mut bytes = Vec::new();
        let read = entry.take(FILE_LIMIT).read_to_end(&mut bytes);
        read.map_err(|error| Refusal(format!("{name} cannot be unpacked ({error})")))?;
        total += bytes.len() as u64;
        if files.len() == FILES_LIMIT || total > TOTAL_LIMIT {
            return refuse(
                "it has more than 5,000 source files or 64 MiB of them; leave out what was built",
            );
        }
        if files.insert(name.clone(), bytes).is_some() {
            return refuse(format!("it has {name} twice"));
        }
    }
    let folders: BTreeSet<&str> = files.keys().flat_map(|name| folders(name)).collect();
    if let Some(name) = files.keys().find(|name| folders.contains(name.as_str())) {
        return refuse(format!("{name} is both a file and a folder in it"));
    }
    Ok(files)
}

/// The folders that a file lies in.
fn folders(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(end, _)| &name[..end])
}

/// A name that leads to a place in the folder that is unpacked to; none for what
/// cannot matter.
fn cleaned(name: &str) -> Result<Option<String>, Refusal> {
    // Some programs of Windows write their own separator.
    let name = name.replace('\\', "/");
    let file = name.rsplit('/').next().unwrap_or_default();
    let matters = is_wanted(&name) || file == "src";
    let by_a_mac = name.starts_with("__MACOSX/") || file.starts_with("._");
    if !matters || by_a_mac {
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

fn is_wanted(name: &str) -> bool {
    name.ends_with(".rs") || name == "Cargo.toml" || name.ends_with("/Cargo.toml")
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
        unpack(&archive, into.path()).unwrap().unwrap();
        let lib = into.path().join("bank/src/lib.rs");
        assert_eq!(std::fs::read_to_string(lib).unwrap(), "mod a;");
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
