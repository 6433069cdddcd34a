//! The tests of one file, as a crate that stable Rust can compile.
//!
//! The text of the file is not rewritten. What stable Rust has no use for is
//! blanked out, so that what is left keeps its lines, and the tests are made
//! visible to the `main` that is put beside them.

use std::collections::BTreeSet;
use std::ops::Range;

/// The tests of one file, or the examples of one page.
#[derive(Debug)]
pub(crate) struct Suite {
    /// The file, as it is told to people.
    pub(crate) file: String,
    /// Its text.
    pub(crate) text: String,
    /// What is changed in it before it is compiled.
    pub(crate) edits: Vec<Edit>,
    /// The parts that can be taken out, each for itself.
    pub(crate) items: Vec<Item>,
    /// The tests.
    pub(crate) tests: Vec<Test>,
    /// What stands around it.
    pub(crate) place: Place,
}

/// Something that is put in the place of a range of the text.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    /// `None` for blanks.
    pub(crate) text: Option<&'static str>,
}

/// A part of a text that can be taken out.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) range: Range<usize>,
    /// The name that it gives to the others; `*` for an import of everything.
    pub(crate) name: Option<String>,
}

/// A test.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) name: String,
    /// How it is called from the module of the file.
    pub(crate) call: String,
    /// The range of what defines it.
    pub(crate) range: Range<usize>,
    /// The predicates of its `cfg`s.
    pub(crate) cfgs: Vec<String>,
    /// The predicates under which it is ignored.
    pub(crate) ignored: Vec<String>,
    /// Whether it must panic, and with what in its message.
    pub(crate) panics: Option<String>,
    /// Why it cannot be run whatever the compiler says of it.
    pub(crate) excluded: Option<String>,
    /// Whether those who wrote it do not always run it themselves.
    pub(crate) optional: bool,
}

/// Where a text stands in its crate.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) edition: String,
    /// The modules around it, from the root; the last one is the text itself.
    pub(crate) modules: Vec<String>,
    /// Whether it is a part of std that says `crate` where others say `std`.
    pub(crate) inside_std: bool,
    /// Whether its tests are programs, which run on the main thread.
    pub(crate) programs: bool,
    /// The file of helpers that the tests call `crate::common`.
    pub(crate) common: Option<std::path::PathBuf>,
    /// The file of helpers that a part of std calls `test`.
    pub(crate) helpers: Option<Helpers>,
}

/// A file of helpers that is a module of one of the modules around a text.
#[derive(Debug, Clone)]
pub(crate) struct Helpers {
    /// How many modules are around it.
    pub(crate) depth: usize,
    pub(crate) file: std::path::PathBuf,
}

impl Suite {
    /// The text that is compiled, without these items.
    pub(crate) fn text_without(&self, taken_out: &BTreeSet<usize>) -> String {
        let ranges = taken_out.iter().filter_map(|item| self.items.get(*item));
        let gone: Vec<Range<usize>> = ranges.map(|item| item.range.clone()).collect();
        let mut edits: Vec<(Range<usize>, Option<&str>)> = self
            .edits
            .iter()
            .filter(|edit| !gone.iter().any(|gone| contains(gone, &edit.range)))
            .map(|edit| (edit.range.clone(), edit.text))
            .collect();
        for range in &gone {
            let inside = |other: &&Range<usize>| *other != range && contains(other, range);
            if !gone.iter().any(|other| inside(&other)) {
                edits.push((range.clone(), None));
            }
        }
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, replacement) in edits {
            text.push_str(self.text.get(at..range.start).unwrap_or_default());
            let old = self.text.get(range.clone()).unwrap_or_default();
            match replacement {
                Some(replacement) => text.push_str(replacement),
                None => text.extend(old.chars().map(|c| if c == '\n' { '\n' } else { ' ' })),
            }
            at = range.end.max(at);
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        text
    }

