//! How lines are shown in findings.

use judge::Bytes;

/// A line of the conversation, in backquotes.
pub(crate) fn shown(line: &[u8]) -> String {
    let quoted = Bytes(line.to_vec()).to_string();
    match quoted.strip_prefix('"') {
        // A line that was cut has the rest counted behind its quote.
        Some(inner) => match inner.rsplit_once('"') {
            Some((text, rest)) => format!("`{text}`{rest}"),
            None => quoted,
        },
        None => quoted,
    }
}

/// A few lines, one after another; the last ones where there are many.
pub(crate) fn several<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> String {
    const SHOWN: usize = 6;
    let lines: Vec<&[u8]> = lines.into_iter().collect();
    if lines.is_empty() {
        return "nothing".to_owned();
    }
    let left_out = lines.len().saturating_sub(SHOWN);
    let few = (left_out > 0).then(|| format!("{left_out} lines"));
    let last = lines[left_out..].iter().map(|line| shown(line));
    let all: Vec<String> = few.into_iter().chain(last).collect();
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_in_backquotes_and_cut_where_they_are_long() {
        assert_eq!(shown(b"ann: hi"), "`ann: hi`");
        assert_eq!(shown(b"a\r\xff\"b"), "`a\\r\\xff\\\"b`");
        let long = shown(&b"x".repeat(4096));
        assert!(long.ends_with("x` and 4036 more bytes"), "{long}");
    }

    #[test]
    fn of_many_lines_the_last_are_shown() {
        let lines = [&b"1"[..], b"2", b"3", b"4", b"5", b"6", b"7", b"8"];
        assert_eq!(several([]), "nothing");
        assert_eq!(several(lines), "2 lines, `3`, `4`, `5`, `6`, `7`, `8`");
    }
}
