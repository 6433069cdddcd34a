//! The examples of the standard library's documentation, as the toolchain's
//! component `rust-docs` has them.
//!
//! Each example has a link that opens it in a playground, and the link holds
//! the whole program, with the lines that the page does not show.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use walkdir::WalkDir;

use crate::source;
use crate::suite::{Edit, Item, Place, Suite, Test};

/// The pages of what is replaced, and of what can wait.
const PAGES: [&str; 15] = [
    "std/sync",
    "std/thread",
    "std/time",
    "std/net",
    "std/io/pipe",
    "std/io/fn.pipe.html",
    "std/io/struct.PipeReader.html",
    "std/io/struct.PipeWriter.html",
    "std/macro.thread_local.html",
    "std/process/fn.exit.html",
    "std/panic/fn.catch_unwind.html",
    "std/panic/fn.resume_unwind.html",
    "std/panic/fn.set_hook.html",
    "std/panic/fn.take_hook.html",
    "std/hint/fn.spin_loop.html",
];

/// A suite for each page with examples.
pub(crate) fn suites(html: &Path) -> Result<Vec<Suite>> {
    let mut pages: Vec<PathBuf> = Vec::new();
    for folder in PAGES {
        let found = WalkDir::new(html.join(folder)).sort_by_file_name();
        let found = found
            .into_iter()
            .flatten()
            .map(walkdir::DirEntry::into_path);
        pages.extend(found.filter(|path| path.extension().is_some_and(|end| end == "html")));
    }
    ensure!(
        !pages.is_empty(),
        "there is no documentation of the standard library in {}; install it with `rustup component add \
         rust-docs`",
        html.display()
    );
    let mut suites = Vec::new();
    // Some pages are there under two names, and a type's examples are also on
    // the pages of what implements it.
    let mut seen = BTreeSet::new();
    for page in pages {
        let text = std::fs::read_to_string(&page)
            .with_context(|| format!("cannot read {}", page.display()))?;
        let short = page.strip_prefix(html).unwrap_or(&page);
        let mut examples = examples(&text);
        examples.retain(|example| seen.insert(example.code.clone()));
        // A crate has one edition.
        let editions: BTreeSet<String> = examples
            .iter()
            .map(|example| example.edition.clone())
            .collect();
        for edition in editions {
            let of_it = examples.iter().filter(|example| example.edition == edition);
            suites.push(suite(short, &edition, of_it)?);
        }
    }
    Ok(suites)
}

/// A program of the documentation.
#[derive(Debug)]
struct Example {
    code: String,
    edition: String,
    /// The classes of the box that it is shown in.
    classes: String,
    /// The part of the page that it belongs to.
    part: String,
}

fn suite<'a>(
    page: &Path,
    edition: &str,
    examples: impl Iterator<Item = &'a Example>,
) -> Result<Suite> {
    let mut suite = Suite {
        file: page.display().to_string(),
        text: String::new(),
        edits: Vec::new(),
        items: Vec::new(),
        tests: Vec::new(),
        place: Place {
            edition: edition.to_owned(),
            modules: vec!["examples".to_owned()],
            inside_std: false,
            programs: true,
            common: None,
            helpers: None,
        },
    };
    for (number, example) in (1..).zip(examples) {
        let has = |class: &str| example.classes.split(' ').any(|one| one == class);
        let start = suite.text.len();
        suite
            .text
            .push_str(&format!("pub mod example_{number} {{\n"));
        let inside = suite.text.len();
        suite.text.push_str(&example.code);
        suite.text.push_str("\n}\n");
        let range = start..suite.text.len();
        let mut excluded = has("compile_fail").then(|| "it must not compile".to_owned());
        // A function of another language that is nowhere cannot be linked.
        if has("ignore") && example.code.contains("extern \"C\"") {
            excluded = Some(crate::run::NOT_RUN.to_owned());
        }
        match source::main_and_features(&example.code) {
            Some(found) => suite.edits.extend(found.into_iter().map(|edit| Edit {
                range: edit.range.start + inside..edit.range.end + inside,
                ..edit
            })),
            None => excluded = Some("it is no program".to_owned()),
        }
        if excluded.is_some() {
            suite.text.truncate(start);
            suite.edits.retain(|edit| edit.range.start < start);
        } else {
            suite.items.push(Item {
                range: range.clone(),
                name: None,
            });
        }
        suite.tests.push(Test {
            name: format!("{}#{number}", example.part),
            call: format!("example_{number}::main"),
            range,
            cfgs: Vec::new(),
            ignored: Vec::new(),
            panics: has("should_panic").then(String::new),
            excluded,
            optional: has("ignore"),
        });
    }
    Ok(suite)
}

/// The examples of a page, in its order.
fn examples(page: &str) -> Vec<Example> {
    const BOX: &str = "<div class=\"example-wrap";
    const LINK: &str = "?code=";
    let mut examples = Vec::new();
    let mut part = String::new();
    let mut rest = page;
    while let Some(at) = rest.find(BOX) {
        let before = rest.get(..at).unwrap_or_default();
        for id in before.split(" id=\"").skip(1) {
            let id = id.split('"').next().unwrap_or_default();
            if id.contains('.') {
                part = id.to_owned();
            }
        }
        rest = rest.get(at + BOX.len()..).unwrap_or_default();
        let wrapped = rest
            .find(BOX)
            .and_then(|end| rest.get(..end))
            .unwrap_or(rest);
        let classes = wrapped.split('"').next().unwrap_or_default();
        let Some((_, link)) = wrapped.split_once(LINK) else {
            continue;
        };
        let link = link.split('"').next().unwrap_or_default();
        let mut parameters = link.split("&amp;");
        let code = decode(parameters.next().unwrap_or_default());
        let edition = parameters.find_map(|one| one.strip_prefix("edition="));
        examples.push(Example {
            code,
            edition: edition.unwrap_or("2024").to_owned(),
            classes: classes.trim().to_owned(),
            part: part.clone(),
        });
    }
    examples
}

/// The text of a part of an address.
fn decode(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || {
                    char::from(rest.next().unwrap_or(b'0'))
                        .to_digit(16)
                        .unwrap_or(0)
                };
                let (high, low) = (digit(), digit());
                u8::try_from(high * 16 + low).unwrap_or(b'?')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_read_with_its_hidden_lines() {
        let page = "<section id=\"method.new\"><div class=\"example-wrap should_panic\"><pre>\
                    <a href=\"https://play.example/?code=%23!%5Ballow(unused)%5D%0Afn+main()+%7B%7D&amp;edition=2021\">\
                    </a></pre></div><div class=\"example-wrap\"><pre>no program</pre></div>";
        let found = examples(page);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, "#![allow(unused)]\nfn main() {}");
        assert_eq!(found[0].edition, "2021");
        assert_eq!(found[0].classes, "should_panic");
        assert_eq!(found[0].part, "method.new");
    }
}
