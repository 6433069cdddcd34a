//! Standard input, in all the ways in which it is read.
//! outputs: ["Ok(6) \"first\\n\"\nsecond\n3 [116, 104, 105]\nrd\n[\"fourth\"]\n\"fifth\\n\\nlast\"\n0 0\nfalse\nStdin { .. } StdinLock { .. }\n"]
//! stdin: "first\nsecond\nthird\nfourth\nfifth\n\nlast"

use std::io::{self, BufRead, IsTerminal, Read};

fn main() {
    let mut line = String::new();
    println!(
        "{:?} {line:?}",
        io::stdin().read_line(&mut line).map(|n| { n })
    );
    let second = io::stdin().lines().next().unwrap().unwrap();
    println!("{second}");
    let mut three = [0; 3];
    println!(
        "{} {three:?}",
        io::stdin().read(&mut three).map(|n| n).unwrap_or(0)
    );
    let mut rest = String::new();
    let mut locked = io::stdin().lock();
    locked.read_line(&mut rest).unwrap();
    print!("{rest}");
    println!(
        "{:?}",
        locked
            .by_ref()
            .lines()
            .take(1)
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    );
    drop(locked);
    println!("{:?}", io::read_to_string(io::stdin()).unwrap());
    println!(
        "{} {}",
        io::stdin().read(&mut three).unwrap(),
        io::stdin().read_line(&mut rest).unwrap()
    );
    println!(
        "{}",
        io::stdin().is_terminal() || io::stdout().lock().is_terminal()
    );
    println!("{:?} {:?}", io::stdin(), io::stdin().lock());
}
