//! Two threads print the numbers from 1 to LIMIT in turns.

mod arguments;
mod turns;

use std::process::ExitCode;

fn main() -> ExitCode {
    let limit = match arguments::limit(std::env::args().skip(1)) {
        Ok(limit) => limit,
        Err(error) => {
            eprintln!("error: {error}; usage: alternating-printer [LIMIT]");
            return ExitCode::from(2);
        }
    };
    match turns::print_up_to(limit) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot print: {error}");
            ExitCode::FAILURE
        }
    }
}
