//! For the scenarios: a fetcher that follows the script and records what it
//! sees.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Error, ErrorKind, Write};
use std::panic::panic_any;
use std::sync::{Condvar, Mutex, PoisonError};

use sim::scenario::{self, Value};

use crate::folder::{self, Folder};
use crate::script::{End, Part, Script};

/// Fetches what the script says.
pub(crate) struct Fetcher<'a> {
    script: &'a Script,
    folder: &'a Folder,
    gate: Gate,
    watch: Watch,
}

/// Whether temporary files are looked for.
enum Watch {
    No,
    /// Their names are collected.
    Spy(Mutex<BTreeSet<String>>),
    /// What became of these files of the same names is recorded.
    Stale(BTreeMap<String, String>),
}

impl<'a> Fetcher<'a> {
    pub(crate) fn new(script: &'a Script, folder: &'a Folder) -> Self {
        Fetcher {
            script,
            folder,
            gate: Gate::default(),
            watch: Watch::No,
        }
    }

    pub(crate) fn spying(script: &'a Script, folder: &'a Folder) -> Self {
        Fetcher {
            watch: Watch::Spy(Mutex::default()),
            ..Fetcher::new(script, folder)
        }
    }

    pub(crate) fn watching(
        script: &'a Script,
        folder: &'a Folder,
        stale: BTreeMap<String, String>,
    ) -> Self {
        Fetcher {
            watch: Watch::Stale(stale),
            ..Fetcher::new(script, folder)
        }
    }

    /// The files with a dot that a spy has seen.
    pub(crate) fn hidden(&self) -> BTreeSet<String> {
        match &self.watch {
            Watch::Spy(seen) => seen.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            _ => BTreeSet::new(),
        }
    }

    fn write(&self, part: &Part, first: bool, out: &mut dyn Write) -> io::Result<()> {
        let mut pieces = part.pieces.iter();
        if let Some(piece) = pieces.next() {
            out.write_all(&folder::bytes(piece))?;
        }
        if first {
            self.gate
                .wait_until(|counts| counts.ended + 1 >= self.script.parts.len());
        }
        if part.meets {
            let meeting = self.script.parts.iter().filter(|part| part.meets).count();
            self.gate.change(|counts| counts.met += 1);
            self.gate.wait_until(|counts| counts.met >= meeting);
        }
        if let Some(name) = &part.plants {
            let contents = "planted";
            if self.folder.plant(name, contents) {
                scenario::mark("planted", vec![name.as_str(), contents]);
            }
        }
        if part.looks {
            self.look();
        }
        for piece in pieces {
            write_by_and_by(&folder::bytes(piece), out)?;
        }
        if part.flushes {
            out.flush()?;
        }
        Ok(())
    }

    fn look(&self) {
        match &self.watch {
            Watch::No => {
                for (name, contents) in self.folder.visible_files() {
                    let contents = contents.map_or(Value::Unit, Value::Text);
                    scenario::mark("seen", vec![Value::Text(name), contents]);
                }
            }
            Watch::Spy(seen) => {
                let names = self
                    .folder
                    .files()
                    .into_keys()
                    .filter(|name| name.starts_with('.'));
                seen.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .extend(names);
            }
            Watch::Stale(stale) => {
                for name in stale.keys() {
                    if let Some(contents) = self.folder.contents(name) {
                        scenario::mark("seen", vec![name.as_str(), contents.as_str()]);
                    }
                }
            }
        }
    }
}

// The trait is not imported: methods that a submission adds to it would be found here.
impl downloader::Fetch for Fetcher<'_> {
    fn fetch(&self, url: &str, out: &mut dyn Write) -> io::Result<()> {
        let Some(part) = self.script.parts.iter().find(|part| part.url == url) else {
            scenario::mark("unknown", url);
            return Err(Error::new(ErrorKind::NotFound, "nobody asked for this URL"));
        };
        scenario::mark("begin", url);
        scenario::step("fetches");
        let first = self.script.hold && self.gate.change(|counts| counts.begun += 1).begun == 1;
        let written = self.write(part, first, out);
        if written.is_err() {
            scenario::mark("broken", url);
        }
        if self.script.hold {
            self.gate.change(|counts| counts.ended += 1);
        }
        scenario::mark("end", url);
        match part.end {
            End::Panics => panic!("the fetch of {url} panics, as it should in this scenario"),
            End::PanicsPlainly => panic!("the fetch panics, as it should in this scenario"),
            End::PanicsWithoutWords => panic_any(url.len()),
            // A kind that a loop over names must not take for its own.
            End::Fails => Err(Error::new(
                ErrorKind::AlreadyExists,
                "this fetch fails in this scenario",
            )),
            End::Succeeds => written,
        }
    }
}

/// As `write_all`, but by `write` alone, of which a writer may have its own.
fn write_by_and_by(mut bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes)? {
            0 => return Err(ErrorKind::WriteZero.into()),
            written => bytes = &bytes[written..],
        }
    }
    Ok(())
}

/// Where fetches wait for one another.
#[derive(Default)]
struct Gate {
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    begun: usize,
    ended: usize,
    met: usize,
}

impl Gate {
    fn change(&self, change: impl FnOnce(&mut Counts)) -> Counts {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut counts);
        self.changed.notify_all();
        *counts
    }

    fn wait_until(&self, done: impl Fn(&Counts) -> bool) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = self.changed.wait_while(counts, |counts| !done(counts));
        drop(counts);
    }
}
