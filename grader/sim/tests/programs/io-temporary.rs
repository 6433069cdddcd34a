//! There is a folder for temporary files, which is empty at first and no part
//! of the current one.
//! outputs: ["0 in /tmp, kept: moved, left: 0\n"]

use std::{env, fs, thread};

fn main() {
    let folder = env::temp_dir();
    let count = |path: &std::path::Path| fs::read_dir(path).unwrap().count();
    let before = count(&folder);
    thread::scope(|scope| {
        scope.spawn(|| fs::write(folder.join("part"), "moved").unwrap());
    });
    fs::rename(folder.join("part"), "whole").unwrap();
    fs::create_dir_all(folder.join("a/b")).unwrap();
    fs::remove_dir_all(folder.join("a")).unwrap();
    let kept = fs::read_to_string("whole").unwrap();
    println!(
        "{before} in {}, kept: {kept}, left: {}",
        folder.display(),
        count(&folder)
    );
    assert_eq!(count(".".as_ref()), 1);
    fs::write(folder.join("left"), "").unwrap();
}
