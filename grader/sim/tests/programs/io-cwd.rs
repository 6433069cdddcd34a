//! The folder that a program runs in has one name, whatever it really is; and
//! what is below that name is in the folder.
//! outputs: ["/scratch /scratch /scratch\n/scratch/a/b /scratch/a /tmp/x\nNotFound\ntext text\n[\"a\", \"link\"]\n"]

use std::path::{self, Path};
use std::{env, fs};

fn main() {
    println!(
        "{} {} {}",
        env::current_dir().unwrap().display(),
        fs::canonicalize(".").unwrap().display(),
        fs::read_link("/proc/self/cwd").unwrap().display()
    );
    fs::create_dir_all("/scratch/a/b").unwrap();
    fs::write("/tmp/x", "").unwrap();
    std::os::unix::fs::symlink("a/b", "link").unwrap();
    println!(
        "{} {} {}",
        fs::canonicalize("link/../b/.").unwrap().display(),
        Path::new("./link/..").canonicalize().unwrap().display(),
        fs::canonicalize("/tmp/x").unwrap().display()
    );
    println!("{:?}", fs::canonicalize("nothing").unwrap_err().kind());
    fs::write(path::absolute("a/file").unwrap(), "text").unwrap();
    fs::rename("/scratch/a/file", "a/b/file").unwrap();
    println!(
        "{} {}",
        fs::read_to_string("/scratch/link/file").unwrap(),
        fs::read_to_string("a/b/file").unwrap()
    );
    fs::remove_file("/scratch//a/./b/file").unwrap();
    let mut names: Vec<_> = fs::read_dir("/scratch")
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    println!("{names:?}");
}
