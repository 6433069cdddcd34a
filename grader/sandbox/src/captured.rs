//! What a process printed, as much of it as is kept.

use std::io::{self, Read};

/// The beginning and the end of what was printed on one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub head: Vec<u8>,
    /// How many bytes after those were not kept.
    pub left_out: u64,
    /// The last bytes, those after the ones left out.
    pub tail: Vec<u8>,
}

impl Captured {
    /// Reads to the end, and keeps no more than `kept` bytes.
    pub(crate) fn read(mut from: impl Read, kept: usize) -> io::Result<Captured> {
        let last = kept / 2;
        let first = kept - last;
        let mut captured = Captured::default();
        let mut buffer = [0; 16 * 1024];
        loop {
            let length = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let (head, tail) = buffer[..length].split_at(length.min(first - captured.head.len()));
            captured.head.extend_from_slice(head);
            captured.tail.extend_from_slice(tail);
            // Cutting at twice the size moves each byte only once or twice.
            if captured.tail.len() > 2 * last {
                captured.keep_last(last);
            }
        }
        captured.keep_last(last);
        Ok(captured)
    }

    fn keep_last(&mut self, last: usize) {
        let excess = self.tail.len().saturating_sub(last);
        self.tail.drain(..excess);
        self.left_out += excess as u64;
    }

    /// All that was printed, if all of it was kept.
    pub fn whole(&self) -> Option<Vec<u8>> {
        (self.left_out == 0).then(|| [self.head.as_slice(), &self.tail].concat())
    }

    /// What was kept as text, with a line that says so where some is left out;
    /// bytes that are not UTF-8 are U+FFFD.
    pub fn text(&self) -> String {
        match self.whole() {
            Some(whole) => String::from_utf8_lossy(&whole).into_owned(),
            None => format!(
                "{}\n... {} bytes left out ...\n{}",
                String::from_utf8_lossy(&self.head),
                self.left_out,
                String::from_utf8_lossy(&self.tail)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_stream_is_kept_whole() {
        let captured = Captured::read(&b"0123456789"[..], 10).unwrap();
        assert_eq!(captured.head, b"01234");
        assert_eq!(captured.whole().as_deref(), Some(&b"0123456789"[..]));
        assert_eq!(captured.text(), "0123456789");
    }

    #[test]
    fn a_long_stream_is_kept_in_part() {
        let captured = Captured::read(&b"0123456789a"[..], 9).unwrap();
        assert_eq!(
            (captured.head.as_slice(), captured.left_out),
            (&b"01234"[..], 2)
        );
        assert_eq!(captured.tail, b"789a");
        assert_eq!(captured.whole(), None);
        assert_eq!(captured.text(), "01234\n... 2 bytes left out ...\n789a");

        let megabyte: Vec<u8> = (0..1_000_000u32).map(|number| number as u8).collect();
        let captured = Captured::read(megabyte.as_slice(), 1000).unwrap();
        assert_eq!(captured.head, megabyte[..500]);
        assert_eq!(captured.tail, megabyte[999_500..]);
        assert_eq!(captured.left_out, 999_000);
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        let captured = Captured::read(&b"012"[..], 0).unwrap();
        assert_eq!(
            captured,
            Captured {
                left_out: 3,
                ..Captured::default()
            }
        );
    }
}
