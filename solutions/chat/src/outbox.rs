//! The lines that wait for one client, and the loop that sends them.
//!
//! Whoever has something to say to a client puts it here and goes on; only the client's own
//! writing thread ever waits for its socket. So a client that does not read holds up that one thread.

use std::io::{self, BufWriter, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// How many lines may wait for a client before it is given up. The contract allows no fewer than
/// 256; a burst of lines may well outrun a client that does read, so there is room for more. The
/// text itself is shared between all the clients that it waits for.
const MOST_WAITING: usize = 4096;

/// No further line finds room: the client has not read for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

pub(crate) struct Outbox {
    stream: Arc<TcpStream>,
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    waiting: Vec<Arc<str>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Lines are taken and sent.
    Open,
    /// What waits is still sent, then the stream is closed.
    Closing,
    /// Nothing is taken or sent any more.
    Dead,
}

impl Outbox {
    pub(crate) fn new(stream: Arc<TcpStream>) -> Outbox {
        let queue = Queue {
            waiting: Vec::new(),
            state: State::Open,
        };
        Outbox {
            stream,
            queue: Mutex::new(queue),
            changed: Condvar::new(),
        }
    }

    /// Adds a line without waiting for anybody. A line for a dead connection is lost, which is no
    /// fault of its sender; the thread that reads from the connection will notice.
    pub(crate) fn push(&self, line: &Arc<str>) -> Result<(), Full> {
        let mut queue = self.lock();
        if queue.state == State::Open {
            if queue.waiting.len() >= MOST_WAITING {
                return Err(Full);
            }
            queue.waiting.push(Arc::clone(line));
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Lets what waits be sent, and `last` after it, and then no more.
    pub(crate) fn close(&self, last: Option<Arc<str>>) {
        let mut queue = self.lock();
        if queue.state == State::Open {
            queue.waiting.extend(last);
            queue.state = State::Closing;
            self.changed.notify_one();
        }
    }

    /// Gives the client up at once, whatever still waits: both of its threads find the stream shut.
    pub(crate) fn cut_off(&self) {
        self.lock().die();
        self.changed.notify_one();
        // It fails only when there is no connection any more, which is what is wanted.
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Sends lines as they come until the outbox is closed or the connection breaks. This is all
    /// that the writing thread of a client does.
    pub(crate) fn send_all(&self) {
        let mut writer = BufWriter::new(&*self.stream);
        while let Some(lines) = self.next_lines() {
            if send(&mut writer, &lines).is_err() {
                self.lock().die();
                return;
            }
        }
        // The client gets the end of input after its last line. The receiving side stays open: a
        // socket closed with unread input would send a reset, which may destroy that last line.
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits for lines and takes all of them; `None` when there will be no more.
    fn next_lines(&self) -> Option<Vec<Arc<str>>> {
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && queue.state == State::Open;
        let mut queue = self
            .changed
            .wait_while(self.lock(), idle)
            .expect("nobody panics with the queue locked");
        let lines = std::mem::take(&mut queue.waiting);
        (!lines.is_empty()).then_some(lines)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue
            .lock()
            .expect("nobody panics with the queue locked")
    }
}

impl Queue {
    fn die(&mut self) {
        self.state = State::Dead;
        self.waiting = Vec::new();
    }
}

fn send(writer: &mut impl Write, lines: &[Arc<str>]) -> io::Result<()> {
    for line in lines {
        writer.write_all(line.as_bytes())?;
    }
    writer.flush()
}
