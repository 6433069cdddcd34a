//! What a file system says of itself is not seen: numbers of files begin anew and
//! none comes twice.
//! outputs: ["3 4 4 5\n1000 1000 1 4096 8 4096 2\nfalse 6 6 4\nOk(()) 1 true\n"]

use std::fs;
use std::os::unix::fs::{DirEntryExt as _, MetadataExt as _, chown};

fn number(path: &str) -> u64 {
    fs::metadata(path).unwrap().ino()
}

fn main() {
    fs::write("a", "a").unwrap();
    fs::write("b", "b").unwrap();
    fs::remove_file("a").unwrap();
    fs::write("c", "c").unwrap();
    let before = number("c");
    fs::rename("c", "b").unwrap();
    fs::create_dir("folder").unwrap();
    let listed = fs::read_dir(".").unwrap().map(|entry| entry.unwrap());
    let b = listed
        .into_iter()
        .find(|entry| entry.file_name() == "b")
        .unwrap();
    println!(
        "{before} {} {} {}",
        number("b") + 1,
        b.ino() + 1,
        number("folder") + 1
    );
    let file = fs::metadata("b").unwrap();
    let folder = fs::metadata("folder").unwrap();
    let (uid, gid, device) = (file.uid(), file.gid(), file.dev());
    println!(
        "{uid} {gid} {device} {} {} {} {}",
        file.blksize(),
        file.blocks(),
        folder.size(),
        folder.nlink()
    );
    fs::remove_dir("folder").unwrap();
    std::os::unix::fs::symlink("new", "link").unwrap();
    let mut listed = fs::read_dir(".").unwrap();
    fs::write("link", "by the link").unwrap();
    let new = listed.any(|entry| entry.unwrap().file_name() == "new");
    println!(
        "{new} {} {} {}",
        number("new"),
        number("link"),
        fs::symlink_metadata("link").unwrap().ino() - 1
    );
    let kept = chown("new", Some(1000), None).map_err(|error| error.kind());
    let refused = [Some(0), Some(1)].map(|owner| chown("new", owner, None).is_err());
    println!(
        "{kept:?} {} {}",
        refused.len() - 1,
        refused == [true, true] && file.created().is_ok()
    );
}
