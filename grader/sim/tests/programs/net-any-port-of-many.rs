//! Who asks for any port often gets others' as well, and each only once; what a thread gets
//! first is its own, whoever asks before it.
//! outputs: ["120 true\n"]
//! search: {"preemptions": 1, "random": 3}

use std::collections::HashSet;
use std::net::UdpSocket;
use std::thread;

fn ports(many: usize) -> Vec<(UdpSocket, u16)> {
    let bound = (0..many).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap());
    bound.map(|socket| { let port = socket.local_addr().unwrap().port(); (socket, port) }).collect()
}

fn main() {
    let alone = thread::spawn(|| ports(1)).join().unwrap();
    let both = [thread::spawn(|| ports(60)), thread::spawn(|| ports(60))];
    let both = both.map(|thread| thread.join().unwrap());
    let all: HashSet<u16> = both.iter().flatten().map(|(_, port)| *port).collect();
    let firsts = both.each_ref().map(|own| own[0].1 - alone[0].1);
    println!("{} {}", all.len(), firsts == [50, 100]);
}
