//! Tests that are not run, or not under every schedule, each with its reason.

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The list.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exclusions {
    /// Tests that are not run.
    #[serde(default)]
    exclude: Vec<Entry>,
    /// Tests that say how long something takes on a machine that is not busy.
    /// They are run under schedules in which no thread is late, and no others.
    #[serde(default)]
    punctual: Vec<Entry>,
    /// Tests that are wrong where a condition variable wakes without a reason.
    /// They are run under schedules in which none does.
    #[serde(default, rename = "no-spurious")]
    no_spurious: Vec<Entry>,
    /// Tests that take one `read` for all that was sent, which TCP does not
    /// promise. They are run where no read gives less than it could.
    #[serde(default)]
    whole: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The end of the file's path.
    file: String,
    /// The tests; `*` for all of them.
    tests: Vec<String>,
    reason: String,
}

impl Exclusions {
    /// The project's own.
    pub(crate) fn read() -> Result<Exclusions> {
        toml::from_str(include_str!("../exclusions.toml")).context("cannot read exclusions.toml")
    }

    /// Why a test is not run.
    pub(crate) fn why(&self, file: &str, test: &str) -> Option<&str> {
        find(&self.exclude, file, test)
    }

    /// Why a test is run only where no thread is late.
    pub(crate) fn punctual(&self, file: &str, test: &str) -> Option<&str> {
        find(&self.punctual, file, test)
    }

    /// Why a test is run only where nothing wakes without a reason.
    pub(crate) fn no_spurious(&self, file: &str, test: &str) -> Option<&str> {
        find(&self.no_spurious, file, test)
    }

    /// Why a test is run only where reads and writes are whole.
    pub(crate) fn whole(&self, file: &str, test: &str) -> Option<&str> {
        find(&self.whole, file, test)
    }
}

fn find<'a>(entries: &'a [Entry], file: &str, test: &str) -> Option<&'a str> {
    let entry = entries.iter().find(|entry| {
        file.ends_with(&entry.file) && entry.tests.iter().any(|name| name == "*" || name == test)
    });
    entry.map(|entry| entry.reason.as_str())
}
