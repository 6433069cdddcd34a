//! What the compiler says, told apart.

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

    /// The errors in the compiler's own words, as many as can be shown.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        let mut left_out = 0;
        for error in self.errors() {
            let text = error.rendered.as_deref().unwrap_or(&error.message).trim();
            if words.len() + text.len() <= SHOWN {
                words.push_str(text);
                words.push_str("\n\n");
            } else if words.is_empty() {
                words.push_str(&text[..text.floor_char_boundary(SHOWN)]);
                words.push_str(" ...\n\n");
            } else {
                left_out += 1;
            }
        }
        // What the compiler calls by the names of our libraries is std's.
        let words = words
            .replace("lockstep_std::", "std::")
            .replace("lockstep_core::", "core::");
        match left_out {
            0 if words.is_empty() => self.other.trim().to_owned(),
            0 => words.trim_end().to_owned(),
            1 => format!("{words}... and 1 more error"),
            _ => format!("{words}... and {left_out} more errors"),
        }
    }
}

impl Diagnostic {
    fn code(&self) -> &str {
        self.code
            .as_ref()
            .map(|code| code.code.as_str())
            .unwrap_or_default()
    }

    /// The last line counts the errors; it is no error itself.
    fn is_summary(&self) -> bool {
        self.code.is_none() && self.spans.is_empty() && self.message.starts_with("aborting due to")
    }

    fn place(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_crash_of_the_compiler_is_no_error_of_the_submission() {
        assert!(Said::read("thread 'rustc' panicked at\n").crashed());
        assert!(!said(&[&error("E0308", "src/a.rs", "")]).crashed());
    }
}
