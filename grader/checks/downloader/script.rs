//! For the scenarios: what the rubric's parameters tell them to do.

use std::collections::BTreeMap;

use sim::scenario;

/// A scenario's script.
pub(crate) struct Script {
    /// What to download.
    pub(crate) parts: Vec<Part>,
    /// Files that are there before, with their contents.
    pub(crate) before: BTreeMap<String, String>,
    /// Whether the fetch that begins first lasts until all others are over.
    pub(crate) hold: bool,
}

/// What the fetch of one URL does.
pub(crate) struct Part {
    pub(crate) url: String,
    /// The body, as it is written. Each char is one byte.
    pub(crate) pieces: Vec<String>,
    pub(crate) end: End,
    /// Whether it goes on only when all others that meet have begun.
    pub(crate) meets: bool,
    /// Whether it flushes its writer in the end.
    pub(crate) flushes: bool,
    /// Whether it looks at the folder after its first piece.
    pub(crate) looks: bool,
    /// The name of a file that it puts into the folder after its first piece.
    pub(crate) plants: Option<String>,
}

/// How a fetch ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Succeeds,
    Fails,
    Panics,
    /// With a text that is a literal.
    PanicsPlainly,
    /// With a value that is no text.
    PanicsWithoutWords,
}

impl Script {
    /// Reads the parameters. They are the rubric's, so a fault in them is the
    /// grader's, and a panic here ends the examination.
    pub(crate) fn read() -> Script {
        let params = scenario::params();
        let mut parts = Vec::new();
        for entry in params["urls"].as_array().into_iter().flatten() {
            let text = |key: &str| entry[key].as_str().map(str::to_owned);
            let flag = |key: &str| entry[key].as_bool().unwrap_or(false);
            // A large body is a short text many times over.
            let times = entry["repeat"]
                .as_u64()
                .and_then(|times| usize::try_from(times).ok())
                .unwrap_or(1);
            let body = entry["body"].as_array().into_iter().flatten();
            parts.push(Part {
                url: text("url").unwrap_or_else(|| panic!("a URL is missing in the rubric")),
                pieces: body
                    .filter_map(|piece| piece.as_str())
                    .map(|piece| piece.repeat(times))
                    .collect(),
                end: match entry["end"].as_str() {
                    None | Some("open") => End::Succeeds,
                    Some("fails") => End::Fails,
                    Some("panics") => End::Panics,
                    Some("panics-plainly") => End::PanicsPlainly,
                    Some("panics-without-words") => End::PanicsWithoutWords,
                    Some(other) => panic!("the rubric knows no end `{other}` of a fetch"),
                },
                meets: flag("meets"),
                flushes: flag("flushes"),
                looks: flag("looks"),
                plants: text("plants"),
            });
        }
        let mut before = BTreeMap::new();
        for (name, contents) in params["before"].as_object().into_iter().flatten() {
            before.insert(
                name.clone(),
                contents.as_str().unwrap_or_default().to_owned(),
            );
        }
        Script {
            parts,
            before,
            hold: params["hold"].as_bool().unwrap_or(false),
        }
    }

    /// The URLs, in order. One may be there more than once.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.url.clone()).collect()
    }
}

/// The argument `jobs`: a number, or `"max"` for the largest there is, which is
/// no number of the rubric's format.
pub(crate) fn jobs() -> usize {
    match scenario::params()["jobs"].as_str() {
        Some("max") => usize::MAX,
        // Numbers in a rubric are small.
        _ => usize::try_from(scenario::number("jobs")).unwrap_or(usize::MAX),
    }
}
