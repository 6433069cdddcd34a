//! The server: tells the time to every connection, or to every datagram.

use crate::daytime;
use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// How long the server leaves the system alone when it has no descriptor or no memory to give.
/// Trying again at once would only keep the processor busy.
const BREATHER: Duration = Duration::from_millis(50);

/// Serves until the process is ended; comes back only with the reason why it could not begin.
pub(crate) fn run(address: &str, udp: bool) -> io::Result<()> {
    if udp {
        let socket = UdpSocket::bind(address)?;
        announce(socket.local_addr()?)?;
        answer_datagrams(&socket)
    } else {
        let listener = TcpListener::bind(address)?;
        announce(listener.local_addr()?)?;
        answer_connections(&listener)
    }
}

/// Whoever started the server on port 0 waits for this line to learn the port, so it is flushed.
fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "listening on {address}")?;
    out.flush()
}

fn answer_connections(listener: &TcpListener) -> ! {
    loop {
        match listener.accept() {
            Ok((stream, _)) => answer_aside(stream),
            // This client gave up before its turn came. The next one may be waiting already.
            Err(error) if is_about_one_peer(&error) => {}
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                thread::sleep(BREATHER);
            }
        }
    }
}

/// Every connection has a thread of its own: a client that never reads or never closes keeps that
/// thread waiting, and nobody else.
fn answer_aside(stream: TcpStream) {
    let started = thread::Builder::new().spawn(move || {
        // The client broke the connection; there is nobody left to tell.
        let _ = answer(&stream);
    });
    if let Err(error) = started {
        eprintln!("cannot start a thread for a connection: {error}");
    }
}

fn answer(mut stream: &TcpStream) -> io::Result<()> {
    stream.write_all(daytime::now().as_bytes())?;
    // Closing a socket that holds unread input resets the connection, and a reset may destroy the
    // answer on its way. So only the sending side is closed, and what the client sends is read
    // away until it has closed its own.
    stream.shutdown(Shutdown::Write)?;
    io::copy(&mut stream, &mut io::sink())?;
    Ok(())
}

fn answer_datagrams(socket: &UdpSocket) -> ! {
    // Nobody looks at what a datagram holds, but some systems report one that does not fit as an
    // error, so there is room for the longest.
    let mut ignored = [0; 65_536];
    loop {
        match socket.recv_from(&mut ignored) {
            Ok((_, peer)) => {
                if let Err(error) = socket.send_to(daytime::now().as_bytes(), peer) {
                    eprintln!("cannot answer {peer}: {error}");
                }
            }
            // Some systems report here that an earlier answer found nobody at home.
            Err(error) if is_about_one_peer(&error) => {}
            Err(error) => {
                eprintln!("cannot receive a datagram: {error}");
                thread::sleep(BREATHER);
            }
        }
    }
}

/// Whether an error of the shared socket tells about one peer only, and not about the socket.
fn is_about_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::Interrupted
    )
}
