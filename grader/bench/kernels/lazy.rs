//! `lazy01`: a thread believes that it is before one of two others.

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let data = &Mutex::new(0);
    thread::scope(|scope| {
        scope.spawn(move || *data.lock().unwrap() += 1);
        scope.spawn(move || *data.lock().unwrap() += 2);
        scope.spawn(move || assert!(*data.lock().unwrap() < 3, "both were there before"));
    });
}
