//! What a URL's file is called.

use std::io::{Error, ErrorKind, Result};

/// The last segment of the URL's path, with its escapes as they are, or
/// `index.html` where it is empty.
///
/// # Errors
/// `InvalidInput` for a segment that would lead out of the folder.
pub(crate) fn of(url: &str) -> Result<String> {
    let segment = last_segment(url);
    if segment.is_empty() {
        return Ok("index.html".to_owned());
    }
    let decoded = decode(segment);
    if matches!(decoded.as_slice(), b"." | b"..")
        || decoded.iter().any(|byte| matches!(byte, b'/' | 0))
    {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{segment:?} is no name for a file"),
        ));
    }
    Ok(segment.to_owned())
}

/// The name with a number put before its extension: `a.tar-1.gz`.
pub(crate) fn numbered(name: &str, number: u64) -> String {
    match name.rfind('.') {
        // A dot that comes first hides the file and begins no extension.
        Some(dot) if dot > 0 => format!("{}-{number}{}", &name[..dot], &name[dot..]),
        _ => format!("{name}-{number}"),
    }
}

fn last_segment(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // What comes before the first slash is the host.
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.rsplit('/').next().unwrap_or_default()
}

/// A text with its escapes decoded, once; what is no escape stays as it is.
fn decode(text: &str) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let escaped = match others {
            [high, low, ..] if *first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        let byte = escaped.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_last_segment() {
        let table = [
            ("http://h/a/b.txt?c/d#e/f", "b.txt"),
            ("http://h/b.txt#e?/f", "b.txt"),
            ("http://h/a/", "index.html"),
            ("http://h.org", "index.html"),
            ("http://h.org?a=http://b/c", "index.html"),
            ("http://h/a%20b%", "a%20b%"),
            ("http://h/%252e", "%252e"),
        ];
        for (url, name) in table {
            assert_eq!(of(url).unwrap(), name, "{url}");
        }
    }

    #[test]
    fn a_segment_that_leads_elsewhere_is_refused() {
        for segment in [".", "..", "%2e", ".%2E", "a%2fb", "%00", "..?x", "..#x"] {
            let error = of(&format!("http://h/{segment}")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{segment}");
        }
    }

    #[test]
    fn a_number_goes_before_the_last_dot() {
        for (name, expected) in [
            ("a.txt", "a-1.txt"),
            ("a.tar.gz", "a.tar-1.gz"),
            (".bashrc", ".bashrc-1"),
            (".a.b", ".a-1.b"),
            ("README", "README-1"),
        ] {
            assert_eq!(numbered(name, 1), expected);
        }
    }
}
