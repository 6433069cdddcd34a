//! A server that tells the time, and a client that asks it; see `README.md`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    todo!("be the server or the client that {arguments:?} asks for")
}