    /// The smallest item around a byte of the text that is compiled without
    /// these items.
    pub(crate) fn item_at(&self, line: usize, column: usize) -> Option<usize> {
        let at = self.offset(line, column)?;
        let around = self.items.iter().enumerate();
        around
            .filter(|(_, item)| item.range.contains(&at))
            .min_by_key(|(_, item)| item.range.len())
            .map(|(index, _)| index)
    }

    /// Where a line and a column, counted from 1, are in the original text.
    /// What is inserted is short and stands before a name, so that a column
    /// that is a little too large is still in the same item.
    fn offset(&self, line: usize, column: usize) -> Option<usize> {
        let start: usize = self
            .text
            .split_inclusive('\n')
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let text = self.text.get(start..)?.split_inclusive('\n').next()?;
        let inserted: usize = self
            .edits
            .iter()
            .filter(|edit| {
                edit.range.is_empty() && (start..start + text.len()).contains(&edit.range.start)
            })
            .filter(|edit| edit.range.start < start + column)
            .map(|edit| edit.text.map_or(0, str::len))
            .sum();
        let wanted = column.checked_sub(1)?.saturating_sub(inserted);
        let offset = text
            .char_indices()
            .nth(wanted)
            .map_or(text.len(), |(at, _)| at);
        Some(start + offset)
    }

    /// The root of the crate, with those of the tests that are still there.
    pub(crate) fn root(&self, taken_out: &BTreeSet<usize>, module_file: &str) -> String {
        let mut root = String::from("#![allow(warnings)]\n");
        root.push_str(HARNESS);
        if self.place.inside_std {
            root.push_str("pub use ::std::*;\n");
        }
        if let Some(common) = &self.place.common {
            root.push_str(&format!(
                "#[path = {:?}]\nmod common;\n",
                common.display().to_string()
            ));
        }
        let (last, around) = match self.place.modules.split_last() {
            Some((last, around)) => (last.as_str(), around),
            None => ("tests", &[][..]),
        };
        // Without tests nothing is asked of the modules around them either.
        let around = match self.tests_without(taken_out).next() {
            Some(_) => around,
            None => &[],
        };
        let mut path = String::from("std");
        for (depth, module) in (1..).zip(around) {
            path.push_str("::");
            path.push_str(module);
            root.push_str(&format!("pub mod {module} {{\n"));
            // What else is a module of std's sources shows its items in the
            // one above it.
            if path.matches("::").count() == 1 || PUBLIC.contains(&path.as_str()) {
                root.push_str(&format!("pub use ::{path}::*;\n"));
            } else {
                root.push_str("pub use super::*;\n");
            }
            if let Some(helpers) = &self.place.helpers
                && helpers.depth == depth
            {
                root.push_str(&format!(
                    "#[path = {:?}]\npub mod test;\n",
                    helpers.file.display().to_string()
                ));
            }
        }
        root.push_str(&format!("#[path = {module_file:?}]\npub mod {last};\n"));
        root.push_str(&"}\n".repeat(around.len()));
        root.push_str(&format!(
            "const ON_MAIN_THREAD: bool = {};\n",
            self.place.programs
        ));
        let mut names = String::new();
        let mut arms = String::new();
        for test in self.tests_without(taken_out) {
            names.push_str(&format!("{:?},", test.name));
            for cfg in &test.cfgs {
                arms.push_str(&format!("#[cfg({cfg})] "));
            }
            let ignored: String = test
                .ignored
                .iter()
                .map(|cfg| format!("|| cfg!({cfg})"))
                .collect();
            arms.push_str(&format!(
                "{:?} => Test {{ run: || code({}::{}()), ignored: false {ignored}, panics: {:?} }},\n",
                test.name,
                self.place.modules.join("::"),
                test.call,
                test.panics,
            ));
        }
        root.push_str(&format!("const NAMES: &[&str] = &[{names}];\n"));
        root.push_str(&format!(
            "fn find(name: &str) -> Option<Test> {{ Some(match name {{\n{arms}_ => return None }}) }}\n"
        ));
        root
    }

