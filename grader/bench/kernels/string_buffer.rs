//! `stringbuffer`: a length is asked for under the lock, and used under a later
//! one.

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let source = &Mutex::new(String::from("abcdefgh"));
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut copy = String::new();
            let length = source.lock().unwrap().len();
            copy.push_str(&source.lock().unwrap()[..length]);
        });
        scope.spawn(move || {
            source.lock().unwrap().clear();
            source.lock().unwrap().push_str("abcdefgh");
        });
    });
}
