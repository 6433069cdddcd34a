//! The command line: `downloader [--jobs N] [--out DIR] [--list FILE] [URL ...]`.

use std::path::Path;

use downloader::download_all;
use downloader::http::HttpFetcher;

fn main() {
    // This fetches what the command line names, but knows no options yet,
    // prints nothing and always exits with 0.
    let urls: Vec<String> = std::env::args().skip(1).collect();
    download_all(&urls, Path::new("."), 4, &HttpFetcher);
}
