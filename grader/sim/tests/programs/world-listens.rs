//! A peer that begins with `listen` does so before any program runs, another
//! one may accept from it, and programs have its address in their arguments.
//!
//! world: {"programs": [{"label": "client", "args": ["{site}", "{nobody}", "{other}"]}], "peers": [{"name": "site", "script": "listen\naccept\nsend \"one\"\nclose\nunlisten"}, {"name": "second", "script": "accept from site\nsend \"two\"\nshutdown\nread end"}]}
//! program client: ["ConnectionRefused {other}\none two\n <exit 0>", "ConnectionRefused {other}\ntwo one\n <exit 0>"]
//! peer site: [" <done>"]
//! peer second: [" <end> <done>"]
//! search: {"preemptions": 2, "random": 20}

use std::io::Read;
use std::net::TcpStream;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let refused = TcpStream::connect(&args[1]).unwrap_err();
    println!("{:?} {}", refused.kind(), args[2]);
    let streams = [(); 2].map(|()| TcpStream::connect(&args[0]).unwrap());
    let texts = streams.map(|mut stream| {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    println!("{}", texts.join(" "));
}
