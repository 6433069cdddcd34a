//! A program that waits is started by a peer, and again on its own: what one
//! process has written to a file, another one reads.
//!
//! world: {"programs": [{"label": "writer", "args": ["writer"], "waits": true}, {"label": "reader", "args": ["reader"], "waits": true}], "peers": [{"name": "ann", "script": "start writer\nexit writer\nstart reader\nwatch reader until \"note\"\nexit reader\nwatch reader until \"note\""}]}
//! program writer: [" <exit 0>"]
//! program reader: ["a note\n <exit 0>"]
//! peer ann: [" <gave up at 6>"]
//! search: {"preemptions": 2, "random": 20}

use std::fs;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("writer") => fs::write("note.txt", "a note\n").unwrap(),
        _ => print!("{}", fs::read_to_string("note.txt").unwrap()),
    }
}
