//! Whether a grader that is killed again and again ends with the same gradebook.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{Class, Size, timed};
use crate::grader::Grader;
use crate::random::Random;
use crate::report::{Goal, Line, Side};

/// How often it is looked how far a grader has come.
const PAUSE: Duration = Duration::from_millis(10);
/// A grader is killed within this time of the verdict that it was to show, in
/// milliseconds: in the midst of whatever it does then.
const WITHIN: usize = 2000;

/// Kills a grader that begins anew at random moments, lets the last one end, and
/// counts the results that differ from those of the one that nobody has killed, which
/// are in `book.sqlite`.
///
/// A moment is some time after a number of verdicts were shown, so that a slow machine
/// is no different from a quick one.
pub(super) fn measure(grader: &Grader, class: &Class, size: &Size) -> Result<Line> {
    let mut random = Random::new(size.seed);
    let (mut killed, mut kept) = (0, 0);
    let shown = class.beside("shown");
    for killed_before in 0..size.kills {
        let file = File::create(&shown).context("cannot make a file")?;
        let mut running = class
            .grade(grader, "killed.sqlite")
            .stdout(file)
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start the grader")?;
        // So that the last of them is still at work.
        let left = class.submissions.len().saturating_sub(kept);
        let most = 2 * left / (size.kills - killed_before + 1);
        let moment = random.below(most.max(1));
        while verdicts_shown(&shown)? < moment && running.try_wait()?.is_none() {
            std::thread::sleep(PAUSE);
        }
        std::thread::sleep(Duration::from_millis(random.below(WITHIN) as u64));
        if running.try_wait()?.is_none() {
            running.kill().context("cannot kill the grader")?;
            killed += 1;
        }
        running.wait()?;
        // Lines that were shown are verdicts that are kept.
        let told = kept + verdicts_shown(&shown)?;
        if class.beside("killed.sqlite").exists() {
            kept = verdicts(&results(grader, class, "killed.sqlite")?);
        }
        ensure!(
            kept >= told,
            "{told} verdicts were shown, and {kept} are kept"
        );
    }
    timed(&mut class.grade(grader, "killed.sqlite"))?;
    let [ours, killed_one] =
        ["book.sqlite", "killed.sqlite"].map(|book| results(grader, class, book));
    let (ours, killed_one) = (ours?, killed_one?);
    ensure!(
        verdicts(&ours) == class.submissions.len(),
        "not everything was graded"
    );
    let differ = match (&ours["students"], &killed_one["students"]) {
        (Value::Array(ours), Value::Array(others)) => {
            let same = ours.iter().zip(others).filter(|(one, other)| one == other);
            ours.len().max(others.len()) - same.count()
        }
        _ => bail!("the grader exports no students"),
    };
    Ok(Line::new(
        "class-killed",
        (differ as f64, "students with other results"),
        Goal::AtMost(0.0),
        size.kills,
        vec![Side::single(
            "killed while at work",
            "times",
            f64::from(killed),
        )],
    ))
}

/// How many verdicts a grader has shown, a line each.
fn verdicts_shown(file: &Path) -> Result<usize> {
    let lines = std::fs::read_to_string(file)?;
    Ok(lines.lines().filter(|line| line.contains('/')).count())
}

/// What a gradebook holds, in which no time is told.
fn results(grader: &Grader, class: &Class, book: &str) -> Result<Value> {
    let output = grader
        .verb("export", &class.beside("export-cache"))
        .args(["--to", "json", "--gradebook"])
        .arg(class.beside(book))
        .output()
        .context("cannot start the grader")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cannot export: {complaint}");
    serde_json::from_slice(&output.stdout).context("the export is no JSON")
}

/// How many verdicts there are.
fn verdicts(document: &Value) -> usize {
    let students = document["students"].as_array();
    let results = students
        .into_iter()
        .flatten()
        .filter_map(|student| student["results"].as_object());
    let results = results.flat_map(|results| results.values());
    results
        .filter(|result| result["verdict"].is_object())
        .count()
}
