//! Who is at a port by the tables of all sockets in `/proc/net` (proc(5), `net/tcp`
//! and its siblings).

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Entry, Protocol};

/// All that are at a port.
pub(super) fn at(protocol: Protocol, port: u16) -> io::Result<Vec<Entry>> {
    let files = match protocol {
        Protocol::Tcp => ["/proc/net/tcp", "/proc/net/tcp6"],
        Protocol::Udp => ["/proc/net/udp", "/proc/net/udp6"],
    };
    let mut found = Vec::new();
    for file in files {
        let file = match File::open(file) {
            Ok(file) => file,
            // A system without version 6.
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.ends_with('6') => {
                continue;
            }
            Err(error) => return Err(error),
        };
        for line in BufReader::with_capacity(1 << 16, file).lines().skip(1) {
            let line = Line::parsed(&line?)?;
            if protocol == Protocol::Tcp && !line.listens {
                // Those that listen come first.
                break;
            }
            if line.port == port && port != 0 {
                found.push(line.entry);
            }
        }
    }
    Ok(found)
}

struct Line {
    entry: Entry,
    port: u16,
    listens: bool,
}

impl Line {
    fn parsed(line: &str) -> io::Result<Line> {
        /// `TCP_LISTEN`
        const LISTENS: &str = "0A";
        let parsed = || {
            let mut fields = line.split_ascii_whitespace().skip(1);
            let (local, port) = address(fields.next()?)?;
            let (_, remote_port) = address(fields.next()?)?;
            let state = fields.next()?;
            let inode = fields.nth(5)?.parse().ok()?;
            Some(Line {
                entry: Entry {
                    local,
                    inode,
                    connected: remote_port != 0,
                },
                port,
                listens: state == LISTENS,
            })
        };
        parsed().ok_or_else(|| io::Error::other("the system's table of sockets cannot be read"))
    }
}

/// An address and a port as the table has them: words in hexadecimal digits, each
/// as the machine reads four bytes of the network's.
fn address(text: &str) -> Option<(IpAddr, u16)> {
    let (words, port) = text.split_once(':')?;
    let word = |at: usize| {
        let digits = words.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let address = match words.len() {
        8 => IpAddr::from(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for (at, four) in bytes.chunks_exact_mut(4).enumerate() {
                four.copy_from_slice(&word(at)?);
            }
            IpAddr::from(Ipv6Addr::from(bytes)).to_canonical()
        }
        _ => return None,
    };
    Some((address, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_table_is_read() {
        let text = "   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 \
                    0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0";
        let line = Line::parsed(text).unwrap();
        assert_eq!(
            (line.port, line.entry.inode, line.listens),
            (8080, 12345, true)
        );
        assert!(!line.entry.connected);
        if cfg!(target_endian = "little") {
            assert_eq!(line.entry.local, IpAddr::from(Ipv6Addr::LOCALHOST));
            let four = address("0100007F:0035").unwrap();
            assert_eq!(four, (IpAddr::from(Ipv4Addr::LOCALHOST), 53));
            let mapped = address("0000000000000000FFFF00000100007F:0035").unwrap();
            assert_eq!(mapped, four);
        }
        assert!(Line::parsed("   1: x").is_err());
    }
}
