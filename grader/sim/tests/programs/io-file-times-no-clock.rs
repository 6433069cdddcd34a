//! The times of a file tell nothing of the real clock: one that is set is kept, however
//! near it is, until the file is written to, and no other is shown.
//! outputs: ["done\n"]

use std::fs::{self, File, FileTimes};
use std::io::{Read as _, Write as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;

fn main() {
    let now = SystemTime::now();
    let mut file = File::options();
    let mut file = file.read(true).write(true).create(true).open("file").unwrap();
    file.write_all(b"x").unwrap();
    let times = |file: &File| {
        let data = file.metadata().unwrap();
        (data.accessed().unwrap(), data.modified().unwrap())
    };
    assert_eq!(times(&file), (now, now));
    // The thirty years from 2025 on, one of whose days is today.
    for day in 55 * 365..85 * 365 {
        let day = UNIX_EPOCH + Duration::from_secs(day * DAY);
        file.set_times(FileTimes::new().set_accessed(day).set_modified(day)).unwrap();
        assert_eq!(times(&file), (day, day));
    }
    let (soon, late) = (UNIX_EPOCH, UNIX_EPOCH + Duration::from_secs(200 * 365 * DAY));
    file.set_times(FileTimes::new().set_accessed(late)).unwrap();
    file.set_modified(soon).unwrap();
    // On the system, whether a read is noted depends on how late it is.
    assert_eq!(file.read(&mut [0]).unwrap(), 0);
    assert_eq!(times(&file), (late, soon));
    file.write_all(b"y").unwrap();
    assert_eq!(times(&file), (late, now));
    // A file that is made anew has no time that was set.
    drop(file);
    fs::remove_file("file").unwrap();
    assert_eq!(times(&File::create("file").unwrap()), (now, now));
    let null = fs::metadata("/dev/null").unwrap();
    assert_eq!((null.modified().unwrap(), null.created().unwrap()), (now, now));
    println!("done");
}
