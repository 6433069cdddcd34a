//! Every message of a deadlock, word for word.

use verdict::{Ending, What};

use super::*;
use crate::testing::{event, execution, place};

fn wait(thread: u32, call: &str, object: &str, line: u32) -> Wait {
    Wait {
        thread,
        call: call.into(),
        object: object.into(),
        made: None,
        place: Some(place(line)),
        holders: vec![],
        missed: None,
    }
}

fn held_by(thread: u32, line: u32) -> Holder {
    Holder {
        thread,
        place: Some(place(line)),
    }
}

fn lock(thread: u32, object: &str, line: u32, by: Holder) -> Wait {
    Wait {
        holders: vec![by],
        ..wait(thread, "Mutex::lock", object, line)
    }
}

fn join(thread: u32, line: u32, joined: u32) -> Wait {
    let by = Holder {
        thread: joined,
        place: None,
    };
    let object = format!("thread {joined}");
    Wait {
        holders: vec![by],
        ..wait(thread, "JoinHandle::join", &object, line)
    }
}

/// The kind and the message for these waits.
fn told(waits: Vec<Wait>) -> (FindingKind, String) {
    let fault = crate::exited(&execution(Ending::Deadlock { waits }, vec![])).unwrap_err();
    (fault.kind, fault.message)
}

#[test]
fn two_threads_with_two_mutexes_each_hold_what_the_other_wants() {
    let waits = vec![
        join(0, 30, 1),
        lock(1, "mutex 2", 14, held_by(2, 12)),
        lock(2, "mutex 1", 14, held_by(1, 12)),
    ];
    assert_eq!(
        told(waits),
        (
            FindingKind::Deadlock,
            "T1 holds mutex 1 (taken at src/lib.rs:12:5) and waits for mutex 2 at \
             src/lib.rs:14:5; T2 holds mutex 2 (taken at src/lib.rs:12:5) and waits for mutex \
             1 at src/lib.rs:14:5: neither can go on; main waits for T1 to end at \
             src/lib.rs:30:5"
                .into()
        )
    );
}

#[test]
fn a_circle_of_three_is_told_in_its_order() {
    let waits = vec![
        lock(1, "mutex 3", 1, held_by(3, 11)),
        lock(2, "mutex 1", 2, held_by(1, 12)),
        lock(3, "mutex 2", 3, held_by(2, 13)),
    ];
    assert_eq!(
        told(waits).1,
        "T1 holds mutex 1 (taken at src/lib.rs:12:5) and waits for mutex 3 at src/lib.rs:1:5; \
         T3 holds mutex 3 (taken at src/lib.rs:11:5) and waits for mutex 2 at src/lib.rs:3:5; \
         T2 holds mutex 2 (taken at src/lib.rs:13:5) and waits for mutex 1 at src/lib.rs:2:5: \
         none of them can go on"
    );
}

#[test]
fn a_thread_that_takes_a_lock_twice_waits_for_itself() {
    assert_eq!(
        told(vec![lock(0, "mutex 1", 14, held_by(0, 12))]),
        (
            FindingKind::Deadlock,
            "main waits for mutex 1 at src/lib.rs:14:5 but holds it itself (taken at \
             src/lib.rs:12:5): it waits for itself"
                .into()
        )
    );
    let write = Wait {
        holders: vec![held_by(2, 5), held_by(1, 6)],
        ..wait(1, "RwLock::write", "rwlock 1", 7)
    };
    assert_eq!(
        told(vec![write]).1,
        "T1 waits to write rwlock 1 at src/lib.rs:7:5 but holds it itself (taken at \
         src/lib.rs:6:5): it waits for itself"
    );
    let once = lock(1, "once 1", 7, held_by(1, 6));
    assert_eq!(
        told(vec![once]).1,
        "T1 waits for once 1 at src/lib.rs:7:5 but is initialising it itself (begun at \
         src/lib.rs:6:5): it waits for itself"
    );
}

#[test]
fn a_lock_held_over_a_join_is_a_circle_too() {
    let waits = vec![join(0, 20, 1), lock(1, "mutex 1", 9, held_by(0, 18))];
    assert_eq!(
        told(waits).1,
        "main holds mutex 1 (taken at src/lib.rs:18:5) and waits for T1 to end at \
         src/lib.rs:20:5; T1 waits for mutex 1 at src/lib.rs:9:5: neither can go on"
    );
    assert_eq!(
        told(vec![join(1, 3, 2), join(2, 4, 1)]).1,
        "T1 waits for T2 to end at src/lib.rs:3:5; T2 waits for T1 to end at src/lib.rs:4:5: \
         neither can go on"
    );
}

#[test]
fn a_lock_that_was_never_given_back_names_who_took_it() {
    assert_eq!(
        told(vec![lock(2, "mutex 1", 9, held_by(1, 4))]).1,
        "T2 waits for mutex 1 at src/lib.rs:9:5, which T1 took at src/lib.rs:4:5 and never \
         gave back: nobody is left to wake it"
    );
}

