//! Where times do not come late, none comes while somebody can run, and they
//! come in their order: who answers at once answers in time.
//!
//! world: {"programs": [{"label": "server", "announces": "on "}], "peers": [{"name": "ann", "script": "connect server\nsend slowly \"hi\\n\"\nread end"}], "network": {"late": false, "pieces": 1}}
//! program server: ["on ADDRESS\nfirst\nsecond\nhi\n <exit 0>"]
//! peer ann: [" <end> <done>"]
//! search: {"preemptions": 2, "random": 50}

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::thread::{sleep, spawn};
use std::time::Duration;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("on {}", listener.local_addr().unwrap());
    let sleepers = [("second", 20), ("first", 10)].map(|(name, time)| {
        spawn(move || {
            sleep(Duration::from_millis(time));
            println!("{name}");
        })
    });
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    for sleeper in sleepers {
        sleeper.join().unwrap();
    }
    print!("{line}");
}
