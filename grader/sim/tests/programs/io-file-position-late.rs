//! The one who has opened a file may be late, too: either thread reads first.
//! outputs: ["a\n", "b\n"]
//! search: {"preemptions": 2}

use std::fs::{self, File};
use std::io::Read as _;
use std::sync::{Arc, Mutex};
use std::thread;

static APART: Mutex<()> = Mutex::new(());

fn main() {
    fs::write("file", "abc").unwrap();
    let file = Arc::new(File::open("file").unwrap());
    let its = file.clone();
    let other = thread::spawn(move || {
        drop(APART.lock().unwrap());
        let mut byte = [0];
        (&*its).read_exact(&mut byte).unwrap();
        char::from(byte[0])
    });
    (&*file).read_exact(&mut [0]).unwrap();
    println!("{}", other.join().unwrap());
}
