//! What a few calls of `download_all` show, in whatever order the operating
//! system happens to run its threads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Error, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use downloader::{Download, Fetch, download_all};

/// How long a fetch waits for another one to begin, where the contract says
/// that it will.
const PATIENCE: Duration = Duration::from_secs(10);

/// An empty folder of the test's own.
fn folder(test: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("library-{test}-{}", std::process::id()));
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    fs::create_dir_all(&path).unwrap();
    path
}

/// All files in a folder, with their contents.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
    fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| (name(&entry), fs::read_to_string(entry.path()).unwrap()))
        .collect()
}

fn urls(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|url| (*url).to_owned()).collect()
}

/// The names of the files that were saved; `None` for a download that failed.
fn names(downloads: &[Download]) -> Vec<Option<String>> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    downloads
        .iter()
        .map(|download| Some(name(&download.result.as_ref().ok()?.path)))
        .collect()
}

/// Writes the URL itself, in two pieces, and fails or panics for some URLs.
struct Echo;

impl Fetch for Echo {
    fn fetch(&self, url: &str, out: &mut dyn Write) -> io::Result<()> {
        let (one, other) = url.split_at(url.len() / 2);
        out.write_all(one.as_bytes())?;
        if url.contains("fails") {
            return Err(Error::new(
                ErrorKind::ConnectionReset,
                "the server went away",
            ));
        }
        assert!(!url.contains("panics"), "this fetch panics");
        out.write_all(other.as_bytes())
    }
}

#[test]
fn every_url_becomes_a_file_and_a_result_in_order() {
    let dir = folder("order");
    let urls: Vec<String> = (0..10)
        .map(|number| format!("http://host/{number}.txt"))
        .collect();
    let downloads = download_all(&urls, &dir, 3, &Echo);
    assert_eq!(downloads.len(), urls.len());
    for (url, download) in urls.iter().zip(&downloads) {
        assert_eq!(download.url, *url);
        let saved = download.result.as_ref().unwrap();
        assert_eq!(fs::read_to_string(&saved.path).unwrap(), *url);
        assert_eq!(saved.bytes, url.len() as u64);
    }
    assert_eq!(files(&dir).len(), 10, "and nothing else is left");
    assert!(download_all(&[], &dir, 3, &Echo).is_empty());
}

#[test]
fn a_file_is_named_after_the_last_segment() {
    let dir = folder("names");
    let given = [
        "http://host/a/b.txt?c=d/e#f",
        "http://host",
        "http://host/.hidden",
    ];
    let downloads = download_all(&urls(&given), &dir, 1, &Echo);
    let expected = ["b.txt", "index.html", ".hidden"].map(|name| Some(name.to_owned()));
    assert_eq!(names(&downloads), expected);

    let refused = [
        "http://host/..",
        "http://host/%2e%2e",
        "http://host/a%2Fb",
        "http://host/a%00b",
    ];
    for download in download_all(&urls(&refused), &dir, 1, &Echo) {
        assert_eq!(
            download.result.unwrap_err().kind(),
            ErrorKind::InvalidInput,
            "{}",
            download.url
        );
    }
}

#[test]
fn a_name_that_is_taken_gets_a_number_and_no_file_is_overwritten() {
    let dir = folder("numbers");
    for name in ["a.tar.gz", ".bashrc", "README"] {
        fs::write(dir.join(name), "old").unwrap();
    }
    let given = [
        "http://one/a.tar.gz",
        "http://two/.bashrc",
        "http://three/README",
        "http://four/README",
    ];
    let downloads = download_all(&urls(&given), &dir, 1, &Echo);
    assert!(
        downloads.iter().all(|download| download.result.is_ok()),
        "{downloads:?}"
    );
    let files = files(&dir);
    let found: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        found,
        [
            ".bashrc",
            ".bashrc-1",
            "README",
            "README-1",
            "README-2",
            "a.tar-1.gz",
            "a.tar.gz"
        ]
    );
    for name in ["a.tar.gz", ".bashrc", "README"] {
        assert_eq!(files[name], "old", "{name}");
    }
}

#[test]
fn a_fetch_that_fails_or_panics_fails_alone_and_leaves_nothing() {
    for jobs in [1, 2] {
        let dir = folder(&format!("faults-{jobs}"));
        let given = [
            "http://host/fails",
            "http://host/a",
            "http://host/panics",
            "http://host/b",
        ];
        let downloads = download_all(&urls(&given), &dir, jobs, &Echo);
        let expected = [None, Some("a"), None, Some("b")].map(|name| name.map(str::to_owned));
        assert_eq!(names(&downloads), expected);
        let files = files(&dir);
        assert_eq!(files.keys().collect::<Vec<_>>(), ["a", "b"]);
    }
}

/// Counts the fetches that are under way; each lasts until `wanted` of them
/// have been.
struct Meeting {
    wanted: usize,
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Default)]
struct Counts {
    under_way: usize,
    most: usize,
}

impl Meeting {
    fn of(wanted: usize) -> Meeting {
        Meeting {
            wanted,
            counts: Mutex::default(),
            changed: Condvar::new(),
        }
    }
}

impl Fetch for Meeting {
    fn fetch(&self, _: &str, out: &mut dyn Write) -> io::Result<()> {
        let mut counts = self.counts.lock().unwrap();
        counts.under_way += 1;
        counts.most = counts.most.max(counts.under_way);
        self.changed.notify_all();
        let lonely = |counts: &mut Counts| counts.most < self.wanted;
        let (mut counts, _) = self
            .changed
            .wait_timeout_while(counts, PATIENCE, lonely)
            .unwrap();
        counts.under_way -= 1;
        drop(counts);
        out.write_all(b"met")
    }
}

#[test]
fn as_many_fetches_as_jobs_are_under_way() {
    for (jobs, most) in [(0, 1), (1, 1), (3, 3)] {
        let dir = folder(&format!("jobs-{jobs}"));
        let meeting = Meeting::of(most);
        let given: Vec<String> = (0..6)
            .map(|number| format!("http://host/{number}"))
            .collect();
        let downloads = download_all(&given, &dir, jobs, &meeting);
        assert!(
            downloads.iter().all(|download| download.result.is_ok()),
            "{downloads:?}"
        );
        assert_eq!(
            meeting.counts.lock().unwrap().most,
            most,
            "with jobs = {jobs}"
        );
    }
}

/// Writes a piece, looks into the folder, puts a file there, writes another.
struct Meddler<'a> {
    dir: &'a Path,
    seen: Mutex<Vec<String>>,
}

impl Fetch for Meddler<'_> {
    fn fetch(&self, _: &str, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"al")?;
        self.seen
            .lock()
            .unwrap()
            .extend(files(self.dir).into_keys());
        fs::write(self.dir.join("a.txt"), "somebody else's")?;
        out.write_all(b"pha")
    }
}

#[test]
fn a_file_that_comes_during_a_download_is_left_alone() {
    let dir = folder("meddler");
    let meddler = Meddler {
        dir: &dir,
        seen: Mutex::default(),
    };
    let downloads = download_all(&urls(&["http://host/a.txt"]), &dir, 1, &meddler);
    assert_eq!(names(&downloads), [Some("a-1.txt".to_owned())]);
    let files = files(&dir);
    assert_eq!(files["a.txt"], "somebody else's");
    assert_eq!(files["a-1.txt"], "alpha");
    let seen = meddler.seen.into_inner().unwrap();
    assert!(
        seen.iter().all(|name| name.starts_with('.')),
        "not yet complete, but there: {seen:?}"
    );
}
