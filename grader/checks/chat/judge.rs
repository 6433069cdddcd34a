//! The judge of chat: what a server may let its clients hear, and what a client
//! program may print.
//!
//! A server is judged by what its clients heard: there must be one order of all
//! that happened that every view agrees with (`order`). Where there is none,
//! the plainest contradiction is told (`explain`). The client program is judged
//! by what a scripted server got from it and by what it printed (`client`).

mod client;
mod command;
mod explain;
mod moment;
mod order;
mod request;
mod server;
mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod words;

use std::process::ExitCode;

use judge::{Judge, Lost, Question};

fn main() -> ExitCode {
    judge::serve(rule)
}

fn rule(question: &Question) -> Result<Box<dyn Judge>, Lost> {
    let world = question.world.clone();
    Ok(match question.rule.as_str() {
        "room" => Box::new(server::Served::new(question)),
        "flood" => Box::new(server::flooded(world)),
        "default-address" => Box::new(command::default_address(world)),
        "cannot-listen" => Box::new(command::cannot_listen(world)),
        "usage" => Box::new(command::usage_error),
        "stopped" => Box::new(client::server_stopped(world)),
        "client" => Box::new(client::Conversation::new(question)?),
        _ => return Err(Lost::unknown_rule(question)),
    })
}
