//! Nobody reads, and so the write that does not fit waits for ever. Of two
//! writes, the one that is not longer than 4096 bytes goes in whole or waits.
//! outputs: ["65000 in\n"]
//! always: deadlock
//! says: "call":"PipeWriter::write"

use std::io::Write;

fn main() {
    let (_reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&[0; 65_000]).unwrap();
    println!("65000 in");
    let wrote = writer.write(&[0; 600]).unwrap();
    println!("{wrote} more");
}
