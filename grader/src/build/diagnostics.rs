//! What the compiler says, told apart.

use std::borrow::Cow;

use serde::Deserialize;

use super::depinfo;

/// Most bytes of the compiler's words that are shown.
const SHOWN: usize = 8 << 10;

/// A diagnostic, as `--error-format=json` gives it.
#[derive(Debug, Deserialize)]
pub(super) struct Diagnostic {
    level: String,
    message: String,
    code: Option<Code>,
    #[serde(default)]
    spans: Vec<Span>,
    #[serde(default)]
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: String,
    line_start: u32,
    is_primary: bool,
    label: Option<String>,
    #[serde(default)]
    text: Vec<Text>,
}

/// A source line that a span is on.
#[derive(Debug, Deserialize)]
struct Text {
    text: String,
}

/// What rustc wrote: its diagnostics, and what is none (a crash of its own).
pub(super) struct Said {
    diagnostics: Vec<Diagnostic>,
    other: String,
}

impl Said {
    /// Reads rustc's standard error.
    pub(super) fn read(stderr: &str) -> Said {
        let mut said = Said {
            diagnostics: Vec::new(),
            other: String::new(),
        };
        for line in stderr.lines() {
            match serde_json::from_str(line) {
                Ok(diagnostic) => said.diagnostics.push(diagnostic),
                Err(_) => {
                    said.other.push_str(line);
                    said.other.push('\n');
                }
            }
        }
        said
    }

    fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.level == "error" && !diagnostic.is_summary())
    }

    /// Whether the compiler itself fell over.
    pub(super) fn crashed(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| diagnostic.level.contains("internal compiler error"))
            || (self.errors().next().is_none() && !self.other.trim().is_empty())
    }

    /// What the compiler says of its own crash.
    pub(super) fn crash(&self) -> Option<String> {
        let bug = |diagnostic: &&Diagnostic| diagnostic.level.contains("internal compiler error");
        self.diagnostics
            .iter()
            .find(bug)
            .map(|diagnostic| format!("{}: {}", diagnostic.level, diagnostic.message))
            .or_else(|| {
                // The line after the one that names a thread and a place.
                let mut lines = self.other.lines();
                lines.find(|line| line.contains("panicked at"))?;
                let words = lines.next().filter(|line| !line.trim().is_empty())?;
                Some(words.to_owned())
            })
    }

    /// Where `unsafe` code is, if there is any.
    pub(super) fn unsafe_code(&self) -> Option<String> {
        let found = self.errors().find(|error| {
            let code = error.code();
            code == "unsafe_code" || (code == "E0453" && error.message.contains("unsafe_code"))
        })?;
        let place = match found.place() {
            Some(span) => format!(" ({}:{})", span.file_name, span.line_start),
            None => String::new(),
        };
        Some(format!(
            "unsafe code is not allowed in a submission{place}; everything here can be written in safe Rust"
        ))
    }

    /// Whether these are all errors that there are, as the compiler counts them.
    pub(super) fn is_whole(&self) -> bool {
        let errors = self.errors().count();
        let mut counted = self.diagnostics.iter().filter_map(Diagnostic::counts);
        self.other.trim().is_empty() && counted.next_back() == Some(errors)
    }

    /// Whether nothing but lints made the compilation fail.
    pub(super) fn only_lints(&self) -> bool {
        let is_lint = |error: &Diagnostic| {
            let code = error.code();
            !code.is_empty() && !code.starts_with('E')
        };
        self.errors().next().is_some() && self.errors().all(is_lint)
    }

    /// A file outside the sources that an error points into. What it says of
    /// that file is not shown.
    pub(super) fn foreign_file(&self) -> Option<&str> {
        let places = self.errors().filter_map(|error| error.place());
        places.map(|span| span.file_name.as_str()).find(|file| {
            // Errors may also point into std's own sources and the scenarios.
            let std = file.starts_with("/rustc/") || file.contains("/lib/rustlib/");
            !(depinfo::is_source(file)
                || std
                || file.starts_with("check/")
                || file.starts_with('<'))
        })
    }

    /// A file outside the sources that was to be read while they compile, and
    /// could not: in layers there is none.
    pub(super) fn unreadable(&self) -> Option<&str> {
        self.errors().find_map(|error| {
            let path = error.message.strip_prefix("couldn't read `")?;
            let path = path.split('`').next()?;
            depinfo::is_outside(path).then_some(path)
        })
    }

    /// The errors that are about no place in a source, with all that is said of them:
    /// what could not be written, or linked; and what is no diagnostic. Nothing where
    /// each has a place.
    pub(super) fn placeless(&self) -> String {
        let errors = self.errors().filter(|error| error.place().is_none());
        let all = errors.flat_map(|error| {
            let children = error.children.iter().map(|child| child.message.as_str());
            std::iter::once(error.message.as_str()).chain(children)
        });
        let all = all.chain(self.other.lines());
        all.flat_map(|message| [message, "\n"]).collect()
    }

    /// The errors in the compiler's own words, as many as can be shown.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        let mut left_out = 0;
        for error in self.errors() {
            let text = error.words();
            let text = text.trim();
            if words.len() + text.len() <= SHOWN {
                words.push_str(text);
                words.push_str("\n\n");
            } else if words.is_empty() {
                words.push_str(&head_and_tail(text));
                words.push_str("\n\n");
            } else {
                left_out += 1;
            }
        }
        let words = as_std(&words);
        let mut words = match left_out {
            0 if words.is_empty() => head_and_tail(self.other.trim()),
            0 => words.trim_end().to_owned(),
            1 => format!("{words}... and 1 more error"),
            _ => format!("{words}... and {left_out} more errors"),
        };
        if self
            .errors()
            .any(|error| error.message.starts_with("couldn't read "))
        {
            words.push_str("\n\nnote: ");
            words.push_str(depinfo::ONLY_SOURCES);
        }
        words
    }

    /// What a crate that compiles alone lacks of the contract, told without the
    /// scenarios that it does not fit to: nobody but the grader's authors knows
    /// those.
    pub(super) fn misfits(&self) -> String {
        let mut items: Vec<String> = Vec::new();
        for error in self.errors() {
            let item = error.misfit();
            if !items.contains(&item) {
                items.push(item);
            }
        }
        const MOST: usize = 10;
        let left_out = items.len().saturating_sub(MOST);
        items.truncate(MOST);
        if left_out > 0 {
            items.push(format!("... and {left_out} more"));
        }
        if items.is_empty() {
            items.push("it cannot be linked with a program that uses it".to_owned());
        }
        let items: String = items.iter().map(|item| format!("- {item}\n")).collect();
        format!(
            "the crate compiles by itself, but it cannot be used as the contract says:\n\n{items}\n\
             compare the public items with those of the contract: names, arguments, results, \
             traits;\nthe starter has all of them"
        )
    }
}

/// Reads and tells whatever may stand for messages, for [`crate::fuzzing`].
pub(crate) fn fuzzed(stderr: &str) {
    let said = Said::read(stderr);
    let told = [
        said.crash(),
        said.unsafe_code(),
        said.foreign_file().map(str::to_owned),
        said.unreadable().map(str::to_owned),
        Some(said.misfits()),
    ];
    assert!(told.into_iter().flatten().all(|words| !words.is_empty()));
    // Some words of ours come on top of what is shown.
    assert!(said.other.len() > SHOWN || said.words().len() <= SHOWN + 400);
    assert!(!said.only_lints() || said.errors().next().is_some());
}

/// A text, or what it begins and ends with and how much is left out between.
fn head_and_tail(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let head = &text[..text.floor_char_boundary(SHOWN / 2)];
    let tail = &text[text.ceil_char_boundary(text.len() - SHOWN / 2)..];
    let left_out = text.len() - head.len() - tail.len();
    format!("{head}\n... {left_out} bytes left out ...\n{tail}")
}

