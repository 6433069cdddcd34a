//! For the judge: what a command line asks the program for, and what the
//! program did.

use std::collections::BTreeMap;

use judge::world::Seen;
use judge::{
    Ending, Execution, Fault, FindingKind, Lost, Question, Stream, Value, World, placeholder,
};

/// What a command line asks for, from the rubric's parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// The URLs, in order; addresses are names in braces.
    pub(crate) urls: Vec<Ordered>,
    /// The folder for the files; empty for the current one.
    pub(crate) dir: String,
    /// How many fetches are to be under way at once.
    pub(crate) jobs: usize,
    /// The processes, with the peers that answer.
    pub(crate) world: World,
}

/// A URL, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ordered {
    pub(crate) url: String,
    /// What is to be had there; `None` where that fails.
    pub(crate) body: Option<String>,
}

impl Order {
    /// Reads the parameters.
    pub(crate) fn read(question: &Question) -> Result<Order, Lost> {
        let params = &question.params;
        let mut order = Order {
            dir: params["dir"].as_str().unwrap_or_default().to_owned(),
            jobs: match params["jobs"].as_u64() {
                None => 4,
                Some(jobs) => usize::try_from(jobs).unwrap_or(usize::MAX),
            },
            world: question.world.clone(),
            ..Order::default()
        };
        for entry in params["urls"].as_array().into_iter().flatten() {
            let body = entry["body"].as_str().map(str::to_owned);
            let fails = entry["fails"].as_bool().unwrap_or(false);
            let url = entry["url"].as_str().filter(|_| fails == body.is_none());
            let Some(url) = url else {
                return Err(Lost(format!(
                    "the scenario {:?} has an unusable URL: {entry}",
                    question.scenario
                )));
            };
            order.urls.push(Ordered {
                url: url.to_owned(),
                body,
            });
        }
        Ok(order)
    }

    /// Those that can be had, with what is to be had.
    pub(crate) fn succeeding(&self) -> impl Iterator<Item = (&str, &str)> {
        let urls = self.urls.iter();
        urls.filter_map(|ordered| Some((ordered.url.as_str(), ordered.body.as_deref()?)))
    }

    /// Whether all of them can be had.
    pub(crate) fn all_succeed(&self) -> bool {
        self.urls.iter().all(|ordered| ordered.body.is_some())
    }
}

/// What the program did. Addresses are names in braces.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
    /// The files that were there at the end, with what they held.
    pub(crate) files: BTreeMap<String, Value>,
}

impl Ran {
    /// Reads an execution; a fault where the program did not come to its end.
    pub(crate) fn read(world: &World, execution: &Execution) -> Result<Ran, Fault> {
        let seen = Seen::new(world, execution);
        seen.sound()?;
        let Some(program) = seen.programs().next() else {
            panic!("the scenario starts a program");
        };
        let Some(exit) = program.exit() else {
            let waiting = match (&execution.ending, seen.waiting()) {
                (Ending::Over { .. }, waiting) if !waiting.is_empty() => format!(": {waiting}"),
                _ => String::new(),
            };
            let message = format!("the program does not come to its end{waiting}");
            return Err(Fault::new(FindingKind::Deadlock, message));
        };
        let lines = |stream| -> Vec<String> {
            let text = judge::named(execution, &program.printed(stream));
            text.lines().map(str::to_owned).collect()
        };
        let files = judge::marks(execution, placeholder::FILE).into_iter();
        let files = files.filter_map(|(_, file)| match file.as_list()? {
            [name, held] => Some((name.as_text()?.to_owned(), held.clone())),
            _ => None,
        });
        Ok(Ran {
            exit,
            stdout: lines(Stream::Stdout),
            stderr: lines(Stream::Stderr),
            files: files.collect(),
        })
    }

