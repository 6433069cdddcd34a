//! For the judge: which names the contract gives to a file.

/// How many numbers are tried for a name.
const NUMBERS: usize = 100;

/// Of how many escapes in a segment any may be decoded and any other not.
const ESCAPES: usize = 8;

/// The names that a URL's file may have, before any number is put to it: the
/// segment as it is, with its escapes decoded, and with some of them decoded.
/// `None` for a URL that must be refused.
pub(crate) fn of(url: &str) -> Option<Vec<String>> {
    let segment = segment(url);
    if segment.is_empty() {
        return Some(vec!["index.html".to_owned()]);
    }
    let decoded = decode(segment, |_| true);
    if matches!(decoded.as_slice(), b"." | b"..")
        || decoded.iter().any(|byte| matches!(byte, b'/' | 0))
    {
        return None;
    }
    let mut names = vec![segment.to_owned()];
    let escapes = segment.matches('%').count().min(ESCAPES);
    let some = (1..1_u32 << escapes)
        .map(|some| decode(segment, |nth| some.checked_shr(nth).unwrap_or(0) & 1 == 1));
    for decoded in [decoded].into_iter().chain(some) {
        let name = String::from_utf8(decoded).ok();
        names.extend(name.filter(|name| !names.contains(name)));
    }
    Some(names)
}

/// The last segment of a URL's path.
pub(crate) fn segment(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.rsplit('/').next().unwrap_or_default()
}

/// A text with those of its escapes decoded, once, that are asked for by their
/// number.
fn decode(text: &str, asked_for: impl Fn(u32) -> bool) -> Vec<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut decoded = Vec::new();
    let mut escapes = 0;
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let escaped = match others {
            [high, low, ..] if *first == b'%' => digit(*high).zip(digit(*low)),
            _ => None,
        };
        rest = others;
        decoded.push(*first);
        if let Some((high, low)) = escaped {
            if asked_for(escapes) {
                decoded.pop();
                decoded.push(high * 16 + low);
                rest = &others[2..];
            }
            escapes += 1;
        }
    }
    decoded
}

/// The name with a number put before its extension; the name itself for 0.
pub(crate) fn numbered(name: &str, number: usize) -> String {
    let (stem, extension) = match name.rfind('.') {
        None | Some(0) => (name, ""),
        Some(dot) => name.split_at(dot),
    };
    match number {
        0 => name.to_owned(),
        _ => format!("{stem}-{number}{extension}"),
    }
}

/// The names that come before `name` among those of `base`, if it is one.
pub(crate) fn earlier(base: &str, name: &str) -> Option<Vec<String>> {
    let number = (0..NUMBERS).find(|number| numbered(base, *number) == name)?;
    Some((0..number).map(|number| numbered(base, number)).collect())
}

/// Whether a URL's file may have this name.
pub(crate) fn may_have(url: &str, name: &str) -> bool {
    of(url)
        .into_iter()
        .flatten()
        .any(|base| earlier(&base, name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_last_segment_of_the_path() {
        let table = [
            ("http://h/a/b.txt", "b.txt"),
            ("http://h/b.txt?x=1/y#z", "b.txt"),
            ("http://h/b.txt#z/y?x", "b.txt"),
            ("http://h", "index.html"),
            ("http://h?a/b", "index.html"),
            ("http://h#a/b", "index.html"),
            ("http://h/a/", "index.html"),
            ("http://h/a/?b", "index.html"),
            ("http://h/...", "..."),
        ];
        for (url, name) in table {
            assert_eq!(of(url), Some(vec![name.to_owned()]), "{url}");
        }
        assert_eq!(
            of("http://h/100%25.txt"),
            Some(vec!["100%25.txt".to_owned(), "100%.txt".to_owned()])
        );
        assert_eq!(
            of("http://h/a%252Fb"),
            Some(vec!["a%252Fb".to_owned(), "a%2Fb".to_owned()])
        );
        assert_eq!(
            of("http://h/%E2%82%AC%24").unwrap(),
            ["%E2%82%AC%24", "€$", "€%24", "%E2%82%AC$"]
        );
        assert_eq!(of("http://h/grüße"), Some(vec!["grüße".to_owned()]));
    }

    #[test]
    fn segments_that_lead_elsewhere_are_refused() {
        for url in [
            "/.", "/..", "/a/..?b", "/%2e%2E", "/.%2e", "/%2F", "/a%2fb", "/a%00b", "/%2e#x",
        ] {
            assert_eq!(of(&format!("http://h{url}")), None, "{url}");
        }
    }

    #[test]
    fn a_number_goes_before_the_last_dot() {
        let table = [
            ("a.txt", "a-1.txt"),
            ("a.tar.gz", "a.tar-1.gz"),
            (".bashrc", ".bashrc-1"),
            (".a.b", ".a-1.b"),
            ("README", "README-1"),
        ];
        for (name, expected) in table {
            assert_eq!(numbered(name, 1), expected);
            assert_eq!(numbered(name, 0), name);
        }
        assert_eq!(
            earlier("a.txt", "a-2.txt"),
            Some(vec!["a.txt".to_owned(), "a-1.txt".to_owned()])
        );
        assert_eq!(earlier("a.txt", "a-02.txt"), None);
        assert!(may_have("http://h/100%25.txt", "100%-3.txt"));
        assert!(!may_have("http://h/a.txt", "a.txt.part"));
    }
}
