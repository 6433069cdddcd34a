//! Less output may be allowed than by default.
//! outputs: any
//! always: too-much
//! says: it printed more than 1 MiB
//! limits: {"output_mib": 1}

use std::io::Write;

fn main() {
    let mut out = std::io::stdout().lock();
    loop {
        out.write_all(&[b'x'; 1 << 16]).unwrap();
    }
}
