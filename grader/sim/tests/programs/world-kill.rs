//! A program that is killed is gone at once: its connections are closed, and
//! reset where something was not read. Another program goes on.
//!
//! world: {"programs": [{"label": "server", "announces": "listening on "}, {"label": "other", "args": ["other"], "open": true}], "peers": [{"name": "ann", "script": "connect server\nread line \"hello\"\nkill server\nread end\nhang up other\nexit other"}, {"name": "bob", "script": "connect server\nsend \"unread\"\nread line \"hello\"\nread end"}]}
//! program server: ["listening on ADDRESS\n <killed>"]
//! program other: ["other goes on\n <exit 0>"]
//! peer ann: ["hello\n <end> <done>"]
//! peer bob: ["hello\n <broken: ConnectionReset> <done>", " <broken: ConnectionReset> <end> <done>", "h <broken: ConnectionReset> <end> <done>", "hello\n <end> <done>", " <not sent: ConnectionReset> <end> <end> <done>", " <not connected: ConnectionRefused> <not sent: NotConnected> <broken: NotConnected> <broken: NotConnected> <done>"]
//! search: {"preemptions": 1, "random": 20}

use std::io::Write;
use std::net::TcpListener;

fn main() {
    if std::env::args().nth(1).is_some() {
        std::io::stdin().read_line(&mut String::new()).unwrap();
        println!("other goes on");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("listening on {}", listener.local_addr().unwrap());
    let mut streams = Vec::new();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        writeln!(stream, "hello").unwrap();
        streams.push(stream);
    }
}
