//! Which submissions of a class are alike: what is compared with what, and how it is
//! told.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::class::{self, Content};
use crate::course::{Course, Exercise};
use crate::gradebook::{self, Book, Files, Gradebook};
use crate::home::Home;
use crate::report::AlikeLine;
use crate::report::html::site::{self, Lines, Side};
use crate::similarity::{self, Other, Pair, Submissions};
use crate::submission::{Sources, is_archive};

/// From how much on two are told of, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threshold {
    /// Nothing is compared.
    Off,
    /// From so many percent on.
    From(u32),
}

impl Default for Threshold {
    fn default() -> Threshold {
        Threshold::From(similarity::THRESHOLD)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Threshold::Off => f.write_str("off"),
            Threshold::From(percent) => percent.fmt(f),
        }
    }
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Threshold, String> {
        if text == "off" {
            return Ok(Threshold::Off);
        }
        let percent = text
            .parse()
            .ok()
            .filter(|percent| (1..=100).contains(percent));
        let percent = percent.ok_or("give a whole number from 1 to 100, or `off`")?;
        Ok(Threshold::From(percent))
    }
}

/// Something that was handed in another year.
pub(super) struct Past {
    /// Whose it is, and where it was found.
    who: String,
    exercise: String,
    files: Files,
}

/// Reads what the class is compared with: classes, and gradebooks with what was
/// handed in.
pub(super) fn past(
    course: &Course,
    home: &Home,
    paths: &[PathBuf],
    notes: &mut Vec<String>,
) -> Result<Vec<Past>> {
    let mut all = Vec::new();
    for path in paths {
        let found = match path.is_file() && !is_archive(path) {
            true => of_gradebook(path)?,
            false => of_class(course, home, path)?,
        };
        if found.is_empty() {
            notes.push(format!(
                "there are no sources in {} to compare with",
                path.display()
            ));
        }
        all.extend(found);
    }
    Ok(all)
}

fn of_class(course: &Course, home: &Home, path: &Path) -> Result<Vec<Past>> {
    let found = class::find(course, home, path, &[])?;
    let mut all = Vec::new();
    for hand_in in &found.hand_ins {
        let exercise = course.exercise(&hand_in.exercise)?;
        let Content::Crate(folder) = &hand_in.content else {
            continue;
        };
        let Some(grading) = &exercise.grading else {
            continue;
        };
        // What would be refused is compared with nothing.
        if let Ok(sources) = Sources::read(folder, grading.rubric.kind)? {
            let name = &found.students[hand_in.student].name;
            all.push(Past {
                who: format!("{name} ({})", path.display()),
                exercise: hand_in.exercise.clone(),
                files: sources.files().clone(),
            });
        }
    }
    Ok(all)
}

fn of_gradebook(path: &Path) -> Result<Vec<Past>> {
    let mut gradebook = Gradebook::open(path)?;
    let texts = gradebook.texts()?;
    let mut all = Vec::new();
    for student in gradebook.book()?.students {
        for (exercise, entry) in student.entries {
            let submission = entry.submission.as_ref();
            if let Some(files) = submission.and_then(|of| texts.get(&of.sources)) {
                all.push(Past {
                    who: format!("{} ({})", student.name, path.display()),
                    exercise,
                    files: files.clone(),
                });
            }
        }
    }
    Ok(all)
}

/// What is compared.
pub(super) struct Compared<'a> {
    /// What the students of the gradebook are called.
    pub(super) students: Vec<String>,
    pub(super) book: &'a Book,
    /// The sources that are kept, by their digest.
    pub(super) texts: &'a HashMap<String, Files>,
    pub(super) course: &'a Course,
    pub(super) past: &'a [Past],
}

/// Two that are alike.
pub(super) struct Alike<'a> {
    pub(super) exercise: String,
    who: [String; 2],
    files: [Cow<'a, Files>; 2],
    pair: Pair,
}

/// What is alike of an exercise.
pub(super) struct OfExercise<'a> {
    /// The exercise.
    pub(super) exercise: &'a str,
    /// The pairs, the most alike first.
    pub(super) pairs: Vec<Alike<'a>>,
    /// How many more may be alike, and were not compared.
    pub(super) not_compared: usize,
}

