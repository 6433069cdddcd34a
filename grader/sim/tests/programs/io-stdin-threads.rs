//! Each line goes to one of two readers.
//! outputs: ["1 a, 2 b\n", "1 b, 2 a\n"]
//! stdin: "a\nb\n"

use std::thread;

fn main() {
    let read = || {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let threads = [thread::spawn(read), thread::spawn(read)];
    let [first, second] = threads.map(|thread| thread.join().unwrap());
    println!("1 {first}, 2 {second}");
}
