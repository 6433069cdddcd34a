//! Folders that lie in one another far deeper than there are descriptors are gone
//! before the next execution.
//! outputs: ["done\n"]
//! limits: {"open_files": 24, "files": 1000}

use std::fs;

fn main() {
    assert_eq!(fs::read_dir(".").unwrap().count(), 0);
    fs::create_dir_all(["a"; 400].join("/")).unwrap();
    fs::write("a/a/file", "").unwrap();
    fs::create_dir_all("a/b/c").unwrap();
    // So that there is a next one.
    let turn = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        scope.spawn(|| drop(turn.lock()));
        drop(turn.lock());
    });
    println!("done");
}
