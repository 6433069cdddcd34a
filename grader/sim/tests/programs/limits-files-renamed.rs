//! Who renames a file to its own name has no file less.
//! outputs: [""]
//! always: too-much
//! says: it had more than 10 files at once
//! limits: {"files": 10}

use std::fs;

fn main() {
    fs::write("same", "").unwrap();
    for number in 0..100 {
        fs::rename("same", "./same").unwrap();
        fs::write(number.to_string(), "").unwrap();
    }
}
