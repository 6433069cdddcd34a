//! The page of one submission: its checks, what is wrong, how it came to that,
//! and its sources.

use std::collections::BTreeMap;

use maud::{Markup, html};
use verdict::{Check, CheckOutcome, Finding, FindingKind, Outcome, Verdict};

use super::escape::{Shown, SourceLine, slug};
use super::prose::{contract, line, prose};
use super::site::UNPACKED;
use super::timeline::{Listings, timeline};
use crate::report::words;

/// A submission as it is shown.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The title of the exercise.
    pub title: String,
    /// The verdict on it.
    pub verdict: Verdict,
    /// The hints of the exercise, from gentle to plain.
    pub hints: Vec<String>,
    /// Its sources, by the files' names.
    pub sources: BTreeMap<String, String>,
    /// The command that shows a check's finding again, by the check's id.
    pub again: BTreeMap<String, String>,
}

/// Several submissions one after the other, with a table of them before.
pub(super) fn sections(submissions: &[Submission]) -> Markup {
    html! {
        header {
            h1 { (submissions.len()) " submissions" }
        }
        div.scroll tabindex="0" role="group" aria-label="Submissions" {
            table {
                thead {
                    tr {
                        th scope="col" { "Exercise" }
                        th scope="col" { "Submission" }
                        th.number scope="col" { "Points" }
                        th scope="col" { "Failed" }
                    }
                }
                tbody {
                    @for (number, one) in submissions.iter().enumerate() {
                        tr {
                            td { (Shown(&one.title)) }
                            th scope="row" { a href=(format!("#s{number}")) { (Shown(&one.verdict.submission)) } }
                            td.number { (points(&one.verdict)) }
                            td { (in_short(&one.verdict)) }
                        }
                    }
                }
            }
        }
        @for (number, one) in submissions.iter().enumerate() { (section(one, number)) }
    }
}

/// `18/20`, or a dash where there is no score.
fn points(verdict: &Verdict) -> String {
    match verdict.outcome {
        Outcome::InfrastructureError => "–".to_owned(),
        _ => format!("{}/{}", verdict.score, verdict.max_score),
    }
}

/// What failed, in a few words.
fn in_short(verdict: &Verdict) -> Markup {
    let failed: Vec<&str> = verdict
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Failed)
        .map(|check| check.id.as_str())
        .collect();
    match verdict.outcome {
        Outcome::Graded => html! { (Shown(&failed.join(", "))) },
        outcome => html! { (words::outcome(outcome)) },
    }
}

/// What the page of one is called.
pub(super) fn title(submission: &Submission) -> String {
    format!("{}: {}", submission.title, submission.verdict.submission)
}

/// One submission; its ids begin with its number.
pub(super) fn section(submission: &Submission, number: usize) -> Markup {
    let prefix = format!("s{number}");
    let verdict = &submission.verdict;
    let files = files(submission);
    let listings = Listings {
        prefix: &prefix,
        files: &files,
    };
    let findings: Vec<(&Check, &Finding)> = verdict
        .checks
        .iter()
        .filter_map(|check| Some((check, check.finding.as_ref()?)))
        .collect();
    html! {
        section.submission id=(prefix) {
            header {
                h1 { (Shown(&submission.title)) }
                p.path { code { (Shown(&verdict.submission)) } }
                (score(verdict))
            }
            @if !verdict.checks.is_empty() { (checks(verdict, &prefix)) }
            @for (number, (check, finding)) in findings.iter().enumerate() {
                // What a compiler said of the program is told once.
                @let is_first = findings[..number].iter().all(|(_, before)| before.kind != FindingKind::NoProgram);
                (self::finding(submission, check, finding, &listings, is_first))
            }
            @if !submission.hints.is_empty() { (hints(&submission.hints)) }
            @if !files.is_empty() { (sources(submission, &listings)) }
        }
    }
}

