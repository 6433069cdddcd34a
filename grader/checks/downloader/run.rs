//! For the judge: an execution, put in order.

use std::collections::BTreeMap;

use judge::{Ending, Execution, Fault, FindingKind, Returned, Value, What, history};

use crate::asked::{Asked, Url};

/// The call that is judged; a scenario may rehearse with another one.
const CALL: &str = "download_all";

/// What an execution showed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// What the call returned (or both calls, one after another).
    pub(crate) downloads: Vec<Download>,
    /// Begins and ends of fetches, in the order in which they happened.
    pub(crate) fetches: Vec<Fetching>,
    /// URLs whose fetch could not write all that it had to.
    pub(crate) broken: Vec<String>,
    /// Files that were seen while downloads were under way.
    pub(crate) seen: Vec<(String, Option<String>)>,
    /// Files that the scenario put there meanwhile.
    pub(crate) planted: BTreeMap<String, String>,
    /// Files of the names of temporary ones, put there before the call.
    pub(crate) stale: Vec<String>,
    /// All files that were there after the call.
    pub(crate) files: BTreeMap<String, String>,
    /// Threads alive after the call.
    pub(crate) threads: u64,
}

/// What was returned for a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Download {
    pub(crate) url: String,
    /// The error's kind where it failed.
    pub(crate) result: Result<Saved, String>,
}

/// A download that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    /// The name in the folder; `Err` with a name for a path to elsewhere.
    pub(crate) name: Result<String, String>,
    pub(crate) bytes: u64,
}

/// A fetch begins or ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fetching {
    Begins(String),
    Ends(String),
}

impl Run {
    /// Reads an execution; a fault where the call did not return.
    pub(crate) fn read(asked: &Asked, execution: &Execution) -> Result<Run, Fault> {
        let fetches = fetches(execution);
        if let Ending::Deadlock { .. } | Ending::Endless { .. } = execution.ending {
            too_few(asked, &fetches)?;
        }
        judge::exited(execution)?;
        let mut run = Run {
            fetches,
            ..Run::default()
        };
        for call in history(execution)
            .into_iter()
            .filter(|call| call.op == CALL)
        {
            match call.outcome {
                Returned::Value(value) => run.downloads.extend(list(&value).iter().map(download)),
                Returned::Panicked => return Err(panicked(execution)),
                Returned::Pending => {
                    let message = "the process ended before download_all had returned";
                    return Err(Fault::new(FindingKind::WrongResult, message));
                }
            }
        }
        for (_, value) in judge::marks(execution, "broken") {
            run.broken.push(text(value));
        }
        for (_, value) in judge::marks(execution, "seen") {
            run.seen.push(file(value));
        }
        for (_, value) in judge::marks(execution, "planted") {
            let (name, contents) = file(value);
            run.planted.insert(name, contents.unwrap_or_default());
        }
        for (_, value) in judge::marks(execution, "file") {
            let (name, contents) = file(value);
            run.files.insert(name, contents.unwrap_or_default());
        }
        for (_, value) in judge::marks(execution, "stale") {
            run.stale.push(text(value));
        }
        for (_, value) in judge::marks(execution, "threads") {
            run.threads = number(value);
        }
        Ok(run)
    }

    /// What was returned for a URL, wherever in the list it is. Of URLs that
    /// are the same, the first has the first `Download`, and so on.
    pub(crate) fn download(&self, url: &Url) -> Result<&Download, Fault> {
        self.downloads
            .iter()
            .filter(|download| download.url == url.url)
            .nth(url.nth)
            .ok_or_else(|| {
                let message = format!(
                    "download_all returned {}, and none for {}{}",
                    counted(self.downloads.len(), "Download"),
                    url.url,
                    if url.nth > 0 {
                        " where it is given again"
                    } else {
                        ""
                    }
                );
                Fault::new(FindingKind::WrongResult, message).sentence("C2")
            })
    }