impl<'a> Compared<'a> {
    /// What is alike of everything in the gradebook, exercise by exercise.
    pub(super) fn alike(&self, threshold: Threshold) -> Result<Vec<OfExercise<'a>>> {
        let Threshold::From(threshold) = threshold else {
            return Ok(Vec::new());
        };
        let mut given = Vec::new();
        for exercise in &self.book.exercises {
            given.push(match self.course.has(&exercise.name) {
                true => Given::read(&self.course.exercise(&exercise.name)?)?,
                false => Given::default(),
            });
        }
        let exercises = self.book.exercises.iter().zip(&given);
        let all = std::thread::scope(|scope| {
            let of = |(exercise, given): (&'a gradebook::Exercise, &'_ Given)| {
                self.of_exercise(&exercise.name, given, threshold)
            };
            let threads: Vec<_> = exercises
                .map(|pair| scope.spawn(move || of(pair)))
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            let found = joined.map(|found| match found {
                Ok(found) => found,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            found.collect()
        });
        Ok(all)
    }

    fn of_exercise(&self, exercise: &'a str, given: &Given, threshold: u32) -> OfExercise<'a> {
        let handed_in = self.book.students.iter().zip(&self.students);
        let (names, class): (Vec<&String>, Vec<&'a Files>) = handed_in
            .filter_map(|(student, name)| {
                let submission = student.entries.get(exercise)?.submission.as_ref()?;
                Some((name, self.texts.get(&submission.sources)?))
            })
            .unzip();
        let past = self.past.iter().filter(|past| past.exercise == exercise);
        let past: Vec<&'a Past> = past.collect();
        let submissions = Submissions {
            class: class.clone(),
            past: past.iter().map(|past| &past.files).collect(),
            starter: (!given.starter.is_empty()).then_some(&given.starter),
            given: vec![&given.others],
        };
        let found = similarity::pairs(&submissions, threshold);
        let alike = found.pairs.into_iter().map(|pair| {
            let (other, files) = match pair.other {
                Other::Class(place) => (names[place].clone(), Cow::Borrowed(class[place])),
                Other::Past(place) => {
                    let Past { who, files, .. } = past[place];
                    (who.clone(), Cow::Borrowed(files))
                }
                Other::Starter => {
                    let starter = given.starter.clone();
                    ("the starter".to_owned(), Cow::Owned(starter))
                }
            };
            Alike {
                exercise: exercise.to_owned(),
                who: [names[pair.one].clone(), other],
                files: [Cow::Borrowed(class[pair.one]), files],
                pair,
            }
        });
        OfExercise {
            exercise,
            pairs: alike.collect(),
            not_compared: found.not_compared,
        }
    }
}

impl Alike<'_> {
    /// It as a line.
    pub(super) fn line(&self) -> AlikeLine {
        let [one, other] = self.who.clone();
        let shares = self.pair.shares();
        AlikeLine {
            exercise: self.exercise.clone(),
            who: [(one, shares[0]), (other, shares[1])],
            tokens: self.pair.tokens[0],
        }
    }

    /// It as a page.
    pub(super) fn page(&self) -> site::Alike {
        let shares = self.pair.shares();
        let side = |side: usize| Side {
            who: self.who[side].clone(),
            share: shares[side],
            tokens: self.pair.tokens[side],
            sources: self.files[side].clone().into_owned(),
        };
        let lines = |region: &similarity::Region| Lines {
            file: region.file.clone(),
            first: region.lines.0,
            last: region.lines.1,
        };
        let regions = self.pair.regions.iter();
        site::Alike {
            exercise: self.exercise.clone(),
            sides: [side(0), side(1)],
            regions: regions.map(|region| region.each_ref().map(lines)).collect(),
        }
    }
}

/// Most pairs of an exercise that have a page.
const PAGES: usize = 100;

/// The most alike of an exercise.
pub(super) fn most<'a, 'b>(all: &'b OfExercise<'a>) -> &'b [Alike<'a>] {
    &all.pairs[..all.pairs.len().min(PAGES)]
}

/// What students were given.
#[derive(Default)]
struct Given {
    starter: Files,
    /// The tests that they can see, and the code of the README.
    others: Files,
}

impl Given {
    fn read(exercise: &Exercise) -> Result<Given> {
        let mut others = rust(&exercise.folder.join("tests"))?;
        let readme = exercise.folder.join("README.md");
        let text = std::fs::read_to_string(&readme)
            .with_context(|| format!("cannot read {}", readme.display()))?;
        for (number, code) in codes(&text).enumerate() {
            others.insert(format!("README {number}"), code);
        }
        let starter = rust(&exercise.folder.join("src"))?;
        Ok(Given { starter, others })
    }
}

/// The Rust sources below a folder, if there is one.
fn rust(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in WalkDir::new(folder) {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let within = path.strip_prefix(folder.parent().unwrap_or(folder));
            let name = within.unwrap_or(path).display().to_string();
            files.insert(name, text);
        }
    }
    Ok(files)
}

