//! Drives `download_all` in the simulation, with a fetcher that follows the
//! script in the rubric's parameters, and records what came of it: what the
//! call returned, what the fetcher saw, and which files are left.
//!
//! It knows no expected value; the judge does.

mod contract;
mod fetcher;
mod folder;
mod script;

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

use downloader::{Download, download_all};
use sim::scenario::{self, Value};

use fetcher::Fetcher;
use folder::Folder;
use script::Script;

fn main() {
    let folder = Folder::new(scenario::scratch().join("out"));
    let script = Script::read();
    folder.put(&script.before);
    match scenario::name().as_str() {
        "stale-temporary" => stale_temporary(&script, &folder),
        "two-calls" => two_calls(&script, &folder),
        _ => call(
            "download_all",
            &script.urls(),
            &folder,
            &Fetcher::new(&script, &folder),
        ),
    }
    scenario::mark("threads", scenario::threads_alive());
    for (name, contents) in folder.files() {
        scenario::mark(
            "file",
            vec![Value::Text(name), contents.map_or(Value::Unit, Value::Text)],
        );
    }
}

/// One half of the URLs is downloaded by one call, the other by another at the
/// same time into the same folder.
fn two_calls(script: &Script, folder: &Folder) {
    let fetcher = Fetcher::new(script, folder);
    let urls = script.urls();
    let (one, other) = urls.split_at(urls.len() / 2);
    thread::scope(|scope| {
        for urls in [one, other] {
            let fetcher = &fetcher;
            scope.spawn(move || call("download_all", urls, folder, fetcher));
        }
    });
}

/// A first call shows how temporary files are called; before the second one,
/// files of those names are there, as a process that was killed leaves them.
fn stale_temporary(script: &Script, folder: &Folder) {
    let spy = Fetcher::spying(script, folder);
    call("rehearsal", &script.urls(), folder, &spy);
    folder.clear();
    folder.put(&script.before);
    let stale: BTreeMap<String, String> = spy
        .hidden()
        .into_iter()
        .map(|name| (name, "stale".to_owned()))
        .collect();
    folder.put(&stale);
    for name in stale.keys() {
        scenario::mark("stale", name.as_str());
    }
    call(
        "download_all",
        &script.urls(),
        folder,
        &Fetcher::watching(script, folder, stale),
    );
}

fn call(op: &str, urls: &[String], folder: &Folder, fetcher: &Fetcher<'_>) {
    let jobs = script::jobs();
    let args = vec![Value::from(urls.to_vec()), Value::from(jobs)];
    scenario::call(
        op,
        args,
        || download_all(urls, folder.path(), jobs, fetcher),
        |downloads| {
            Value::List(
                downloads
                    .iter()
                    .map(|download| told(download, folder))
                    .collect(),
            )
        },
    );
}

/// `[url, ["Ok", name, bytes]]` or `[url, ["Err", kind]]`.
fn told(download: &Download, folder: &Folder) -> Value {
    let result = match &download.result {
        Ok(saved) => vec![
            "Ok".into(),
            name_of(&saved.path, folder),
            saved.bytes.into(),
        ],
        Err(error) => vec!["Err".into(), Value::Text(format!("{:?}", error.kind()))],
    };
    Value::List(vec![Value::Text(download.url.clone()), Value::List(result)])
}

/// A path as the name of a file in the folder, or `["elsewhere", name]`.
fn name_of(path: &Path, folder: &Folder) -> Value {
    match folder.name_of(path) {
        Some(name) => Value::Text(name),
        None => {
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            Value::List(vec![
                "elsewhere".into(),
                Value::Text(name.unwrap_or_default()),
            ])
        }
    }
}