    /// The name of the file of a URL whose fetch succeeds.
    pub(crate) fn saved(&self, url: &Url) -> Result<(&str, &Saved), Fault> {
        let fault = |message: String| Fault::new(FindingKind::WrongResult, message).sentence("C3");
        let saved = match &self.download(url)?.result {
            Ok(saved) => saved,
            Err(kind) => {
                let happened = self.happened(&url.url);
                let message = format!("{happened} its result is an error of the kind {kind}");
                return Err(fault(message).sentence(match kind.as_str() {
                    "AlreadyExists" => "C15",
                    "InvalidInput" => "C13",
                    _ => "C3",
                }));
            }
        };
        match &saved.name {
            Ok(name) if self.files.contains_key(name) => Ok((name, saved)),
            Ok(name) => Err(fault(format!(
                "the path returned for {} is `{name}` in the folder, where no such file is",
                url.url
            ))),
            Err(name) => Err(fault(format!(
                "the path returned for {} ends in `{name}`, but does not lead to a file in the folder",
                url.url
            ))),
        }
    }

    /// How the fetch of a URL went that should succeed, but whose result is an
    /// error.
    fn happened(&self, url: &str) -> String {
        let begun = self.fetches.contains(&Fetching::Begins(url.to_owned()));
        let ended = self.fetches.contains(&Fetching::Ends(url.to_owned()));
        if self.broken.iter().any(|broken| broken == url) {
            format!("the writer that the fetch of {url} was given failed, and")
        } else if ended {
            format!("the fetch of {url} succeeded, but")
        } else if begun {
            format!("the writer that the fetch of {url} was given panicked, and")
        } else {
            format!("{url} was never fetched, and")
        }
    }

    /// The names of all files that were reported as saved, by URL.
    pub(crate) fn names(&self) -> Vec<(&str, &str)> {
        self.downloads
            .iter()
            .filter_map(|download| {
                let name = download.result.as_ref().ok()?.name.as_deref().ok()?;
                Some((download.url.as_str(), name))
            })
            .collect()
    }

    /// Each URL whose fetch succeeds has a file.
    pub(crate) fn all_saved(&self, asked: &Asked) -> Result<(), Fault> {
        asked
            .succeeding()
            .try_for_each(|url| self.saved(url).map(drop))
    }
}

/// A number of things, such as `1 Download` or `2 Downloads`.
pub(crate) fn counted(number: usize, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{ending}")
}

/// An execution that came to rest, or went on for ever, while fetches waited
/// for others to begin: the others were never begun.
fn too_few(asked: &Asked, fetches: &[Fetching]) -> Result<(), Fault> {
    let ended = fetches
        .iter()
        .filter(|fetching| matches!(fetching, Fetching::Ends(_)))
        .count();
    let running = fetches.len() - 2 * ended;
    let left = asked.urls.len().saturating_sub(ended);
    if !asked.waits || running == 0 || running >= asked.at_once().min(left) {
        return Ok(());
    }
    let message = format!(
        "{left} downloads were left and jobs is {}, but no more than {running} {} under way: the fetch \
         waited for others to begin, and they never did",
        asked.jobs,
        if running == 1 { "was" } else { "were" },
    );
    Err(Fault::new(FindingKind::WrongConcurrency, message).sentence("C5"))
}

fn panicked(execution: &Execution) -> Fault {
    let own = judge::no_panic(execution)
        .err()
        .map(|fault| format!(": {}", fault.message));
    let own = own.unwrap_or_else(|| ": it passed a fetch's panic on".to_owned());
    Fault::new(FindingKind::Panic, format!("download_all panicked{own}"))
}

/// Begins and ends of fetches, in the order in which they happened.
pub(crate) fn fetches(execution: &Execution) -> Vec<Fetching> {
    let fetching = |event: &judge::Event| match &event.what {
        What::Mark { name, value } if name == "begin" => Some(Fetching::Begins(text(value))),
        What::Mark { name, value } if name == "end" => Some(Fetching::Ends(text(value))),
        _ => None,
    };
    execution.events.iter().filter_map(fetching).collect()
}

fn download(value: &Value) -> Download {
    let [url, result] = list(value) else {
        malformed(value)
    };
    let result = match list(result) {
        [ok, name, bytes] if text(ok) == "Ok" => Ok(Saved {
            name: place(name),
            bytes: number(bytes),
        }),
        [err, kind] if text(err) == "Err" => Err(text(kind)),
        _ => malformed(result),
    };
    Download {
        url: text(url),
        result,
    }
}

