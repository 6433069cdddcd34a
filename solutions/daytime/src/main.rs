//! The reference solution of `daytime`: a server and a client of RFC 867 with a fixed format.

mod client;
mod command;
mod daytime;
mod server;

use command::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(command) = command::parse(std::env::args().skip(1)) else {
        eprintln!("{}", command::USAGE);
        return ExitCode::from(2);
    };
    match run(&command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("error: {complaint}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<(), String> {
    match command {
        Command::Server { address, udp } => server::run(address, *udp)
            .map_err(|error| format!("cannot listen on {address}: {error}")),
        Command::Client { address, udp } => {
            let answer = client::ask(address, *udp)
                .map_err(|failure| format!("no time from {address}: {failure}"))?;
            println!("Server response: {answer}");
            Ok(())
        }
    }
}
