//! Downloads many URLs at once, each into a file of its own.

pub mod http;

use std::io;
use std::path::{Path, PathBuf};

/// Where the bytes of a URL come from. [`http::HttpFetcher`] is given; the
/// grader brings its own.
pub trait Fetch: Sync {
    /// Writes what `url` stands for to `out`, piece by piece.
    fn fetch(&self, url: &str, out: &mut dyn io::Write) -> io::Result<()>;
}

/// What became of one URL.
#[derive(Debug)]
pub struct Download {
    /// The URL, as it was given.
    pub url: String,
    /// The file, or why there is none.
    pub result: io::Result<Saved>,
}

/// A complete download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Where the file is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
}

/// Fetches every URL into a file in `dir`, `jobs` at a time, and returns one
/// [`Download`] for each URL in the order given.
pub fn download_all(
    urls: &[String],
    dir: &Path,
    jobs: usize,
    fetcher: &dyn Fetch,
) -> Vec<Download> {
    let _ = fetcher;
    todo!(
        "fetch {} URLs into {}, {jobs} at a time",
        urls.len(),
        dir.display()
    )
}
