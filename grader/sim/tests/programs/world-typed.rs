//! Peers type on a program's standard input, which goes on after what it holds
//! at the beginning; a line may come in pieces, and a read waits for what was
//! not typed yet.
//!
//! world: {"programs": [{"label": "echo", "stdin": "zero\n", "open": true}], "peers": [{"name": "ann", "script": "type echo \"one\\ntw\"\nwatch echo until \"one\"\ntype echo \"o\\n\"\nwatch echo until \"<two>\"\nhang up echo\nexit echo"}]}
//! program echo: ["<zero>\n<one>\n<two>\nrest: \n <exit 0>"]
//! peer ann: [" <done>"]
//! search: {"preemptions": 2, "random": 50}

use std::io::Read;

fn main() {
    let mut line = String::new();
    for _ in 0..3 {
        line.clear();
        std::io::stdin().read_line(&mut line).unwrap();
        println!("<{}>", line.trim_end());
    }
    let mut rest = String::new();
    std::io::stdin().read_to_string(&mut rest).unwrap();
    println!("rest: {rest}");
}
