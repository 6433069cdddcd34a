//! Who renames a file to another name of it has no file less: both stay.
//! outputs: [""]
//! always: too-much
//! says: it had more than 10 files at once
//! limits: {"files": 10}

use std::fs;

fn main() {
    fs::write("one", "").unwrap();
    fs::hard_link("one", "other").unwrap();
    for number in 0..100 {
        fs::rename("one", "other").unwrap();
        fs::write(number.to_string(), "").unwrap();
    }
}
