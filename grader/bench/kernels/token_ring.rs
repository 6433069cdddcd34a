//! `token_ring`: each thread passes on what the one before it has, whether that
//! had its turn or not.

use crate::model::sync::Mutex;
use crate::model::thread;

struct Ring {
    tokens: [u32; 3],
    passed: [bool; 3],
}

pub(super) fn run() {
    let ring = &Mutex::new(Ring {
        tokens: [1, 2, 1],
        passed: [false; 3],
    });
    thread::scope(|scope| {
        for own in 0..3 {
            scope.spawn(move || {
                let mut ring = ring.lock().unwrap();
                ring.tokens[own] = match own {
                    0 => (ring.tokens[2] + 1) % 4,
                    own => ring.tokens[own - 1],
                };
                ring.passed[own] = true;
            });
        }
        scope.spawn(move || {
            let ring = ring.lock().unwrap();
            if ring.passed == [true; 3] {
                let [a, b, c] = ring.tokens;
                assert!(a == b && b == c, "the tokens are {:?}", ring.tokens);
            }
        });
    });
}
