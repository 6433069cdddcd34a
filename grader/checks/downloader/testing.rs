//! Executions for the tests of the judge's modules.

use judge::{Ending, Event, Execution, Thread, Value, What};

use crate::asked::{Asked, End, Url};
use crate::run::Run;

/// What is asked for with these URLs; the body of each is `bytes of URL`.
pub(crate) fn ask(jobs: u64, urls: &[&str]) -> Asked {
    let urls = urls
        .iter()
        .enumerate()
        .map(|(place, url)| Url {
            url: (*url).to_owned(),
            nth: urls[..place].iter().filter(|other| *other == url).count(),
            body: body(url),
            end: End::Succeeds,
        })
        .collect();
    Asked {
        jobs,
        urls,
        ..Asked::default()
    }
}

pub(crate) fn body(url: &str) -> String {
    format!("bytes of {url}")
}

/// An execution of the main thread alone.
pub(crate) fn ended(ending: Ending, events: Vec<What>) -> Execution {
    Execution {
        schedule: "0".into(),
        number: 0,
        preemptions: 0,
        ending,
        began: 0,
        processes: vec![],
        threads: vec![Thread {
            name: None,
            spawned: None,
            process: 0,
        }],
        events: events
            .into_iter()
            .map(|what| Event { thread: 0, what })
            .collect(),
    }
}

/// The run of an execution that ends by itself.
pub(crate) fn run(asked: &Asked, events: Vec<What>) -> Run {
    Run::read(asked, &ended(Ending::Exited { code: 0 }, events)).unwrap()
}

/// The run in which every URL was saved under the name given beside it.
pub(crate) fn saved(asked: &Asked, names: &[&str]) -> Run {
    let urls = asked.urls.iter().map(|url| url.url.as_str());
    let pairs: Vec<(&str, &str)> = urls.zip(names.iter().copied()).collect();
    let bytes = |url: &str| body(url).len() as u64;
    let mut events = returned(
        pairs
            .iter()
            .map(|(url, name)| ok(url, name, bytes(url)))
            .collect(),
    );
    events.extend(pairs.iter().map(|(url, name)| file(name, &body(url))));
    run(asked, events)
}

pub(crate) fn mark(name: &str, value: impl Into<Value>) -> What {
    What::Mark {
        name: name.to_owned(),
        value: value.into(),
    }
}

pub(crate) fn begin(url: &str) -> What {
    mark("begin", url)
}

pub(crate) fn end(url: &str) -> What {
    mark("end", url)
}

pub(crate) fn file(name: &str, contents: &str) -> What {
    mark("file", vec![name, contents])
}

/// A call that returned these downloads.
pub(crate) fn returned(downloads: Vec<Value>) -> Vec<What> {
    vec![
        What::Call {
            op: "download_all".to_owned(),
            args: vec![],
        },
        What::Return(Value::List(downloads)),
    ]
}

pub(crate) fn ok(url: &str, name: &str, bytes: u64) -> Value {
    Value::List(vec![
        url.into(),
        Value::List(vec!["Ok".into(), name.into(), bytes.into()]),
    ])
}

pub(crate) fn err(url: &str, kind: &str) -> Value {
    Value::List(vec![
        url.into(),
        Value::List(vec!["Err".into(), kind.into()]),
    ])
}