    /// The tests that are left when these items are taken out.
    pub(crate) fn tests_without(&self, taken_out: &BTreeSet<usize>) -> impl Iterator<Item = &Test> {
        self.tests
            .iter()
            .filter(|test| test.excluded.is_none())
            .filter(|test| self.taken_with(test, taken_out).is_none())
    }

    /// The item with which a test is taken out.
    pub(crate) fn taken_with(&self, test: &Test, taken_out: &BTreeSet<usize>) -> Option<usize> {
        taken_out.iter().copied().find(|item| {
            self.items
                .get(*item)
                .is_some_and(|item| contains(&item.range, &test.range))
        })
    }
}

/// The modules of modules of std that have a name outside of it.
const PUBLIC: [&str; 3] = ["std::sync::atomic", "std::sync::mpmc", "std::sync::mpsc"];

/// The head of every root.
const HARNESS: &str = include_str!("../harness/main.rs");

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
#![feature(x)]
use std::sync::{Arc, Mapped, Mutex};
use std::thread;

#[test]
#[should_panic = \"no\"]
fn panics() {}

mod inner {
    #[test]
    #[cfg_attr(miri, ignore)]
    fn one() {}
}
";

    fn suite() -> Suite {
        let place = Place {
            edition: "2024".to_owned(),
            modules: vec!["sync".to_owned(), "mutex".to_owned(), "tests".to_owned()],
            inside_std: true,
            programs: false,
            common: None,
            helpers: None,
        };
        crate::source::read("tests.rs".to_owned(), TEXT.to_owned(), place).unwrap()
    }

    fn item(suite: &Suite, name: &str) -> usize {
        let named = |item: &Item| item.name.as_deref() == Some(name);
        suite.items.iter().position(named).unwrap()
    }

    #[test]
    fn what_is_compiled_keeps_its_lines() {
        let suite = suite();
        let taken_out = BTreeSet::from([item(&suite, "Mapped"), item(&suite, "thread")]);
        let text = suite.text_without(&taken_out);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), TEXT.lines().count());
        assert_eq!(lines[0].trim(), "");
        assert_eq!(lines[1].replace(' ', ""), "usestd::sync::{Arc,Mutex};");
        assert_eq!(lines[2].trim(), "");
        assert_eq!(lines[5].trim(), "");
        assert_eq!(lines[6], "pub fn panics() {}");
        assert_eq!(lines[8], "pub mod inner {");
        assert_eq!(lines[11], "    pub fn one() {}");
    }

    #[test]
    fn an_error_is_blamed_on_the_smallest_part() {
        let suite = suite();
        assert_eq!(suite.item_at(2, 22), Some(item(&suite, "Mapped")));
        assert_eq!(suite.item_at(7, 8), Some(item(&suite, "panics")));
        assert_eq!(suite.item_at(12, 12), Some(item(&suite, "one")));
    }

    #[test]
    fn tests_are_found_with_what_they_must_do() {
        let suite = suite();
        let names: Vec<&str> = suite.tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["panics", "inner::one"]);
        assert_eq!(suite.tests[0].panics.as_deref(), Some("no"));
        // What Miri ignores is run here.
        assert_eq!(suite.tests[1].ignored, ["any()"]);
    }

    #[test]
    fn a_test_goes_with_the_module_that_it_is_in() {
        let suite = suite();
        let taken_out = BTreeSet::from([item(&suite, "inner")]);
        let left: Vec<_> = suite
            .tests_without(&taken_out)
            .map(|test| &test.name)
            .collect();
        assert_eq!(left, ["panics"]);
    }

    #[test]
    fn a_part_of_std_stands_in_the_modules_that_it_is_in() {
        let root = suite().root(&BTreeSet::new(), "text.rs");
        assert!(root.contains("pub mod sync {\npub use ::std::sync::*;\n"));
        assert!(root.contains("pub mod mutex {\npub use super::*;\n"));
        assert!(root.contains("code(sync::mutex::tests::inner::one())"));
    }
}
