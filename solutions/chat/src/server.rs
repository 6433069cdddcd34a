//! The server: accepts connections, and carries out what each client sends.

use crate::line::{self, Input};
use crate::name::Name;
use crate::outbox::Outbox;
use crate::room::{Refusal, Room, Seat};
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How long the server leaves the system alone when it has no descriptor or no memory to give.
/// Trying again at once would only keep the processor busy.
const BREATHER: Duration = Duration::from_millis(50);

/// Serves until the process is ended; comes back only with the reason why it could not begin.
pub(crate) fn run(address: &str, max_clients: usize) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    // Whoever started the server on port 0 waits for this line to learn the port.
    let mut out = io::stdout();
    writeln!(out, "listening on {}", listener.local_addr()?)?;
    out.flush()?;
    let room = Arc::new(Room::new(max_clients));
    loop {
        match listener.accept() {
            Ok((stream, _)) => serve_aside(stream, Arc::clone(&room)),
            // This client gave up before its turn came. The next one may be waiting already.
            Err(error) if is_about_one_client(&error) => {}
            Err(error) => {
                eprintln!("cannot accept a connection: {error}");
                thread::sleep(BREATHER);
            }
        }
    }
}

/// Whether an error of the listener tells about one client only, and not about the listener.
fn is_about_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

fn serve_aside(stream: TcpStream, room: Arc<Room>) {
    let started = thread::Builder::new().spawn(move || {
        if let Err(error) = serve(stream, &room) {
            eprintln!("cannot serve a connection: {error}");
        }
    });
    if let Err(error) = started {
        eprintln!("cannot start a thread for a connection: {error}");
    }
}

/// One connection from its first byte to its last: this thread reads, another one writes.
fn serve(stream: TcpStream, room: &Room) -> io::Result<()> {
    // A line of a conversation is not worth holding back to fill a packet with.
    stream.set_nodelay(true)?;
    let stream = Arc::new(stream);
    let outbox = Arc::new(Outbox::new(Arc::clone(&stream)));
    thread::scope(|scope| {
        thread::Builder::new().spawn_scoped(scope, || outbox.send_all())?;
        converse(&mut BufReader::new(&*stream), room, &outbox);
        // The writing thread closes the connection in good order when the last line is out. What
        // the client still sends must be read away meanwhile, or it would get a reset instead. An
        // error here means that the connection is gone, and then everything is done.
        let _ = io::copy(&mut &*stream, &mut io::sink());
        Ok(())
    })
}

/// The client's part of the conversation. When it is over, the outbox has been closed.
fn converse(reader: &mut impl BufRead, room: &Room, outbox: &Arc<Outbox>) {
    match enter(reader, room, outbox) {
        Ok(seat) => {
            let last = stay(reader, &seat);
            seat.leave(&last);
        }
        Err(Some(reason)) => outbox.close(Some(format!("error: {reason}\n").into())),
        Err(None) => outbox.close(None),
    }
}

/// Asks for a seat in the name that the first line gives; the error is the reason why there is
/// none, if there is anybody left to hear it.
fn enter<'room>(
    reader: &mut impl BufRead,
    room: &'room Room,
    outbox: &Arc<Outbox>,
) -> Result<Seat<'room>, Option<&'static str>> {
    let text = match line::next(reader) {
        Input::Line(text) => text,
        Input::Bad(reason) => return Err(Some(reason)),
        Input::End => return Err(None),
    };
    let name = Name::parse(&text).ok_or(Some(Name::RULE))?;
    room.join(name, outbox).map_err(|refusal| match refusal {
        Refusal::Full => Some("server full, try again later"),
        Refusal::NameInUse => Some("this name is in use, choose another"),
    })
}

/// Carries out line after line until the client is done; gives the last line to answer with.
fn stay(reader: &mut impl BufRead, seat: &Seat<'_>) -> String {
    loop {
        let text = match line::next(reader) {
            Input::Line(text) => text,
            Input::Bad(reason) => return format!("error: {reason}"),
            Input::End => return seat.goodbye(),
        };
        match text.as_str() {
            "" => {}
            "/who" => seat.list(),
            "/quit" => return seat.goodbye(),
            bye if bye.eq_ignore_ascii_case("bye") => return seat.goodbye(),
            text => seat.say(text),
        }
    }
}