#[test]
fn a_lost_wakeup_names_the_notification_that_came_too_early() {
    let waiting = Wait {
        missed: Some(held_by(1, 31)),
        ..wait(2, "Condvar::wait", "condvar 1", 20)
    };
    assert_eq!(
        told(vec![join(0, 40, 2), waiting.clone()]),
        (
            FindingKind::LostWakeup,
            "T2 waits on condvar 1 at src/lib.rs:20:5 for a notification that T1 sent too \
             early, at src/lib.rs:31:5, when nobody waited; main waits for T2 to end at \
             src/lib.rs:40:5"
                .into()
        )
    );
    let own = Wait {
        missed: Some(Holder {
            thread: 2,
            place: None,
        }),
        ..waiting.clone()
    };
    assert_eq!(
        told(vec![own]).1,
        "T2 waits on condvar 1 at src/lib.rs:20:5 for a notification that it sent too early, \
         when nobody waited"
    );
    let circle = vec![waiting, lock(3, "mutex 1", 14, held_by(3, 12))];
    assert_eq!(told(circle).0, FindingKind::Deadlock);
}

#[test]
fn every_other_wait_has_its_words() {
    let waits = |call, object| told(vec![wait(1, call, object, 8)]).1;
    let cases = [
        (
            "Condvar::wait",
            "condvar 1",
            "waits on condvar 1 at src/lib.rs:8:5 for a notification",
        ),
        (
            "Receiver::recv",
            "channel 1",
            "waits for a message on channel 1 at src/lib.rs:8:5",
        ),
        (
            "SyncSender::send",
            "channel 1",
            "waits for room in channel 1 at src/lib.rs:8:5",
        ),
        (
            "Barrier::wait",
            "barrier 1",
            "waits for others at barrier 1 at src/lib.rs:8:5",
        ),
        (
            "RwLock::read",
            "rwlock 2",
            "waits to read rwlock 2 at src/lib.rs:8:5",
        ),
        (
            "TcpListener::accept",
            "listener 1",
            "waits for a connection in TcpListener::accept at src/lib.rs:8:5",
        ),
        (
            "UdpSocket::recv_from",
            "socket 1",
            "waits for something to come in UdpSocket::recv_from at src/lib.rs:8:5",
        ),
        (
            "Stdin::read",
            "standard input",
            "waits for standard input at src/lib.rs:8:5",
        ),
        ("thread::sleep", "", "sleeps at src/lib.rs:8:5"),
        (
            "TcpStream::connect",
            "listener 1",
            "waits in TcpStream::connect at src/lib.rs:8:5",
        ),
    ];
    for (call, object, words) in cases {
        assert_eq!(
            waits(call, object),
            format!("T1 {words}: nobody is left to wake it")
        );
    }
    let scope = Wait {
        holders: [1, 2]
            .map(|thread| Holder {
                thread,
                place: None,
            })
            .to_vec(),
        ..wait(0, "thread::scope", "object 1", 3)
    };
    let parked = |thread| Wait {
        place: None,
        ..wait(thread, "thread::park", "thread 1", 0)
    };
    assert_eq!(
        told(vec![scope, parked(1), parked(2)]).1,
        "T1 is parked; T2 is parked; main waits for T1 and T2 to end at src/lib.rs:3:5: nobody \
         is left to unpark any of them"
    );
    let join = Wait {
        holders: vec![Holder {
            thread: 1,
            place: None,
        }],
        ..wait(0, "JoinHandle::join", "thread 1", 3)
    };
    assert_eq!(
        told(vec![join, parked(1)]).1,
        "T1 is parked; main waits for T1 to end at src/lib.rs:3:5: nobody is left to unpark T1"
    );
    assert_eq!(
        waits("thread::park", "thread 1"),
        "T1 is parked at src/lib.rs:8:5: nobody is left to unpark it"
    );
    assert_eq!(told(vec![]).1, "no thread can go on");
}

#[test]
fn a_deadlock_of_many_threads_is_told_in_part() {
    let waits = (0..6)
        .map(|thread| wait(thread, "Barrier::wait", "barrier 1", 8))
        .collect();
    let message = told(waits).1;
    assert!(
        message.ends_with(
            "T3 waits for others at barrier 1 at src/lib.rs:8:5; 2 more threads wait: nobody \
             is left to wake any of them"
        ),
        "{message}"
    );
}

#[test]
fn a_panic_before_the_deadlock_is_told() {
    let waits = vec![wait(0, "Receiver::recv", "channel 1", 8)];
    let panic = What::Panic {
        message: "index out of bounds".into(),
        place: Some(place(3)),
        caught: None,
    };
    let execution = execution(Ending::Deadlock { waits }, vec![event(1, panic)]);
    assert_eq!(
        crate::exited(&execution).unwrap_err().message,
        "main waits for a message on channel 1 at src/lib.rs:8:5: nobody is left to wake it; \
         T1 had panicked at src/lib.rs:3:5: index out of bounds"
    );
}
