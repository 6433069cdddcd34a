//! The reference solution of `chat`: a server where people talk to each other in lines of text, and
//! a client for it.
//!
//! - `command`: what the program was asked to do.
//! - `line`: how lines are read from a socket.
//! - `name`: what may be somebody's name.
//! - `server`: accepts connections and carries out what each client sends.
//! - `room`: who is present, and the one order of everything that is said.
//! - `outbox`: the lines that wait for one client, and the thread that sends them.
//! - `client`: the other program.

mod client;
mod command;
mod line;
mod name;
mod outbox;
mod room;
mod server;

use command::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(command) = command::parse(std::env::args().skip(1)) else {
        eprintln!("{}", command::USAGE);
        return ExitCode::from(2);
    };
    let outcome = match command {
        Command::Server {
            address,
            max_clients,
        } => server::run(&address, max_clients)
            .map_err(|error| format!("cannot listen on {address}: {error}")),
        Command::Client { address, name } => {
            client::run(&address, &name).map_err(|failure| failure.to_string())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("error: {complaint}");
            ExitCode::FAILURE
        }
    }
}
