//! For the judge: what a scenario asked for, from the rubric's parameters.

use std::collections::BTreeMap;

use judge::{Lost, Question};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The argument `jobs`.
    pub(crate) jobs: u64,
    /// The URLs, in order. One may be there more than once.
    pub(crate) urls: Vec<Url>,
    /// Files that were there before, with their contents.
    pub(crate) before: BTreeMap<String, String>,
    /// Whether fetches wait for one another.
    pub(crate) waits: bool,
}

/// A URL and what its fetch does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) url: String,
    /// How many before it are the same.
    pub(crate) nth: usize,
    /// All that it writes; each char is one byte.
    pub(crate) body: String,
    pub(crate) end: End,
}

/// How a fetch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Succeeds,
    Fails,
    Panics,
    /// As it should, but what becomes of the download is open.
    Open,
}

impl Asked {
    /// Reads the parameters.
    pub(crate) fn read(question: &Question) -> Result<Asked, Lost> {
        let params = &question.params;
        let mut asked = Asked {
            jobs: match params["jobs"].as_str() {
                Some("max") => u64::MAX,
                _ => judge::number(question, "jobs")?,
            },
            waits: params["hold"].as_bool().unwrap_or(false),
            ..Asked::default()
        };
        for entry in params["urls"].as_array().into_iter().flatten() {
            let wrong = || {
                Lost(format!(
                    "the scenario {:?} has an unusable URL: {entry}",
                    question.scenario
                ))
            };
            let times = entry["repeat"]
                .as_u64()
                .and_then(|times| usize::try_from(times).ok());
            let body = entry["body"].as_array().into_iter().flatten();
            asked.waits |= entry["meets"].as_bool().unwrap_or(false);
            let url = entry["url"].as_str().ok_or_else(wrong)?.to_owned();
            asked.urls.push(Url {
                nth: asked.urls.iter().filter(|other| other.url == url).count(),
                url,
                body: body
                    .filter_map(|piece| piece.as_str())
                    .map(|piece| piece.repeat(times.unwrap_or(1)))
                    .collect(),
                end: match entry["end"].as_str() {
                    None => End::Succeeds,
                    Some("fails") => End::Fails,
                    Some("panics" | "panics-plainly" | "panics-without-words") => End::Panics,
                    Some("open") => End::Open,
                    Some(_) => return Err(wrong()),
                },
            });
        }
        for (name, contents) in params["before"].as_object().into_iter().flatten() {
            asked.before.insert(
                name.clone(),
                contents.as_str().unwrap_or_default().to_owned(),
            );
        }
        Ok(asked)
    }

    /// How many fetches should be under way at once.
    pub(crate) fn at_once(&self) -> usize {
        usize::try_from(self.jobs.max(1)).unwrap_or(usize::MAX)
    }

    /// The URLs whose fetch succeeds.
    pub(crate) fn succeeding(&self) -> impl Iterator<Item = &Url> {
        self.urls.iter().filter(|url| url.end == End::Succeeds)
    }

    /// The URLs whose fetch fails or panics.
    pub(crate) fn failing(&self) -> impl Iterator<Item = &Url> {
        let faults = [End::Fails, End::Panics];
        self.urls
            .iter()
            .filter(move |url| faults.contains(&url.end))
    }
}
