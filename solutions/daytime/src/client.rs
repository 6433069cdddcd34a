//! The client: asks once, and takes nothing for an answer but a line of the right form.

use crate::daytime;
use std::fmt;
use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

/// How long the client waits for a connection, and then for bytes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server could not be reached.
    Unreachable(io::Error),
    /// The connection ended before the whole line came.
    Broken(io::Error),
    /// Nothing came for as long as the client is willing to wait.
    Silent,
    /// What came is not a line of the protocol; this is what it was.
    Malformed(Vec<u8>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unreachable(error) => write!(f, "cannot reach the server: {error}"),
            Failure::Broken(error) => write!(f, "the answer broke off: {error}"),
            Failure::Silent => write!(f, "nothing came for {} seconds", PATIENCE.as_secs()),
            Failure::Malformed(answer) => {
                write!(f, "not a daytime answer: \"{}\"", answer.escape_ascii())
            }
        }
    }
}

/// Asks the server at `address` for the time, and gives it without the end of its line.
pub(crate) fn ask(address: &str, udp: bool) -> Result<String, Failure> {
    let answer = if udp {
        ask_by_datagram(address)
    } else {
        ask_by_connection(address)
    }?;
    match daytime::text(&answer) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Failure::Malformed(answer)),
    }
}

fn ask_by_connection(address: &str) -> Result<Vec<u8>, Failure> {
    let mut stream = connect(address).map_err(Failure::Unreachable)?;
    stream
        .set_read_timeout(Some(PATIENCE))
        .map_err(Failure::Broken)?;
    let mut answer = vec![0; daytime::LENGTH];
    stream.read_exact(&mut answer).map_err(while_reading)?;
    Ok(answer)
}

/// Tries the addresses of a name in turn; together they get the time that one alone would have.
fn connect(address: &str) -> io::Result<TcpStream> {
    let candidates: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    let share = PATIENCE / candidates.len().max(1) as u32;
    let mut outcome = Err(no_address());
    for candidate in candidates {
        outcome = TcpStream::connect_timeout(&candidate, share);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn ask_by_datagram(address: &str) -> Result<Vec<u8>, Failure> {
    let mut outcome = Err(Failure::Unreachable(no_address()));
    for candidate in address.to_socket_addrs().map_err(Failure::Unreachable)? {
        outcome = exchange(candidate);
        // Nobody listens there, which the system says at once; a name may have another address.
        // Everything else is an answer, or the lack of one.
        if !matches!(outcome, Err(Failure::Unreachable(_))) {
            break;
        }
    }
    outcome
}

fn exchange(server: SocketAddr) -> Result<Vec<u8>, Failure> {
    let local: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).map_err(Failure::Unreachable)?;
    // A connected socket takes datagrams from this server alone, and hears when nobody is there.
    socket.connect(server).map_err(Failure::Unreachable)?;
    socket
        .set_read_timeout(Some(PATIENCE))
        .map_err(Failure::Unreachable)?;
    socket.send(b"\n").map_err(Failure::Unreachable)?;
    // One byte more than the line has: an answer that is too long is seen to be so.
    let mut buffer = [0; daytime::LENGTH + 1];
    let length = socket
        .recv(&mut buffer)
        .map_err(|error| match error.kind() {
            ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset => {
                Failure::Unreachable(error)
            }
            _ => while_reading(error),
        })?;
    Ok(buffer[..length].to_vec())
}

/// What a failed read means. Systems differ in how they report that the time is up.
fn while_reading(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Failure::Silent,
        _ => Failure::Broken(error),
    }
}

fn no_address() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "the name has no address")
}
