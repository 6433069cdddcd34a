//! A server with a thread for each client: the clients come in any order.
//! outputs: ["1 2\n", "2 1\n"]
//! network: {"pieces": 0}
//! search: {"preemptions": 2, "executions": 3000, "random": 50}

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

static NEXT: AtomicU32 = AtomicU32::new(1);

fn serve(mut stream: TcpStream) {
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    writeln!(stream, "{number}").unwrap();
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let clients: Vec<_> = listener
            .incoming()
            .take(2)
            .map(|stream| thread::spawn(|| serve(stream.unwrap())))
            .collect();
        for client in clients {
            client.join().unwrap();
        }
    });
    let clients = [(), ()].map(|()| {
        thread::spawn(move || {
            let stream = TcpStream::connect(address).unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        })
    });
    let [one, two] = clients.map(|client| client.join().unwrap());
    println!("{one} {two}");
    server.join().unwrap();
}
