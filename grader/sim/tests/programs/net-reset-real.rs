//! What calls give on a connection that was broken off, or closed, in whichever
//! order: as on Linux.
//! real: the same
//! network: {"pieces": 0}
//! search: {"preemptions": 0}

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    client.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    server.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    (client, server)
}

fn show<T: std::fmt::Debug>(what: &str, result: io::Result<T>) {
    // The real system needs a moment to carry a packet to the other end.
    std::thread::sleep(Duration::from_millis(5));
    match result {
        Ok(value) => println!("{what}: {value:?}"),
        Err(error) => println!("{what}: {:?}", error.kind()),
    }
}

fn read(stream: &TcpStream) -> io::Result<String> {
    let mut buffer = [0; 64];
    let length = (&*stream).read(&mut buffer)?;
    Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

fn write(stream: &TcpStream, text: &str) -> io::Result<usize> {
    (&*stream).write(text.as_bytes())
}

fn main() {
    println!("-- closed in order, then written to");
    let (client, server) = pair();
    show("write", write(&server, "bye"));
    drop(server);
    show("write", write(&client, "one"));
    show("read", read(&client));
    show("read", read(&client));
    show("write", write(&client, "two"));
    show("write", write(&client, "three"));
    show("error", client.take_error().map(|error| error.is_some()));
    show("peer", client.peer_addr().map(drop));
    show("shutdown", client.shutdown(Shutdown::Write));

    println!("-- closed in order, then written to, and the error taken");
    let (client, server) = pair();
    drop(server);
    show("write", write(&client, "one"));
    show("error", client.take_error().map(|error| error.map(|error| error.kind())));
    show("error", client.take_error().map(|error| error.map(|error| error.kind())));
    show("write", write(&client, "two"));

    println!("-- closed with unread input");
    let (client, server) = pair();
    show("write", write(&client, "unread"));
    drop(server);
    show("write", write(&client, "one"));
    show("write", write(&client, "two"));
    show("read", read(&client));

    println!("-- closed with unread input, and read");
    let (client, server) = pair();
    show("write", write(&client, "unread"));
    drop(server);
    show("read", read(&client));
    show("read", read(&client));
    show("write", write(&client, "one"));
    show("peer", client.peer_addr().map(drop));
    show("shutdown", client.shutdown(Shutdown::Both));

    println!("-- the end, then a reset");
    let (client, server) = pair();
    show("shutdown", server.shutdown(Shutdown::Write));
    show("write", write(&client, "unread"));
    drop(server);
    show("read", read(&client));
    show("error", client.take_error().map(|error| error.map(|error| error.kind())));
    show("write", write(&client, "one"));

    println!("-- both ends have said all");
    let (client, server) = pair();
    show("write", write(&client, "last"));
    show("shutdown", client.shutdown(Shutdown::Write));
    show("write", write(&client, "more"));
    show("shutdown", client.shutdown(Shutdown::Write));
    show("shutdown", server.shutdown(Shutdown::Write));
    show("shutdown", client.shutdown(Shutdown::Write));
    show("shutdown", server.shutdown(Shutdown::Both));
    show("peer", server.peer_addr().map(drop));
    show("read", read(&server));
    show("read", read(&server));
    show("read", read(&client));

    println!("-- the reading half is given up");
    let (client, server) = pair();
    show("write", write(&server, "before"));
    show("shutdown", client.shutdown(Shutdown::Read));
    show("write", write(&server, "after"));
    show("read", read(&client));
    show("read", read(&client));
    show("write", write(&server, "again"));
    show("read", read(&client));
    show("write", write(&client, "still"));
    show("read", read(&server));

    println!("-- both halves are given up, and something comes");
    let (client, server) = pair();
    show("shutdown", client.shutdown(Shutdown::Both));
    show("read", read(&client));
    show("read", read(&server));
    show("write", write(&server, "late"));
    show("write", write(&server, "later"));
    show("read", read(&client));
    show("write", write(&client, "x"));
}
