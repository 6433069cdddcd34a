//! How much a peer reads.

use verdict::script::Until;

/// What is read for, and what was read of it.
#[derive(Debug)]
pub(super) struct Sought<'a> {
    until: &'a Until,
    /// Bytes or lines that are still to come.
    left: usize,
    /// What was read: of lines, the one that has begun.
    read: Vec<u8>,
    found: bool,
}

impl<'a> Sought<'a> {
    pub(super) fn new(until: &'a Until) -> Sought<'a> {
        let left = match until {
            Until::Bytes(number) | Until::Lines(number) => *number,
            _ => 1,
        };
        let nothing = matches!(until, Until::Text(text) if text.is_empty());
        Sought {
            until,
            left,
            read: Vec::new(),
            found: left == 0 || nothing,
        }
    }

    /// Whether all of it has come.
    pub(super) fn is_found(&self) -> bool {
        self.found
    }

    /// How many of these bytes, which come next, belong to it. All of those are
    /// taken.
    pub(super) fn takes(&mut self, bytes: &[u8]) -> usize {
        match self.until {
            Until::Some => {
                self.found = !bytes.is_empty();
                bytes.len()
            }
            Until::Bytes(_) => {
                let taken = bytes.len().min(self.left);
                self.left -= taken;
                self.found = self.left == 0;
                taken
            }
            Until::Lines(_) => self.until(bytes, |sought| {
                if sought.read.pop_if(|last| *last == b'\n').is_some() {
                    sought.left -= 1;
                }
                sought.left == 0
            }),
            Until::Line(wanted) => self.until(bytes, |sought| {
                if sought.read.pop_if(|last| *last == b'\n').is_none() {
                    return false;
                }
                sought.read.pop_if(|last| *last == b'\r');
                let line = std::mem::take(&mut sought.read);
                line == wanted.0
            }),
            Until::Text(wanted) => self.until(bytes, |sought| sought.read.ends_with(wanted)),
            Until::End | Until::Rest => bytes.len(),
        }
    }

    /// The bytes up to the one with which it is found.
    fn until(&mut self, bytes: &[u8], mut found: impl FnMut(&mut Self) -> bool) -> usize {
        for (at, byte) in bytes.iter().enumerate() {
            self.read.push(*byte);
            if found(self) {
                self.found = true;
                return at + 1;
            }
        }
        bytes.len()
    }
}

/// Where some bytes are found in others.
pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted.is_empty() {
        true => Some(0),
        false => bytes
            .windows(wanted.len())
            .position(|found| found == wanted),
    }
}

#[cfg(test)]
mod tests {
    use verdict::Script;
    use verdict::script::Action;

    use super::*;

    /// How many bytes are taken of each piece, and whether all came.
    fn taken(what: &str, pieces: &[&str]) -> (Vec<usize>, bool) {
        let script: Script = format!("read {what}").parse().unwrap();
        let Action::Read { until, .. } = &script.actions[0] else {
            panic!("it reads");
        };
        let mut sought = Sought::new(until);
        let taken = pieces.iter().map(|piece| sought.takes(piece.as_bytes()));
        (taken.collect(), sought.is_found())
    }

    #[test]
    fn no_more_is_taken_than_is_read_for() {
        let table: [(&str, &[&str], &[usize], bool); 9] = [
            ("some", &["abc"], &[3], true),
            ("4 bytes", &["abc", "defg"], &[3, 1], true),
            ("5 bytes", &["abc"], &[3], false),
            ("2 lines", &["a", "\nb\nc\n"], &[1, 3], true),
            ("line \"b\"", &["ab\nb", "\r\nc"], &[4, 2], true),
            ("line \"b\"", &["ab\n"], &[3], false),
            ("until \"bc\"", &["ab", "cd"], &[2, 1], true),
            ("end", &["ab"], &[2], false),
            ("rest", &["ab"], &[2], false),
        ];
        for (what, pieces, expected, found) in table {
            assert_eq!(taken(what, pieces), (expected.to_vec(), found), "{what}");
        }
        assert!(taken("0 lines", &[]).1);
    }

    #[test]
    fn bytes_are_found_in_others() {
        assert_eq!(find(b"abcabc", b"ca"), Some(2));
        assert_eq!(find(b"abc", b"d"), None);
        assert_eq!(find(b"", b""), Some(0));
    }
}
