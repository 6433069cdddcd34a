//! A loop that goes on at the end of the input never ends.
//! outputs: [""]
//! always: endless
//! search: {"preemptions": 0, "random": 0, "steps": 500}

fn main() {
    let mut line = String::new();
    while line.trim() != "quit" {
        line.clear();
        std::io::stdin().read_line(&mut line).unwrap();
    }
}
