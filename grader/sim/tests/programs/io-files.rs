//! Files of std, each way of making, finding and removing them.
//! outputs: ["write Ok(())\nread Ok(\"one\")\nappend Ok(\"one two\")\ncreate_new AlreadyExists\ncopy Ok(7) Ok(\"one two\")\nrename Ok(()) false true\nhard_link Ok(()) AlreadyExists\ndirs Ok(()) AlreadyExists\nlisted [\"b.txt\", \"d\", \"l.txt\"] [\"e\"]\nmetadata 7 false true\nset_len Ok(\"one\")\nseek 3 \"e\"\nremove_file Ok(()) NotFound\nremove_dir DirectoryNotEmpty Ok(())\nsymlink Ok(()) Ok(\"b.txt\") Ok(\"one\")\ncanonical true\nmodified true\nleft [\"b.txt\", \"s\"]\n"]

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Result, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

fn kind<T>(result: Result<T>) -> std::io::ErrorKind {
    result.err().unwrap().kind()
}

fn names(path: &str) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<_> = entries
        .map(|entry| {
            assert_eq!(
                entry.file_type().unwrap().is_dir(),
                entry.metadata().unwrap().is_dir()
            );
            entry.file_name().into_string().unwrap()
        })
        .collect();
    names.sort();
    names
}

fn main() {
    println!("write {:?}", fs::write("a.txt", "one"));
    println!("read {:?}", fs::read_to_string("a.txt"));
    let mut file = OpenOptions::new().append(true).open("a.txt").unwrap();
    file.write_all(b" two").unwrap();
    drop(file);
    println!("append {:?}", fs::read_to_string("a.txt"));
    println!("create_new {:?}", kind(File::create_new("a.txt")));
    println!(
        "copy {:?} {:?}",
        fs::copy("a.txt", "c.txt"),
        fs::read_to_string("c.txt")
    );
    println!(
        "rename {:?} {} {}",
        fs::rename("c.txt", "b.txt"),
        Path::new("c.txt").exists(),
        fs::exists("b.txt").unwrap()
    );
    println!(
        "hard_link {:?} {:?}",
        fs::hard_link("b.txt", "l.txt"),
        kind(fs::hard_link("a.txt", "l.txt"))
    );
    println!(
        "dirs {:?} {:?}",
        fs::create_dir_all("d/e"),
        kind(fs::create_dir("d"))
    );
    fs::remove_file(std::env::current_dir().unwrap().join("a.txt")).unwrap();
    println!("listed {:?} {:?}", names("."), names("d/../d"));
    let about = fs::metadata("b.txt").unwrap();
    println!(
        "metadata {} {} {}",
        about.len(),
        about.is_dir(),
        fs::symlink_metadata("d").unwrap().is_dir()
    );
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open("b.txt")
        .unwrap();
    file.set_len(3).unwrap();
    println!("set_len {:?}", fs::read_to_string("b.txt"));
    let mut end = String::new();
    file.seek(SeekFrom::End(-1)).unwrap();
    file.read_to_string(&mut end).unwrap();
    println!("seek {} {end:?}", file.metadata().unwrap().len());
    println!(
        "remove_file {:?} {:?}",
        fs::remove_file("l.txt"),
        kind(fs::remove_file("l.txt"))
    );
    println!(
        "remove_dir {:?} {:?}",
        kind(fs::remove_dir("d")),
        fs::remove_dir_all("d")
    );
    println!(
        "symlink {:?} {:?} {:?}",
        std::os::unix::fs::symlink("b.txt", "s"),
        fs::read_link("s").map(|path| path.into_os_string().into_string().unwrap()),
        fs::read_to_string("s")
    );
    println!(
        "canonical {}",
        fs::canonicalize("s").unwrap() == std::env::current_dir().unwrap().join("b.txt")
    );
    let age = SystemTime::now()
        .duration_since(about.modified().unwrap())
        .unwrap();
    println!("modified {}", age < Duration::from_secs(1));
    println!("left {:?}", names("."));
}
