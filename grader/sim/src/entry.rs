//! How an examined process begins and ends.
//!
//! rustc gives every program a C `main` that calls std's `lang_start_internal`
//! with the program's `main` as a closure. The grader links examined programs
//! so that this call comes here instead (`--wrap`). Here the closure is not
//! called once but once for every schedule.
//!
//! A plan is one line on standard input, and its record goes to standard output.
//! Then the process waits for another plan: between two plans it is as fresh as
//! between two executions.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::panic::RefUnwindSafe;

use verdict::plan::Mode;
use verdict::record::{FORMAT, Sealing};
use verdict::{Coverage, Execution, Plan, Record};

use crate::kernel::Kernel;
use crate::search::{Explorer, Listener};

/// Exit code of a process that could not do what it was asked to.
pub(crate) const LOST: i32 = 3;
/// Exit code of a process that was given a schedule that it cannot follow.
const UNFIT: i32 = 4;

/// Stands in for `std::rt::lang_start_internal`, with its signature.
#[unsafe(no_mangle)]
pub(crate) extern "Rust" fn lockstep_lang_start(
    main: &(dyn Fn() -> i32 + Sync + RefUnwindSafe),
    _argc: isize,
    _argv: *const *const u8,
    _sigpipe: u8,
) -> isize {
    match begin(&main) {
        Ok(()) => leave(0),
        Err(reason) => {
            // The grader reads this; nobody else does.
            let _ = writeln!(std::io::stderr(), "{reason}");
            leave(LOST)
        }
    }
}

fn begin(main: &dyn Fn() -> i32) -> Result<(), String> {
    // Not std's own standard input, which is a static: statics are put back.
    // SAFETY: descriptor 0 is open, and nothing else in the process owns it.
    let mut plans = ManuallyDrop::new(BufReader::new(unsafe { File::from_raw_fd(0) }));
    let plan = next_plan(&mut *plans)?.ok_or("there is no plan on standard input")?;
    crate::panics::install();
    crate::host::install().map_err(|error| format!("cannot use the current directory: {error}"))?;
    let kernel = Kernel::install(plan.clone());
    let mut explorer = Explorer::new(kernel, main, Out::new());
    crate::crash::watch(&mut explorer);
    let mut next = Some(plan);
    while let Some(plan) = next {
        let mode = plan.mode.clone();
        explorer.listener.begin(plan.nonce.clone());
        explorer.begin(plan);
        match mode {
            Mode::Search(_) => explorer.search()?,
            Mode::Replay { schedule, .. } => {
                if let Err(reason) = explorer.replay(&schedule) {
                    let _ = writeln!(std::io::stderr(), "{reason}");
                    leave(UNFIT);
                }
            }
        }
        let coverage = explorer.coverage.clone();
        explorer.listener.end(coverage);
        next = next_plan(&mut *plans)?;
    }
    Ok(())
}

/// The next plan, or `None` at the end of input.
fn next_plan(plans: &mut impl BufRead) -> Result<Option<Plan>, String> {
    let mut line = String::new();
    let length = plans
        .read_line(&mut line)
        .map_err(|error| format!("cannot read the plan: {error}"))?;
    if length == 0 {
        return Ok(None);
    }
    let plan = serde_json::from_str(&line);
    plan.map(Some)
        .map_err(|error| format!("cannot understand the plan: {error}"))
}

/// Ends the process without running anything more of it.
pub(crate) fn leave(code: i32) -> ! {
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(code) }
}

/// The record, on its way out.
pub(crate) struct Out {
    nonce: String,
    told: u64,
    // Never closed: the process ends through `leave`.
    stream: ManuallyDrop<Sealed>,
}

/// A stream that is sealed as it is written.
struct Sealed {
    stream: BufWriter<File>,
    sealing: Sealing,
}

impl Write for Sealed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.stream.write(bytes)?;
        self.sealing.add(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}

impl Out {
    fn new() -> Out {
        // SAFETY: descriptor 1 is open, and nothing else in the process owns
        // it: what the submission prints goes into the record.
        let stream = unsafe { File::from_raw_fd(1) };
        Out {
            nonce: String::new(),
            told: 0,
            stream: ManuallyDrop::new(Sealed {
                stream: BufWriter::with_capacity(1 << 16, stream),
                sealing: Sealing::default(),
            }),
        }
    }

    /// The record of a plan begins.
    fn begin(&mut self, nonce: String) {
        self.stream.sealing = Sealing::default();
        self.tell(&Record::Head {
            format: FORMAT.to_owned(),
            nonce: nonce.clone(),
        });
        (self.nonce, self.told) = (nonce, 0);
    }

    fn tell(&mut self, record: &Record) {
        let told = serde_json::to_writer(&mut *self.stream, record).map_err(std::io::Error::from);
        if told.and_then(|()| self.stream.write_all(b"\n")).is_err() {
            // Nobody listens any more.
            leave(0);
        }
    }

    /// Tells that this was all.
    pub(crate) fn end(&mut self, coverage: Coverage) {
        let record = Record::End {
            nonce: self.nonce.clone(),
            told: self.told,
            seal: self.stream.sealing.seal(),
            coverage,
        };
        self.tell(&record);
        let _ = self.stream.flush();
    }
}

impl Listener for Out {
    fn told(&mut self, execution: &Execution) {
        // `Record::Execution`, without a copy of the execution.
        let told = self
            .stream
            .write_all(b"{\"execution\":")
            .and_then(|()| serde_json::to_writer(&mut *self.stream, execution).map_err(Into::into))
            .and_then(|()| self.stream.write_all(b"}\n"));
        if told.is_err() {
            // Nobody listens any more.
            leave(0);
        }
        self.told += 1;
    }
}
