//! The client: copies lines between a person and the server, both ways at once.

use crate::name::Name;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;

/// Why the conversation did not take place, or not to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    BadName,
    Unreachable(io::Error),
    /// The server said no, in these words.
    Refused(String),
    /// The server went away without a goodbye.
    Vanished,
    /// Something on this side of the connection failed.
    Local(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::BadName => f.write_str(Name::RULE),
            Failure::Unreachable(error) => write!(f, "cannot reach the server: {error}"),
            Failure::Refused(reason) => f.write_str(reason),
            Failure::Vanished => f.write_str("the server went away without a goodbye"),
            Failure::Local(error) => error.fmt(f),
        }
    }
}

/// Talks to the server at `address` until it says goodbye.
pub(crate) fn run(address: &str, name: &str) -> Result<(), Failure> {
    let name = Name::parse(name).ok_or(Failure::BadName)?;
    let stream = TcpStream::connect(address).map_err(Failure::Unreachable)?;
    stream.set_nodelay(true).map_err(Failure::Unreachable)?;
    let stream = Arc::new(stream);
    send(&stream, format!("{name}\n").as_bytes()).map_err(|_| Failure::Vanished)?;

    let mut server = BufReader::new(&*stream);
    let first = next_line(&mut server)?;
    if first != format!("welcome {name}").as_bytes() {
        let first = String::from_utf8_lossy(&first);
        let reason = first.strip_prefix("error: ").unwrap_or(&first);
        return Err(Failure::Refused(reason.to_owned()));
    }

    // This thread may still wait for a line to be typed when the server has said goodbye. Nothing
    // can end that wait but the end of the program, so nobody joins it.
    let for_typing = Arc::clone(&stream);
    thread::Builder::new()
        .spawn(move || send_typed(&for_typing))
        .map_err(Failure::Local)?;

    print_until_goodbye(&mut server, &name)
}

/// Prints what comes. A line that begins with `error: ` is nothing special here: it may as well
/// have been said by somebody whose name is `error`. Only a goodbye cannot be imitated.
fn print_until_goodbye(server: &mut impl BufRead, name: &Name) -> Result<(), Failure> {
    let goodbye = format!("goodbye {name}");
    let mut out = io::stdout().lock();
    loop {
        let mut line = next_line(server)?;
        let over = line == goodbye.as_bytes();
        line.push(b'\n');
        out.write_all(&line)
            .and_then(|()| out.flush())
            .map_err(Failure::Local)?;
        if over {
            return Ok(());
        }
    }
}

/// Sends every line as soon as it has been typed, and takes leave at the end of the input. A server
/// that takes no more is noticed, and reported, where its lines are read.
fn send_typed(stream: &TcpStream) {
    let mut typed = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        // Input that cannot be read any further has come to its end.
        let _ = typed.read_until(b'\n', &mut line);
        let over = line.is_empty();
        if over {
            line.extend(b"/quit");
        }
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
        if send(stream, &line).is_err() || over {
            return;
        }
    }
}

fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes)
}

/// The next line of the server without its end.
fn next_line(server: &mut impl BufRead) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    server
        .read_until(b'\n', &mut line)
        .map_err(|_| Failure::Vanished)?;
    line.pop_if(|last| *last == b'\n')
        .ok_or(Failure::Vanished)?;
    line.pop_if(|last| *last == b'\r');
    Ok(line)
}
