//! The command line: `downloader [--jobs N] [--out DIR] [--list FILE] [URL ...]`.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use downloader::http::HttpFetcher;
use downloader::{Download, download_all};

const USAGE: &str = "usage: downloader [--jobs N] [--out DIR] [--list FILE] [URL ...]";

fn main() -> ExitCode {
    let Some(options) = Options::parse(env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
struct Options {
    jobs: usize,
    out: PathBuf,
    list: Option<PathBuf>,
    urls: Vec<String>,
}

impl Options {
    /// `None` where the command line is wrong.
    fn parse(mut args: impl Iterator<Item = String>) -> Option<Options> {
        let mut options = Options {
            jobs: 4,
            out: PathBuf::new(),
            list: None,
            urls: Vec::new(),
        };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--jobs" => options.jobs = args.next()?.parse().ok()?,
                "--out" => options.out = args.next()?.into(),
                "--list" => options.list = Some(args.next()?.into()),
                option if option.starts_with('-') => return None,
                _ => options.urls.push(arg),
            }
        }
        Some(options)
    }
}

/// Downloads and prints; tells whether every download succeeded.
fn run(options: &Options) -> io::Result<bool> {
    let mut urls = Vec::new();
    if let Some(list) = &options.list {
        let lines = fs::read_to_string(list).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot read {}: {error}", list.display()),
            )
        })?;
        let named = lines
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        urls.extend(named.map(|line| line.trim().to_owned()));
    }
    urls.extend(options.urls.iter().cloned());

    let downloads = download_all(&urls, &options.out, options.jobs, &HttpFetcher);
    let mut stdout = io::stdout().lock();
    for download in &downloads {
        writeln!(stdout, "{}", line(download))?;
    }
    Ok(downloads.iter().all(|download| download.result.is_ok()))
}

fn line(download: &Download) -> String {
    let Download { url, result } = download;
    match result {
        Ok(saved) => format!(
            "ok {url} -> {} ({} bytes)",
            saved.path.display(),
            saved.bytes
        ),
        // A reason may have more lines than the one that it gets.
        Err(error) => format!(
            "failed {url}: {}",
            error.to_string().replace(['\r', '\n'], " ")
        ),
    }
}
