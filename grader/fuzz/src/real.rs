//! What programs did on the real std.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sandbox::{How, Job, Limits};

/// The outcomes of a program's runs, and how often each was seen.
pub(crate) type Seen = BTreeMap<String, u64>;

/// A program, and how long a run of it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) program: usize,
    pub(crate) limit: Duration,
}

/// Runs these programs so many times each, in one process.
pub(crate) fn run(folder: &Path, asked: &[Asked], seed: u64, runs: u64) -> Result<Vec<Seen>> {
    let scratch = tempfile::tempdir_in(folder).context("cannot make a scratch folder")?;
    let mut job = Job::new(folder.join("real"), scratch.path());
    job.args = vec![seed.to_string().into(), runs.to_string().into()];
    for Asked { program, limit } in asked {
        job.args
            .push(format!("{program}:{}", limit.as_millis()).into());
    }
    job.limits = Limits {
        wall: Duration::from_secs(3600),
        cpu_seconds: 3600,
        memory_bytes: 4 << 30,
        output_bytes: 256 << 20,
        kept_bytes: 256 << 20,
        ..Limits::default()
    };
    let ended = sandbox::run(&job, &[])?;
    ensure!(
        ended.how == How::Exited(0),
        "the programs on the real std {}: {}",
        ended.how,
        ended.stderr.text()
    );
    let output = ended.stdout.whole().context("they printed too much")?;
    let text = String::from_utf8_lossy(&output);
    let mut all: BTreeMap<usize, Seen> = BTreeMap::new();
    for line in text.lines() {
        let mut fields = line.splitn(3, '\t');
        let mut field = || fields.next().context("a line of the real run is not whole");
        let program = field()?.parse().context("no number of a program")?;
        let count = field()?.parse().context("no count")?;
        let outcome = field()?.to_owned();
        all.entry(program).or_default().insert(outcome, count);
    }
    Ok(asked
        .iter()
        .map(|asked| all.remove(&asked.program).unwrap_or_default())
        .collect())
}
