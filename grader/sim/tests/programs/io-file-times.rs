//! To set the times or the permissions of an open file is a step.
//! outputs: ["1 1\n", "1 2\n", "2 1\n", "2 2\n"]
//! search: {"preemptions": 2}

use std::fs::{File, FileTimes, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

fn seconds(file: &File) -> u64 {
    let time = file.metadata().unwrap().modified().unwrap();
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn set_seconds(file: &File, seconds: u64) {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

fn mode(file: &File) -> u32 {
    file.metadata().unwrap().permissions().mode() & 0o777
}

fn set_mode(file: &File, mode: u32) {
    file.set_permissions(Permissions::from_mode(mode)).unwrap();
}

fn main() {
    let file = Arc::new(File::create("file").unwrap());
    set_seconds(&file, 0);
    set_mode(&file, 0);
    let add = |file: &File| {
        set_seconds(file, seconds(file) + 1);
        set_mode(file, mode(file) + 1);
    };
    let its = file.clone();
    let other = thread::spawn(move || add(&its));
    add(&file);
    other.join().unwrap();
    println!("{} {}", seconds(&file), mode(&file));
}