/// What a linker says, without the folders that it says it of: they are this
/// machine's.
fn without_folders(text: &str) -> String {
    let ends = |char: char| char.is_whitespace() || "\"'`(),:<>".contains(char);
    let mut words = String::new();
    for part in text.split_inclusive(ends) {
        match part.strip_prefix('/') {
            Some(rest) => words.push_str(rest.rsplit('/').next().unwrap_or(rest)),
            None => words.push_str(part),
        }
    }
    words
}

/// What the compiler calls by the names of our libraries is std's.
pub(super) fn as_std(text: &str) -> String {
    text.replace("lockstep_std::", "std::")
        .replace("lockstep_core::", "core::")
}

impl Diagnostic {
    fn code(&self) -> &str {
        self.code
            .as_ref()
            .map(|code| code.code.as_str())
            .unwrap_or_default()
    }

    /// The last line counts the errors; it is no error itself.
    /// How many errors there are, where this says so.
    fn counts(&self) -> Option<usize> {
        if !self.is_summary() {
            return None;
        }
        let words = self.message.strip_prefix("aborting due to ")?;
        match words.split_once(" previous error") {
            Some((number, _)) => number.parse().ok(),
            None => words.starts_with("previous error").then_some(1),
        }
    }

    fn is_summary(&self) -> bool {
        self.code.is_none() && self.spans.is_empty() && self.message.starts_with("aborting due to")
    }

