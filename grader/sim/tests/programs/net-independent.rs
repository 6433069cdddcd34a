//! What two pairs of threads do on connections of their own changes places: the
//! whole search with two preemptions has few schedules.
//! outputs: ["6\n"]
//! network: {"pieces": 0}
//! search: {"preemptions": 2, "executions": 400, "random": 0}

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pairs = [1, 2].map(|byte| {
        let mut client = TcpStream::connect(address).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        let server = thread::spawn(move || {
            let mut bytes = [0; 2];
            server.read_exact(&mut bytes[..1]).unwrap();
            server.read_exact(&mut bytes[1..]).unwrap();
            server.write_all(&bytes[..1]).unwrap();
        });
        let client = thread::spawn(move || {
            client.write_all(&[byte]).unwrap();
            client.write_all(&[byte]).unwrap();
            let mut back = [0];
            client.read_exact(&mut back).unwrap();
            back[0]
        });
        (server, client)
    });
    let mut sum = 0;
    for (server, client) in pairs {
        server.join().unwrap();
        sum += client.join().unwrap();
    }
    println!("{}", sum * 2);
}
