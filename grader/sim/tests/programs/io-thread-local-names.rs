//! What `LocalKey` has in the real std, and no more: a trait's name is the trait's.
//! outputs: ["mine\n"]

use std::thread::LocalKey;

trait Made<T: 'static> {
    fn new(init: fn() -> T) -> &'static str;
}

impl<T: 'static> Made<T> for LocalKey<T> {
    fn new(_: fn() -> T) -> &'static str {
        "mine"
    }
}

fn main() {
    println!("{}", LocalKey::<u32>::new(|| 1));
}
