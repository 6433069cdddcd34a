//! Shared locks share, exclusive ones do not; a duplicate has the lock of its
//! original, and to close the last of them gives it back.
//! outputs: ["shared true, exclusive false\nduplicate true\nfree false true\n"]

use std::fs::File;

fn main() {
    let open = || File::options().write(true).create(true).open("a").unwrap();
    let (first, second) = (open(), open());
    first.lock_shared().unwrap();
    let shared = second.try_lock_shared().is_ok();
    println!("shared {shared}, exclusive {}", open().try_lock().is_ok());
    second.unlock().unwrap();

    let duplicate = first.try_clone().unwrap();
    println!("duplicate {}", duplicate.try_lock().is_ok());
    drop(first);
    let before = second.try_lock().is_ok();
    drop(duplicate);
    println!("free {before} {}", second.try_lock().is_ok());
}
