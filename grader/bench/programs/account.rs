//! Three threads look at a balance, and then withdraw: check, then act.

use std::sync::Arc;

use crate::model::sync::Mutex;
use crate::model::thread;

pub(super) fn run() {
    let balance = Arc::new(Mutex::new(100_i64));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let balance = Arc::clone(&balance);
            thread::spawn(move || {
                let enough = balance.lock().is_ok_and(|balance| *balance >= 60);
                if enough && let Ok(mut balance) = balance.lock() {
                    *balance -= 60;
                }
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().is_ok());
    }
    // Overdrawn in some schedules; that is not what is asked here.
    assert!(balance.lock().is_ok_and(|balance| *balance <= 40));
}
