//! A peer waits for what never comes, gives up and closes; the end tells what
//! the program's threads wait for.
//!
//! world: {"programs": [{"label": "server", "announces": "listening on "}], "peers": [{"name": "ann", "script": "connect server\nread some\nread end"}, {"name": "bob", "script": "await nobody\ntell nobody"}]}
//! peer ann: [" <gave up at 2>"]
//! program server: ["listening on ADDRESS\n"]
//! peer bob: [" <gave up at 1>"]
//! says: Mutex::lock
//! says: mutex 1
//! timeline: server still waits for server T1
//! timeline: server T1 still waits for mutex 1
//! search: {"preemptions": 1, "random": 20}

use std::net::TcpListener;
use std::sync::Mutex;
use std::thread;

static LOCK: Mutex<()> = Mutex::new(());

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    let held = LOCK.lock().unwrap();
    let (stream, _) = listener.accept().unwrap();
    let answers = thread::spawn(move || {
        let _held = LOCK.lock().unwrap();
        drop(stream);
    });
    answers.join().unwrap();
    drop(held);
}
