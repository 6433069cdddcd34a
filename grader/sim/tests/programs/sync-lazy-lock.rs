//! outputs: ["making\n[1, 2, 3]\nlazily 3\n"]
//!
//! A static that is made at its first use, once, whoever is first.

use std::sync::{LazyLock, Mutex};
use std::thread;

static LIST: LazyLock<Mutex<Vec<u32>>> = LazyLock::new(|| {
    println!("making");
    Mutex::new(vec![1])
});

fn main() {
    let threads = [2, 3].map(|number| thread::spawn(move || LIST.lock().unwrap().push(number)));
    for thread in threads {
        thread.join().unwrap();
    }
    LIST.lock().unwrap().sort_unstable();
    println!("{:?}", LIST.lock().unwrap());

    let word = String::from("lazily");
    let mut lazy = LazyLock::new(move || word);
    assert_eq!(LazyLock::get(&lazy), None);
    assert_eq!(LazyLock::get_mut(&mut lazy), None);
    lazy.push_str(" 3");
    assert_eq!(LazyLock::get(&lazy).unwrap(), &*lazy);
    LazyLock::force_mut(&mut lazy);
    println!("{}", *lazy);
    assert_eq!(*LazyLock::<u32>::default(), 0);
}