    /// The error without the place in a scenario where it came up; with the
    /// lines of the submission's own that it speaks of.
    fn misfit(&self) -> String {
        let mut text = self.message.clone();
        let label = self.place().and_then(|span| span.label.as_deref());
        // What does not match is said beside the place only.
        if let Some(label) = label.filter(|label| label.starts_with("expected")) {
            text.push_str(": ");
            text.push_str(label);
        }
        while let Some(start) = text.find("{closure@check/") {
            let end = text[start..]
                .find('}')
                .map_or(text.len(), |end| start + end + 1);
            text.replace_range(start..end, "a closure");
        }
        let mut text = as_std(&text);
        let mut lines: Vec<String> = Vec::new();
        let children = self.children.iter().flat_map(|child| &child.spans);
        for span in self.spans.iter().chain(children) {
            if let Some(source) = span.text.first()
                && depinfo::is_source(&span.file_name)
            {
                let line = format!(
                    "\n    {}:{}: {}",
                    span.file_name,
                    span.line_start,
                    source.text.trim()
                );
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        text.extend(lines);
        text
    }

    /// The compiler's own words. Of a program that cannot be linked, it shows how
    /// it called the linker, which is none of the student's business: what the
    /// linker said is what is left.
    fn words(&self) -> Cow<'_, str> {
        if !self.message.starts_with("linking with ") {
            return Cow::Borrowed(self.rendered.as_deref().unwrap_or(&self.message));
        }
        let mut words = "error: the program cannot be linked\n".to_owned();
        let is_said = |child: &&Diagnostic| {
            let of_the_call = ["LC_ALL=", "PATH=", "some arguments are omitted"];
            let text = child.message.trim_start();
            !text.starts_with('"') && !of_the_call.iter().any(|of| text.starts_with(of))
        };
        for child in self.children.iter().filter(is_said) {
            words.push_str(&without_folders(&child.message));
            words.push('\n');
        }
        Cow::Owned(words)
    }

    fn place(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_not_taken_for_all() {
        let error = r#"{"level":"error","message":"unused variable","code":{"code":"unused"}}"#;
        let end = |words: &str| {
            format!(r#"{{"level":"error","message":"aborting due to {words}","code":null}}"#)
        };
        let is_whole = |lines: &[&str]| Said::read(&lines.join("\n")).is_whole();
        assert!(is_whole(&[error, &end("1 previous error")]));
        assert!(is_whole(&[
            error,
            &end("previous error; 1 warning emitted")
        ]));
        assert!(is_whole(&[
            error,
            error,
            &end("2 previous errors; 3 warnings emitted")
        ]));
        assert!(!is_whole(&[error, &end("2 previous errors")]));
        assert!(!is_whole(&[error, error]));
        assert!(!is_whole(&[error, &error[..20], &end("1 previous error")]));
    }

    #[test]
    fn errors_without_a_place_are_told_from_those_of_a_source() {
        let said = Said::read(concat!(
            r#"{"level":"error","message":"ld terminated with signal 9","code":null,"spans":[{"#,
            r#""file_name":"src/lib.rs","line_start":1,"is_primary":true,"label":null}]}"#,
            "\n",
            r#"{"level":"error","message":"linking with `cc` failed: exit status: 1","code":null,"#,
            r#""spans":[],"children":[{"level":"note","message":"No space left on device","#,
            r#""code":null}]}"#,
            "\n",
            r#"{"level":"error","message":"aborting due to 2 previous errors","code":null}"#,
        ));
        assert_eq!(
            said.placeless(),
            "linking with `cc` failed: exit status: 1\nNo space left on device\n"
        );
    }

    fn error(code: &str, file: &str, rendered: &str) -> String {
        let spans = serde_json::json!([{ "file_name": file, "line_start": 3, "is_primary": true }]);
        let code = serde_json::json!({ "code": code });
        serde_json::json!({ "level": "error", "message": "m unsafe_code", "code": code, "spans": spans,
            "rendered": rendered })
        .to_string()
    }

    const SUMMARY: &str =
        r#"{"level":"error","message":"aborting due to 1 previous error","spans":[],"code":null}"#;

    fn said(lines: &[&str]) -> Said {
        Said::read(&[lines, &[SUMMARY]].concat().join("\n"))
    }

    #[test]
    fn unsafe_code_is_told_from_other_errors_and_lints() {
        let lint = error("unused_variables", "src/lib.rs", "");
        let mistake = error("E0308", "src/lib.rs", "");
        for code in ["unsafe_code", "E0453"] {
            let found = said(&[&lint, &error(code, "src/a.rs", "")])
                .unsafe_code()
                .unwrap();
            assert!(found.contains("(src/a.rs:3)"), "{found}");
        }
        assert!(said(&[&lint]).unsafe_code().is_none());
        assert!(said(&[&lint]).only_lints());
        assert!(!said(&[&lint, &mistake]).only_lints());
        assert!(!said(&[]).only_lints());
    }

    #[test]
    fn an_error_in_a_foreign_file_is_noticed() {
        let own = error("E0308", "src/a.rs", "");
        assert_eq!(said(&[&own]).foreign_file(), None);
        assert_eq!(
            said(&[&own, &error("E1", "/etc/passwd", "root")]).foreign_file(),
            Some("/etc/passwd")
        );
        assert_eq!(
            said(&[&error("E1", "/rustc/x/library/core/src/lib.rs", "")]).foreign_file(),
            None
        );
    }

    #[test]
    fn what_does_not_fit_is_told_without_the_scenarios() {
        let of_check = serde_json::json!({ "file_name": "check/scenarios.rs", "line_start": 91,
            "is_primary": true, "label": "expected `u32`, found `usize`",
            "text": [{ "text": "    secret(urls, count)" }] });
        let own = serde_json::json!({ "file_name": "src/lib.rs", "line_start": 8,
            "is_primary": true, "label": null, "text": [{ "text": "pub fn get(jobs: u32) {" }] });
        let children = serde_json::json!([{ "level": "note", "message": "function defined here",
            "code": null, "spans": [own], "children": [], "rendered": null }]);
        let error = |message: &str| {
            serde_json::json!({ "level": "error", "message": message, "code": { "code": "E0308" },
                "spans": [of_check], "children": children, "rendered": "secret" })
            .to_string()
        };
        let words = said(&[
            &error("mismatched types"),
            &error("mismatched types"),
            &error("`{closure@check/scenarios.rs:9:1: 9:3}` is no `lockstep_std::X`"),
        ])
        .misfits();
        insta::assert_snapshot!(words, @r#"
        the crate compiles by itself, but it cannot be used as the contract says:

        - mismatched types: expected `u32`, found `usize`
            src/lib.rs:8: pub fn get(jobs: u32) {
        - `a closure` is no `std::X`: expected `u32`, found `usize`
            src/lib.rs:8: pub fn get(jobs: u32) {

        compare the public items with those of the contract: names, arguments, results, traits;
        the starter has all of them
        "#);
        assert!(!said(&[]).misfits().contains("scenarios"));
    }

    #[test]
    fn a_file_that_was_not_taken_is_explained() {
        let missing = r#"{"level":"error","message":"couldn't read `src/a.txt`: No such file",
            "code":null,"spans":[],"rendered":"error: couldn't read"}"#;
        let words = said(&[&missing.replace('\n', "")]).words();
        assert!(
            words.starts_with("error: couldn't read\n\nnote: only `.rs` files below src are taken"),
            "{words}"
        );
    }

    #[test]
    fn the_words_are_cut_between_errors() {
        let long = "x".repeat(5000);
        let error = error("E0308", "src/a.rs", &long);
        let words = said(&[&error, &error, &error]).words();
        assert!(words.starts_with(&long) && words.ends_with("... and 2 more errors"));
        assert_eq!(
            said(&[&self::error("E0308", "src/a.rs", "one\n\n")]).words(),
            "one"
        );
    }

    #[test]
    fn a_single_error_that_is_too_long_keeps_its_beginning_and_its_end() {
        let long = format!("begins {}{}ends", "x".repeat(SHOWN), "ä".repeat(SHOWN));
        let words = said(&[&error("E0308", "src/a.rs", &long)]).words();
        assert!(
            words.starts_with("begins x") && words.ends_with("ends"),
            "{words}"
        );
        assert!(words.len() < SHOWN + 100);
        let left_out = long.len() - SHOWN;
        let told = words.lines().nth(1).unwrap();
        assert!(
            (left_out..left_out + 4).any(|bytes| told == format!("... {bytes} bytes left out ...")),
            "{told}"
        );
    }

    #[test]
    fn a_program_that_cannot_be_linked_is_told_without_the_linkers_call() {
        let note = |message: &str| {
            serde_json::json!({ "level": "note", "message": message, "code": null, "spans": [],
                "children": [], "rendered": null })
        };
        let error = serde_json::json!({
            "level": "error", "message": "linking with `/opt/bin/cc` failed: exit status: 1",
            "code": null, "spans": [],
            "children": [
                note("LC_ALL=\"C\" PATH=\"/home/x/bin\" \"cc\" \"/tmp/rustcAbC/symbols.o\""),
                note(" \"cc\" \"-m64\" \"/tmp/rustcAbC/symbols.o\""),
                note("some arguments are omitted. use `--verbose` to show all linker arguments"),
                note("/usr/bin/ld: /usr/lib/x86_64-linux-gnu/Scrt1.o: in function `_start':\n\
                      (.text+0x1b): undefined reference to `main'\ncollect2: error: ld returned 1"),
            ],
            "rendered": "error: linking with `/opt/bin/cc` failed\n /tmp/rustcAbC/symbols.o",
        });
        assert_eq!(
            said(&[&error.to_string()]).words(),
            "error: the program cannot be linked\nld: Scrt1.o: in function `_start':\n\
             (.text+0x1b): undefined reference to `main'\ncollect2: error: ld returned 1"
        );
    }

    #[test]
    fn a_crash_of_the_compiler_is_no_error_of_the_submission() {
        assert!(Said::read("thread 'rustc' panicked at\n").crashed());
        assert!(!said(&[&error("E0308", "src/a.rs", "")]).crashed());
    }
}
