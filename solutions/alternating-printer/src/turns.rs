//! Whose turn it is: the thread that was sent the next number.
//!
//! The turn is a message, so it cannot get lost: it waits in the channel for a
//! thread that comes late. And the turn has one owner at a time, so nothing
//! else keeps the threads apart.

use std::io::{self, Write};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// Prints the numbers from 1 to `limit`, the odd ones from one thread and the
/// even ones from another, and returns when both threads have ended.
///
/// # Errors
///
/// Standard output could not be written to.
pub fn print_up_to(limit: u32) -> io::Result<()> {
    if limit == 0 {
        return Ok(());
    }
    let (to_odd, odd_turns) = mpsc::channel();
    let (to_even, even_turns) = mpsc::channel();
    to_odd
        .send(1)
        .expect("the receiving end is still in this function");

    let odd = thread::spawn(move || print_turns(odd_turns, to_even, limit));
    let even = thread::spawn(move || print_turns(even_turns, to_odd, limit));
    join(odd).and(join(even))
}

/// Prints every number that comes and sends the other thread the next one.
///
/// It is over when `limit` is printed, or when the other thread has hung up:
/// this one's ends of the channels are dropped then, and the other one, if it
/// still waits, stops waiting.
fn print_turns(turns: Receiver<u32>, other: Sender<u32>, limit: u32) -> io::Result<()> {
    for number in turns {
        writeln!(io::stdout(), "{number}")?;
        if number == limit || other.send(number + 1).is_err() {
            break;
        }
    }
    Ok(())
}

fn join(printer: thread::JoinHandle<io::Result<()>>) -> io::Result<()> {
    printer
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
