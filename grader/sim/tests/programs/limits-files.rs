//! Who makes more files than there may be is stopped, with the number.
//! outputs: [""]
//! always: too-much
//! says: it had more than 10 files at once
//! limits: {"files": 10}

fn main() {
    for number in 0..100_000 {
        std::fs::write(number.to_string(), "").unwrap();
    }
}