    /// What it said of the URLs, in its order: on standard output or, where
    /// there is nothing at all, on the wrong stream, which is one rule's
    /// matter alone.
    pub(crate) fn told(&self) -> impl Iterator<Item = Told<'_>> {
        let lines = match self.stdout.is_empty() {
            true => &self.stderr,
            false => &self.stdout,
        };
        lines.iter().filter_map(|line| Told::read(line))
    }

    /// What it said of one URL.
    pub(crate) fn told_of(&self, url: &str) -> Result<Told<'_>, Fault> {
        self.told().find(|told| told.url == url).ok_or_else(|| {
            let message = format!("the program prints no line for {url}{}", self.printed());
            Fault::new(FindingKind::WrongOutput, message)
        })
    }

    /// `; it printed ...`, for the end of a sentence.
    pub(crate) fn printed(&self) -> String {
        match (self.stdout.as_slice(), self.stderr.as_slice()) {
            ([], []) => "; it printed nothing".to_owned(),
            ([], complaints) => format!(
                "; it printed nothing on standard output, and {} on standard error",
                quoted(complaints)
            ),
            (lines, _) => format!("; it printed {}", quoted(lines)),
        }
    }
}

/// Lines in words, as many as are of use.
pub(crate) fn quoted(lines: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = lines
        .iter()
        .take(SHOWN)
        .map(|line| format!("`{line}`"))
        .collect();
    if lines.len() > SHOWN {
        shown.push(format!("{} lines more", lines.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// A line that the program prints for a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told<'a> {
    pub(crate) url: &'a str,
    /// The path and the number of bytes; `None` for a failure.
    pub(crate) saved: Option<(&'a str, u64)>,
}

impl<'a> Told<'a> {
    /// Reads `ok URL -> PATH (BYTES bytes)` or `failed URL: REASON`.
    pub(crate) fn read(line: &'a str) -> Option<Told<'a>> {
        if let Some(rest) = line.strip_prefix("ok ") {
            let (url, rest) = rest.split_once(" -> ")?;
            let (path, bytes) = rest.strip_suffix(" bytes)")?.rsplit_once(" (")?;
            let digits = !bytes.is_empty() && bytes.bytes().all(|byte| byte.is_ascii_digit());
            let bytes = bytes.parse().ok().filter(|_| digits)?;
            let saved = Some((path, bytes));
            return Some(Told { url, saved });
        }
        let rest = line.strip_prefix("failed ")?;
        let url = match rest.split_once(": ") {
            Some((url, _)) => url,
            None => rest.strip_suffix(':')?,
        };
        Some(Told { url, saved: None })
    }
}

/// A path as one from the folder that the program runs in: neither that
/// folder's own path nor a `.` in it makes a difference.
pub(crate) fn plain(path: &str) -> String {
    let here = format!("{{{}}}/", placeholder::OUT);
    let path = path.strip_prefix(&here).unwrap_or(path);
    let rooted = if path.starts_with('/') { "/" } else { "" };
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    format!("{rooted}{}", parts.collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_of_a_file_or_of_a_failure() {
        let saved = |line| Told::read(line).and_then(|told| told.saved);
        let line = "ok http://{one}/a -> out/a (b).txt (12 bytes)";
        assert_eq!(saved(line), Some(("out/a (b).txt", 12)));
        let failed = Told::read("failed http://{one}/a: not: found").unwrap();
        assert_eq!((failed.url, failed.saved), ("http://{one}/a", None));
        assert_eq!(Told::read("failed http://h/:").unwrap().url, "http://h/");
        for wrong in [
            "OK http://h/a -> a (1 bytes)",
            "ok http://h/a -> a (1 byte)",
            "ok http://h/a -> a (+1 bytes)",
            "ok http://h/a -> a",
            "ok http://h/a a (1 bytes)",
            "failed http://h/a",
            "",
        ] {
            assert_eq!(Told::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_same_file_has_many_paths() {
        for path in ["out/a", "./out/a", "{out}/out/a", "out//./a"] {
            assert_eq!(plain(path), "out/a");
        }
        assert_eq!(plain("/elsewhere/a"), "/elsewhere/a");
        assert_eq!(plain("../a"), "../a");
    }

    #[test]
    fn lines_are_quoted_as_far_as_they_are_of_use() {
        let lines = |count: usize| vec!["x".to_owned(); count];
        assert_eq!(quoted(&lines(0)), "nothing");
        assert_eq!(quoted(&lines(2)), "`x` and `x`");
        assert_eq!(quoted(&lines(6)), "`x`, `x`, `x`, `x` and 2 lines more");
    }
}
