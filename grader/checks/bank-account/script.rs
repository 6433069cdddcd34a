//! The little language in which the rubric says what the threads do.
//!
//! A call is its name and its numbers, `"transfer 0 1 30"`. A number is written
//! in digits, or as `max` or `max-5`, counted down from `u64::MAX`. A call of the
//! second account or bank is `"second.balance 0"`; `"pause"` is no call, but lets
//! other threads run.

use sim::scenario;

use crate::Call;

/// The calls under `key`, `None` where the rubric has no such key.
pub fn line(key: &str) -> Option<&'static str> {
    scenario::params().get(key)?.as_str()
}

/// The list of calls under `key`; empty where the rubric has no such key.
pub fn lines(key: &str) -> Vec<&'static str> {
    let list = scenario::params().get(key).and_then(|list| list.as_array());
    list.into_iter()
        .flatten()
        .map(|line| line.as_str().expect("a call in the rubric is a text"))
        .collect()
}

/// The calls of each thread.
pub fn threads() -> Vec<Vec<&'static str>> {
    let list = scenario::params()
        .get("threads")
        .and_then(|list| list.as_array());
    list.into_iter()
        .flatten()
        .map(|thread| {
            let calls = thread
                .as_array()
                .expect("a thread in the rubric is a list of calls");
            calls
                .iter()
                .map(|line| line.as_str().expect("a call in the rubric is a text"))
                .collect()
        })
        .collect()
}

/// A call of the script.
pub fn call(line: &str) -> Call<'_> {
    let (op, rest) = line.split_once(' ').unwrap_or((line, ""));
    Call {
        line,
        op,
        args: numbers(rest),
    }
}

/// Several numbers; `64*3` are 64 of them.
pub fn numbers(text: &str) -> Vec<u64> {
    let several = |text: &str| match text.split_once('*') {
        Some((times, text)) => vec![number(text); number(times) as usize],
        None => vec![number(text)],
    };
    text.split_whitespace().flat_map(several).collect()
}

fn number(text: &str) -> u64 {
    let parsed = match text.strip_prefix("max") {
        Some("") => Ok(u64::MAX),
        Some(rest) => rest
            .trim_start_matches('-')
            .parse()
            .map(|below: u64| u64::MAX - below),
        None => text.parse(),
    };
    parsed.unwrap_or_else(|_| panic!("the rubric has {text:?} where a number should be"))
}
