//! Two threads print the numbers from 1 to LIMIT in turns; see `README.md`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    todo!("let an odd and an even thread print in turns up to the limit in {arguments:?}")
}