fn place(value: &Value) -> Result<String, String> {
    match value {
        Value::List(parts) => Err(parts.last().map(text).unwrap_or_default()),
        name => Ok(text(name)),
    }
}

fn file(value: &Value) -> (String, Option<String>) {
    let [name, contents] = list(value) else {
        malformed(value)
    };
    (text(name), contents.as_text().map(str::to_owned))
}

fn list(value: &Value) -> &[Value] {
    value.as_list().unwrap_or_else(|| malformed(value))
}

fn text(value: &Value) -> String {
    value
        .as_text()
        .unwrap_or_else(|| malformed(value))
        .to_owned()
}

fn number(value: &Value) -> u64 {
    value.as_number().unwrap_or_else(|| malformed(value))
}

/// The scenario records nothing of the kind: the judge is at a loss.
fn malformed(value: &Value) -> ! {
    panic!("the record holds {value}, which the scenario never records")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, begin, end, ended, err, mark, ok, returned};

    #[test]
    fn a_call_that_returns_is_read_with_all_that_was_seen() {
        let asked = ask(2, &["http://h/a"]);
        let mut events = vec![begin("http://h/a"), end("http://h/a")];
        events.extend(returned(vec![ok("http://h/a", "a", 3)]));
        let run = Run::read(&asked, &ended(Ending::Exited { code: 0 }, events)).unwrap();
        assert_eq!(
            run.fetches,
            [
                Fetching::Begins("http://h/a".into()),
                Fetching::Ends("http://h/a".into())
            ]
        );
        assert_eq!(run.names(), [("http://h/a", "a")]);
        assert_eq!(
            run.saved(&asked.urls[0]).unwrap_err().kind,
            FindingKind::WrongResult
        );
    }

    #[test]
    fn a_standstill_with_too_few_fetches_under_way_is_told_as_such() {
        let mut asked = ask(2, &["http://h/a", "http://h/b"]);
        let stuck = |events| ended(Ending::Deadlock { waits: vec![] }, events);
        asked.waits = true;
        let fault = Run::read(&asked, &stuck(vec![begin("http://h/a")])).unwrap_err();
        assert_eq!(fault.kind, FindingKind::WrongConcurrency);
        assert!(
            fault.message.contains("no more than 1 was under way"),
            "{}",
            fault.message
        );

        let both = vec![begin("http://h/a"), begin("http://h/b")];
        assert_eq!(
            Run::read(&asked, &stuck(both)).unwrap_err().kind,
            FindingKind::Deadlock
        );
        let last = vec![begin("http://h/a"), end("http://h/a"), begin("http://h/b")];
        assert_eq!(
            Run::read(&asked, &stuck(last)).unwrap_err().kind,
            FindingKind::Deadlock
        );
    }

    #[test]
    fn an_error_for_a_fetch_that_succeeds_is_told_with_the_sentence_that_it_breaks() {
        let asked = ask(2, &["http://h/a"]);
        let fault = |mut events: Vec<What>, kind: &str| {
            events.extend(returned(vec![err("http://h/a", kind)]));
            let run = Run::read(&asked, &ended(Ending::Exited { code: 0 }, events)).unwrap();
            run.saved(&asked.urls[0]).unwrap_err()
        };
        let fetched = || vec![begin("http://h/a"), end("http://h/a")];
        for (kind, sentence) in [
            ("AlreadyExists", "C15"),
            ("InvalidInput", "C13"),
            ("NotFound", "C3"),
        ] {
            let fault = fault(fetched(), kind);
            assert_eq!(fault.sentence.as_deref(), Some(sentence));
            assert!(
                fault
                    .message
                    .starts_with("the fetch of http://h/a succeeded, but its result")
            );
        }
        let mut broken = fetched();
        broken.push(mark("broken", "http://h/a"));
        for (events, words) in [
            (vec![], "http://h/a was never fetched, and its result is"),
            (
                fetched()[..1].to_vec(),
                "the writer that the fetch of http://h/a was given panicked",
            ),
            (
                broken,
                "the writer that the fetch of http://h/a was given failed",
            ),
        ] {
            let message = fault(events, "Other").message;
            assert!(message.starts_with(words), "{message}");
        }
    }
}
