//! `carter01`: who is first of its kind takes a second lock and keeps it after
//! the first one is given back; the last of its kind gives it back, for which
//! it needs the first one again.

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let counts = &Mutex::new([0, 0]);
    let class = &Mutex::new(());
    thread::scope(|scope| {
        for kind in 0..2 {
            scope.spawn(move || {
                let mut held = counts.lock().unwrap();
                held[kind] += 1;
                let first = (held[kind] == 1).then(|| class.lock().unwrap());
                drop(held);
                let mut held = counts.lock().unwrap();
                held[kind] -= 1;
                drop(first);
            });
        }
        for _ in 0..2 {
            scope.spawn(move || drop(counts.lock().unwrap()));
        }
    });
}
