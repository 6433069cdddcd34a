//! Who waits already goes on waiting, although nobody is to wait from now on.
//! outputs: ["", "WouldBlock\n"]
//! ending: deadlock
//! says: TcpListener::accept
//! timeline: T1 looks at the options of socket 1 (127.0.0.1:5000)

use std::net::TcpListener;
use std::thread;

fn main() {
    let listener = TcpListener::bind("127.0.0.1:5000").unwrap();
    let other = listener.try_clone().unwrap();
    let accepts = thread::spawn(move || {
        thread::yield_now();
        other.accept().unwrap_err().kind()
    });
    listener.set_nonblocking(true).unwrap();
    println!("{:?}", accepts.join().unwrap());
}