/// The files that timelines lead to.
fn files(submission: &Submission) -> Vec<&str> {
    let findings = submission.verdict.checks.iter();
    let steps = findings
        .filter_map(|check| check.finding.as_ref())
        .flat_map(|finding| &finding.timeline);
    let mut files: Vec<&str> = steps
        .filter_map(|step| Some(step.place.as_ref()?.file.as_str()))
        .filter(|file| submission.sources.contains_key(*file))
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The points, and why there are none where nothing was run.
fn score(verdict: &Verdict) -> Markup {
    let is_full = verdict.score == verdict.max_score;
    html! {
        @match verdict.outcome {
            Outcome::InfrastructureError => {
                p.score.none { "Could not be graded. This is no score." }
            }
            _ => {
                p class=(if is_full { "score full" } else { "score" }) {
                    strong { (verdict.score) } " of " (words::count(verdict.max_score, "point"))
                }
                (meter(verdict))
            }
        }
        @match verdict.outcome {
            Outcome::Graded => {
                @if verdict.checks.iter().any(|check| check.outcome == CheckOutcome::NotRun) {
                    (prose(&verdict.message))
                }
            }
            // The compiler's words have lines of their own.
            Outcome::DoesNotCompile => {
                h2 { "It does not compile" }
                pre.scroll tabindex="0" { code { (Shown(&verdict.message)) } }
            }
            Outcome::Refused => {
                h2 { "It was refused" }
                (prose(&verdict.message))
            }
            Outcome::InfrastructureError => { (prose(&verdict.message)) }
        }
    }
}

/// The points as a bar with a piece for each check, as wide as it has points.
fn meter(verdict: &Verdict) -> Markup {
    const WIDE: u32 = 400;
    let all = verdict
        .checks
        .iter()
        .map(|check| check.max_points)
        .sum::<u32>()
        .max(1);
    let mut from = 0;
    let mut pieces = Vec::new();
    for check in &verdict.checks {
        let (x, end) = (from * WIDE / all, (from + check.max_points) * WIDE / all);
        pieces.push((check.outcome, x, (end - x).saturating_sub(2)));
        from += check.max_points;
    }
    html! {
        @if !pieces.is_empty() {
            svg.meter aria-hidden="true" viewBox=(format!("0 0 {WIDE} 10")) preserveAspectRatio="none" {
                @for (outcome, x, width) in pieces {
                    @let class = match outcome { CheckOutcome::Passed => "good", CheckOutcome::Failed => "bad", CheckOutcome::NotRun => "none" };
                    @let height = if outcome == CheckOutcome::Passed { 10 } else { 3 };
                    rect class=(class) x=(x) y=(10 - height) width=(width) height=(height) {}
                }
            }
        }
    }
}

fn checks(verdict: &Verdict, prefix: &str) -> Markup {
    html! {
        h2 { "Checks" }
        div.scroll tabindex="0" role="group" aria-label="Checks" {
            table.checks {
                thead {
                    tr {
                        th scope="col" { "Result" }
                        th.number scope="col" { "Points" }
                        th scope="col" { "Check" }
                        th scope="col" { "What was seen" }
                    }
                }
                tbody {
                    @for check in &verdict.checks {
                        tr {
                            td { (result(check.outcome)) }
                            td.number { (check.points) "/" (check.max_points) }
                            th scope="row" {
                                @match &check.finding {
                                    Some(_) => a href=(format!("#{}", id(prefix, check))) { (line(&check.title)) },
                                    None => (line(&check.title)),
                                }
                            }
                            td {
                                @match (&check.finding, &check.coverage) {
                                    (Some(finding), _) => (words::kind(finding.kind)),
                                    (None, coverage) => (Shown(coverage.as_deref().unwrap_or_default())),
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A result: a sign, which says what the word beside it says.
fn result(outcome: CheckOutcome) -> Markup {
    let (class, sign, word) = match outcome {
        CheckOutcome::Passed => ("result good", "✓", "passed"),
        CheckOutcome::Failed => ("result bad", "✗", "failed"),
        CheckOutcome::NotRun => ("result", "–", "not run"),
    };
    html! { span class=(class) { span aria-hidden="true" { (sign) } " " (word) } }
}

/// The id of a check's section. Ids of checks are slugs already.
fn id(prefix: &str, check: &Check) -> String {
    format!("{prefix}-check-{}", slug(&check.id))
}

fn finding(
    submission: &Submission,
    check: &Check,
    finding: &Finding,
    listings: &Listings<'_>,
    is_first: bool,
) -> Markup {
    let id = id(listings.prefix, check);
    let is_new = is_first || finding.kind != FindingKind::NoProgram;
    html! {
        section.finding id=(id) {
            h2 { (line(&check.title)) }
            p.kind {
                (result(check.outcome)) ", " (words::kind(finding.kind)) ", "
                (check.points) " of " (words::count(check.max_points, "point"))
            }
            (message(finding, is_new))
            @if !finding.contract.is_empty() {
                p.says { "The contract says" }
                blockquote { (contract(&finding.contract)) }
            }
            @if !finding.timeline.is_empty() {
                h3 { "How it came to that" }
                (timeline(&finding.timeline, &format!("{id}-timeline"), listings))
            }
            @if is_new && let Some(command) = submission.again.get(&check.id) {
                h3 { "See it again" }
                @if command.split(' ').any(|word| word == UNPACKED) {
                    p { "It was handed in packed: " code { (UNPACKED) } " is where you have unpacked it." }
                }
                div.command {
                    pre.scroll tabindex="0" { code { (Shown(command)) } }
                    button.copy type="button" hidden { "Copy" }
                    span.said role="status" {}
                }
            }
        }
    }
}

/// What is wrong, in words; what a compiler said, which comes after a sentence,
/// has lines of its own.
fn message(finding: &Finding, is_new: bool) -> Markup {
    match finding.message.split_once('\n') {
        Some((sentence, said)) if finding.kind == FindingKind::NoProgram => html! {
            (prose(sentence))
            @if is_new { pre.scroll tabindex="0" { code { (Shown(said)) } } }
        },
        _ => html! { div.message { (prose(&finding.message)) } },
    }
}

/// One hint inside of the other: who wants the next has read the one before.
fn hints(hints: &[String]) -> Markup {
    fn nested(hints: &[String], number: usize) -> Markup {
        match hints.split_first() {
            None => Markup::default(),
            Some((hint, rest)) => html! {
                details {
                    summary { @if number == 1 { "A hint" } @else { "Another hint" } }
                    (prose(hint))
                    (nested(rest, number + 1))
                }
            },
        }
    }
    html! {
        section.hints {
            h2 { "Hints" }
            (nested(hints, 1))
        }
    }
}

fn sources(submission: &Submission, listings: &Listings<'_>) -> Markup {
    html! {
        section.sources {
            h2 { "Sources" }
            @for (number, file) in listings.files.iter().enumerate() {
                @let id = listings.id_of(number);
                details {
                    summary { code { (Shown(file)) } }
                    pre.scroll tabindex="0" id=(id) data-file=(Shown(file)) {
                        code {
                            @let text = submission.sources.get(*file).map(String::as_str).unwrap_or_default();
                            @for (line, text) in (1..).zip(text.split('\n')) {
                                span.line id=(format!("{id}-l{line}")) data-n=(line) { (SourceLine(text)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
