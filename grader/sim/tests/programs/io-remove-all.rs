//! Folders are removed while another thread makes files in them.
//! outputs: ["Ok(()) Err(NotFound) false\n", "Ok(()) Ok(()) false\n", "Err(DirectoryNotEmpty) Ok(()) true\n"]
//! search: {"preemptions": 2}

use std::{fs, thread};

fn main() {
    fs::create_dir("d").unwrap();
    let remove = thread::spawn(|| fs::remove_dir_all("d"));
    let make = fs::write("d/f", "x").map_err(|error| error.kind());
    let removed = remove.join().unwrap().map_err(|error| error.kind());
    println!("{removed:?} {make:?} {}", fs::exists("d").unwrap());
}
