//! The ends of a pipe become files, descriptors and standard streams of other
//! programs, and keep being the pipe.
//! outputs: ["3 abc\nFIFO Some(29)\nBrokenPipe\n"]

use std::fs::File;
use std::io::{self, BufRead, BufReader, PipeReader, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::process::Stdio;

fn main() {
    let (reader, writer) = io::pipe().unwrap();
    let mut file = File::from(OwnedFd::from(writer));
    let copy = file.as_fd().try_clone_to_owned().unwrap();
    let mut again = File::from(copy);
    file.write_all(b"ab").unwrap();
    again.write_vectored(&[io::IoSlice::new(b""), io::IoSlice::new(b"c\n")]).unwrap();
    let mut reader = BufReader::new(PipeReader::from(OwnedFd::from(reader)));
    let mut line = String::new();
    let read = reader.read_line(&mut line).unwrap();
    println!("{} {}", read - 1, line.trim_end());
    let kind = if file.metadata().unwrap().file_type().is_fifo() { "FIFO" } else { "?" };
    println!("{kind} {:?}", file.stream_position().unwrap_err().raw_os_error());
    drop((file, again));
    assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap(), 0);

    let (reader, mut writer) = io::pipe().unwrap();
    let mut other = reader.try_clone().unwrap();
    drop(Stdio::from(reader));
    write!(writer, "{}-{}", 1, 2).unwrap();
    let mut three = [0; 3];
    other.read_exact(&mut three).unwrap();
    assert_eq!(&three, b"1-2");
    drop(other);
    println!("{:?}", write!(&writer, "x").unwrap_err().kind());
}
