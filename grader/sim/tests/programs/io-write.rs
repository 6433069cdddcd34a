//! Bytes, one after another, by all the ways of writing; no character is torn.
//! outputs: ["aé€\nxyz\nvec\nref\nStdout { .. } StdoutLock { .. }\nend"]
//! stderr: ["err\n\ufffd"]
//! search: {"preemptions": 1}

use std::io::{self, IoSlice, Write};

fn main() -> io::Result<()> {
    for byte in "aé€\n".bytes() {
        io::stdout().write_all(&[byte])?;
    }
    let mut out = io::stdout().lock();
    assert_eq!(out.write(b"xy")?, 2);
    out.write_all(b"z\n")?;
    assert_eq!(
        out.write_vectored(&[IoSlice::new(b"ve"), IoSlice::new(b"c\n")])?,
        4
    );
    out.flush()?;
    writeln!(&io::stdout(), "ref")?;
    writeln!(out, "{:?} {:?}", io::stdout(), io::stdout().lock())?;
    drop(out);
    eprintln!("err");
    io::stderr().write_all(&[0xff])?;
    let mut buffered = io::BufWriter::new(io::stdout());
    write!(buffered, "end")?;
    Ok(())
}