/// What stands between fences in a text.
fn codes(text: &str) -> impl Iterator<Item = String> {
    let pieces = text.split("\n```").skip(1).step_by(2);
    pieces.map(|piece| {
        piece
            .split_once('\n')
            .map_or("", |(_, code)| code)
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gradebook::{HandedIn, NewStudent};

    #[test]
    fn a_threshold_is_a_share_or_off() {
        assert_eq!("off".parse(), Ok(Threshold::Off));
        assert_eq!("100".parse(), Ok(Threshold::From(100)));
        for wrong in ["0", "101", "-1", "much", ""] {
            let error = wrong.parse::<Threshold>().unwrap_err();
            assert!(error.contains("from 1 to 100"), "{error}");
        }
    }

    /// A gradebook in which one student has handed in each reference solution, with
    /// another comment.
    fn gradebook(path: &Path, solutions: &[Past]) {
        let mut gradebook = Gradebook::open_or_create(path).unwrap();
        let (key, name) = ("ann".to_owned(), "Ann".to_owned());
        let student = NewStudent {
            key,
            name,
            ..NewStudent::default()
        };
        gradebook.add_students(&[student]).unwrap();
        for solution in solutions {
            let name = solution.exercise.clone();
            let exercise = crate::gradebook::Exercise {
                title: name.clone(),
                name,
                points: 1,
            };
            gradebook.add_exercises(&[exercise]).unwrap();
            let handed_in = HandedIn {
                student: "ann".to_owned(),
                exercise: solution.exercise.clone(),
                handed_in_as: String::new(),
                lms_id: None,
                late: false,
                sources: format!("digest of {}", solution.exercise),
            };
            gradebook.hand_in(std::slice::from_ref(&handed_in)).unwrap();
            let mut files = solution.files.clone();
            for text in files.values_mut() {
                text.push_str("// Mine.\n");
            }
            gradebook.keep(&[(handed_in.sources, &files)]).unwrap();
        }
    }

    #[test]
    fn a_class_is_compared_with_folders_and_with_gradebooks() {
        let home = Home::find().unwrap();
        let course = Course::open(home.root()).unwrap();
        let mut notes = Vec::new();
        let folder = home.root().join("solutions");
        let solutions = past(&course, &home, &[folder], &mut notes).unwrap();
        assert!(solutions.len() >= 5);
        let own = tempfile::tempdir().unwrap();
        let path = own.path().join("autumn.sqlite");
        gradebook(&path, &solutions);
        let mut opened = Gradebook::open(&path).unwrap();
        let (book, texts) = (opened.book().unwrap(), opened.texts().unwrap());
        let of_gradebook = past(&course, &home, &[path], &mut notes).unwrap();
        for past in [&solutions, &of_gradebook] {
            let compared = Compared {
                students: vec!["Ann".to_owned()],
                book: &book,
                texts: &texts,
                course: &course,
                past,
            };
            assert!(compared.alike(Threshold::Off).unwrap().is_empty());
            let alike = compared.alike(Threshold::From(100)).unwrap();
            assert!(alike.iter().all(|of| of.not_compared == 0));
            let pairs: Vec<_> = alike.iter().flat_map(|of| &of.pairs).collect();
            assert_eq!(pairs.len(), solutions.len());
            for (pair, past) in pairs.into_iter().zip(past) {
                assert_eq!(pair.who, ["Ann".to_owned(), past.who.clone()]);
                assert_eq!(pair.page().sides[1].sources, past.files);
                assert_eq!(pair.line().who[0].1, 100);
            }
        }
        let empty = own.path().join("empty.sqlite");
        gradebook(&empty, &[]);
        past(&course, &home, &[empty], &mut notes).unwrap();
        assert!(notes.len() == 1 && notes[0].contains("there are no sources in"));
    }

    #[test]
    fn code_in_a_readme_is_what_stands_between_fences() {
        let text = "# A\n\n```rust\nfn a() {}\n```\nb\n```text\nc\n```\nd";
        let codes: Vec<String> = codes(text).collect();
        assert_eq!(codes, ["fn a() {}", "c"]);
    }
}
