//! For the compiler: the public items are declared as the contract says.
//!
//! Nothing here is ever called. What a declaration is not, a line below does
//! not compile for, and the compiler's words about it are the student's. Extra
//! derives, methods with a body and further public items are no matter.

use std::fmt::Debug;
use std::io::{Result, Write};
use std::marker::{PhantomData, PhantomPinned};
use std::path::{Path, PathBuf};

use downloader::{Download, Fetch, Saved, download_all};

/// `pub fn download_all(urls: &[String], dir: &Path, jobs: usize, fetcher: &dyn Fetch) -> Vec<Download>`
const _: fn(urls: &[String], dir: &Path, jobs: usize, fetcher: &dyn Fetch) -> Vec<Download> =
    download_all;

/// `pub trait Fetch: Sync`
const _: fn() = || {
    fn fetch_is_sync<F: Fetch + ?Sized>() {
        is_sync::<F>();
    }
    fetch_is_sync::<dyn Fetch>();
};

/// `fn fetch(&self, url: &str, out: &mut dyn Write) -> Result<()>`
const _: fn(fetcher: &dyn Fetch, url: &str, out: &mut dyn Write) -> Result<()> =
    |fetcher, url, out| fetcher.fetch(url, out);

/// A fetcher that is `Sync`, and nothing else that the compiler gives away.
struct OnlySync {
    _sync: PhantomData<Box<dyn Sync>>,
    _pinned: PhantomPinned,
}

const _: &dyn Fetch = &OnlySync {
    _sync: PhantomData,
    _pinned: PhantomPinned,
};

impl Fetch for OnlySync {
    fn fetch(&self, _: &str, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

/// `#[derive(Debug)] pub struct Download { pub url: String, pub result: Result<Saved> }`
const _: fn(Download) -> Download = |download| {
    is_debug(&download);
    let Download { url, result } = download;
    let _: (&String, &Result<Saved>) = (&url, &result);
    Download { url, result }
};

/// `#[derive(Debug, Clone, PartialEq, Eq)] pub struct Saved { pub path: PathBuf, pub bytes: u64 }`
const _: fn(Saved) -> Saved = |saved| {
    is_debug(&saved);
    is_clone(&saved);
    is_partial_eq(&saved);
    is_eq(&saved);
    let Saved { path, bytes } = saved;
    let _: (&PathBuf, &u64) = (&path, &bytes);
    Saved { path, bytes }
};

fn is_sync<T: Sync + ?Sized>() {}
fn is_debug<T: Debug>(_: &T) {}
fn is_clone<T: Clone>(_: &T) {}
fn is_partial_eq<T: PartialEq>(_: &T) {}
fn is_eq<T: Eq>(_: &T) {}
