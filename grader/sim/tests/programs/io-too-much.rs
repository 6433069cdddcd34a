//! Who prints without end is stopped, with the number.
//! outputs: any
//! always: too-much
//! says: it printed more than 8 MiB

use std::io::Write;

fn main() {
    let mut out = std::io::stdout().lock();
    loop {
        out.write_all(&[b'x'; 1 << 20]).unwrap();
    }
}
