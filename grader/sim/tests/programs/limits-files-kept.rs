//! Files that are written again, renamed over another one or removed count once,
//! or no more.
//! outputs: ["done\n"]
//! limits: {"files": 3}

use std::fs;

fn main() {
    for number in 0..20 {
        fs::write("part", "").unwrap();
        fs::write("part", number.to_string()).unwrap();
        fs::rename("part", "whole").unwrap();
        fs::create_dir_all("a").unwrap();
        fs::write("a/b", "").unwrap();
        fs::remove_dir_all("a").unwrap();
    }
    println!("done");
}
