//! Two threads print a line each; a line is never torn apart.
//! outputs: ["a1\na2\nb1\n", "a1\nb1\na2\n", "b1\na1\na2\n"]

use std::thread;

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| {
            println!("a{}", 1);
            print!("{}{}\n", 'a', 2);
        });
        scope.spawn(|| println!("b1"));
    });
}
