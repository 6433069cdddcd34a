//! The streams have the traits that std's have, and go where std's go.
//! outputs: ["dyn\nlocked\nboxed\nx\ncopied\nfile false\nnot send\nmacros 3\n"]
//! stdin: "x\ncopied\n"

use std::fmt::Debug;
use std::io::prelude::*;
use std::io::{
    self, BufReader, IsTerminal, LineWriter, Lines, Stderr, StderrLock, Stdin, StdinLock, Stdout,
    StdoutLock,
};
use std::os::fd::{AsFd, AsRawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::process::Stdio;

fn shared<
    T: Send
        + Sync
        + UnwindSafe
        + RefUnwindSafe
        + Unpin
        + Debug
        + IsTerminal
        + AsFd
        + AsRawFd
        + 'static,
>(
    _: T,
) {
}
fn locked<T: UnwindSafe + RefUnwindSafe + Debug + IsTerminal + AsFd + AsRawFd>(_: T) {}
fn input<T: BufRead + Sync>(_: &T) {}

struct Program {
    out: Stdout,
    lines: Lines<StdinLock<'static>>,
}

trait Otherwise {
    const SEND: bool = false;
}
impl<T> Otherwise for T {}
struct Asked<T>(T);
impl<T: Send> Asked<T> {
    const SEND: bool = true;
}

fn main() -> io::Result<()> {
    let (i, o, e): (Stdin, Stdout, Stderr) = (io::stdin(), io::stdout(), io::stderr());
    shared(i);
    shared(o);
    shared(e);
    let (i, o, e): (StdinLock<'_>, StdoutLock<'_>, StderrLock<'_>) =
        (io::stdin().lock(), io::stdout().lock(), io::stderr().lock());
    input(&i);
    locked(i);
    locked(o);
    locked(e);

    let dynamic: &mut dyn Write = &mut io::stdout();
    writeln!(dynamic, "dyn")?;
    LineWriter::new(io::stdout().lock()).write_all(b"locked\n")?;
    let mut boxed: Box<dyn Write + Send> = Box::new(io::stdout());
    boxed.write_fmt(format_args!("{}\n", "boxed"))?;

    let mut program = Program {
        out: io::stdout(),
        lines: io::stdin().lines(),
    };
    let line = program.lines.next().unwrap()?;
    writeln!(program.out, "{line}")?;
    drop(program);
    let mut reader: BufReader<Box<dyn Read>> = BufReader::new(Box::new(io::stdin()));
    io::copy(&mut reader, &mut io::stdout().lock())?;

    println!("file {}", std::fs::File::create("file")?.is_terminal());
    println!(
        "{}",
        if Asked::<StdoutLock<'static>>::SEND || Asked::<StdinLock<'static>>::SEND {
            "send"
        } else {
            "not send"
        }
    );
    let _: Stdio = io::stdout().into();
    let three = dbg!(1 + 2);
    let name = "macros";
    print!("{name} {}", three);
    println!();
    eprintln!();
    Ok(())
}
