//! Finds the students of a class and what each has handed in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::home::Folder;
use anyhow::{Context as _, Result};

use super::around::{self, Reading};
use super::crates::{Candidate, Search};
use super::names::{self, Named, Who};
use super::unopened;
use crate::course::Course;
use crate::exit::usage;
use crate::home::Home;
use crate::submission::{self, What};

/// What was found.
#[derive(Debug)]
pub(crate) struct Class {
    /// Everybody of whom there is something, by their keys.
    pub(crate) students: Vec<Who>,
    /// What they have handed in, by student and then by exercise.
    pub(crate) hand_ins: Vec<HandIn>,
    /// Of whom there is something that no crate can be made of: the place in
    /// `students`, and the exercise if it tells.
    pub(crate) unopened: Vec<(usize, Option<String>)>,
    /// What whoever grades should know of: sentences.
    pub(crate) notes: Vec<String>,
    /// What archives were unpacked to, there as long as this is.
    _unpacked: Vec<Folder>,
}

/// What a student has handed in for an exercise.
#[derive(Debug)]
pub(crate) struct HandIn {
    /// The student's place in [`Class::students`].
    pub(crate) student: usize,
    /// The exercise.
    pub(crate) exercise: String,
    /// The path that it was found at.
    pub(crate) shown: String,
    /// The number that the LMS has for the student.
    pub(crate) lms_id: Option<String>,
    /// Whether the LMS says that it was late.
    pub(crate) late: bool,
    /// What is graded.
    pub(crate) content: Content,
    /// The folder of the git clone that it lies in, if it does.
    pub(crate) clone: Option<PathBuf>,
}

/// What is graded.
#[derive(Debug)]
pub(crate) enum Content {
    /// A crate's folder.
    Crate(PathBuf),
    /// Nothing, since it may not be unpacked.
    Refused(String),
}

/// A folder or a file of the class, and what its name says.
pub(super) struct Piece {
    pub(super) named: Named,
    pub(super) path: PathBuf,
    pub(super) shown: PathBuf,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Folder,
    Archive,
    Source,
    /// Nothing that a crate can be in.
    Other,
}

/// Finds the class at a path: a folder of students' folders or archives, or such
/// a folder in a ZIP file. With `wanted`, only what is for these exercises.
pub(crate) fn find(course: &Course, home: &Home, path: &Path, wanted: &[String]) -> Result<Class> {
    if !path.exists() {
        usage!(
            "there is no {}; give a folder with one folder a student, or the ZIP file of an LMS",
            path.display()
        );
    }
    let mut unpacked = Vec::new();
    let root = if submission::is_archive(path) {
        let into = home.scratch()?;
        if let Err(refusal) = submission::unpack(path, What::Class, into.path())? {
            usage!("{} cannot be unpacked: {refusal}", path.display());
        }
        let root = into.path().to_owned();
        unpacked.push(into);
        root
    } else {
        path.to_owned()
    };
    if !root.is_dir() {
        usage!(
            "{} is a file; give a folder with one folder a student, or the ZIP file of an LMS",
            path.display()
        );
    }
    if submission::crate_at(&root).is_some() {
        usage!(
            "{} is one crate; give a folder with one folder a student, or grade it with `grader \
             grade`",
            path.display()
        );
    }
    let mut notes = Vec::new();
    let mut pieces = pieces(course, &root, path, &mut notes)?;
    // What an LMS packs, or who packs it again, may be in a folder of its own.
    loop {
        let mut search = Search {
            course,
            home,
            unpacked: &mut unpacked,
        };
        match inner(&mut search, &pieces, path, &mut notes)? {
            Some(within) => pieces = within,
            None => break,
        }
    }
    if pieces.is_empty() {
        usage!(
            "nobody has handed in anything in {}; give a folder with one folder a student, or the \
             ZIP file of an LMS",
            path.display()
        );
    }
    tell_namesakes_apart(&mut pieces);
    gather(course, home, pieces, wanted, unpacked, notes)
}

/// Finds what one student has handed in, whatever lies at a path: a class of one.
pub(crate) fn of_one(
    course: &Course,
    home: &Home,
    path: &Path,
    wanted: &[String],
    student: &str,
) -> Result<Class> {
    let kind = match path.is_dir() {
        true => Kind::Folder,
        false if submission::is_archive(path) => Kind::Archive,
        false => usage!(
            "{} is no folder and no ZIP file; give what {student} has handed in",
            path.display()
        ),
    };
    let piece = Piece {
        named: Named {
            who: Who {
                key: student.to_owned(),
                name: student.to_owned(),
                lms_id: None,
            },
            exercise: None,
            late: false,
            file: None,
            by_lms: false,
            typed: false,
        },
        path: path.to_owned(),
        shown: path.to_owned(),
        kind,
    };
    gather(course, home, vec![piece], wanted, Vec::new(), Vec::new())
}

/// What is in the only folder of these pieces, if the class is there and not here.
fn inner(
    search: &mut Search<'_>,
    pieces: &[Piece],
    path: &Path,
    notes: &mut Vec<String>,
) -> Result<Option<Vec<Piece>>> {
    let [only] = pieces else {
        return Ok(None);
    };
    let is_folder = matches!(only.kind, Kind::Folder);
    if !is_folder || only.named.by_lms || submission::crate_at(&only.path).is_some() {
        return Ok(None);
    }
    let mut of_within = Vec::new();
    let within = self::pieces(search.course, &only.path, &only.shown, &mut of_within)?;
    let name = only.path.file_name().unwrap_or_default().display();
    let the_only = format!("`{name}`, the only folder in {},", path.display());
    let instead = match submission::is_archive(path) {
        true => "pack what is in it without it".to_owned(),
        false => format!("give {}", only.shown.display()),
    };
    match around::reading(search, only, &within, path)? {
        Reading::Student => Ok(None),
        Reading::RatherStudent(inner) => {
            notes.push(format!(
                "{the_only} is taken for a student; if `{inner}` in it is one, {instead}"
            ));
            Ok(None)
        }
        Reading::Class => {
            notes.extend(of_within);
            Ok(Some(within))
        }
        Reading::RatherClass => {
            notes.extend(of_within);
            notes.push(format!(
                "what is in {the_only} is taken for students; if it is one student's, give \
                 --student NAME"
            ));
            Ok(Some(within))
        }
        Reading::Either([one, other]) => usage!(
            "{the_only} has the same exercise in {one} and in {other}; if these are two students, \
             {instead}; if they are one student's, give --student NAME"
        ),
    }
}

/// What GitHub Classroom's folder `<assignment>-submissions` is for.
pub(super) fn assignment_of(folder: &Path) -> Option<String> {
    let name = folder.file_name()?.to_str()?;
    name.strip_suffix("-submissions").map(str::to_owned)
}

/// What is in a folder, by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let context = || format!("cannot read the folder {}", folder.display());
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        entries.push(entry.with_context(context)?.path());
    }
    entries.sort();
    Ok(entries)
}

/// What a folder has in it that may be handed in, and notes on what is nobody's.
pub(super) fn pieces(
    course: &Course,
    folder: &Path,
    shown: &Path,
    notes: &mut Vec<String>,
) -> Result<Vec<Piece>> {
    // The name as given: what is unpacked lies in a folder of another name.
    let assignment = assignment_of(shown).or_else(|| assignment_of(folder));
    let mut pieces = Vec::new();
    for path in entries(folder)? {
        let file_name = path.file_name().unwrap_or_default();
        let shown = shown.join(file_name);
        let Some(name) = file_name.to_str() else {
            notes.push(format!(
                "the name of {} is not UTF-8, and nothing in it is graded: call it after its \
                 student",
                shown.display()
            ));
            continue;
        };
        let kind = if path.is_dir() {
            Kind::Folder
        } else if !path.is_file() {
            continue;
        } else if submission::is_archive(&path) {
            Kind::Archive
        } else if name.ends_with(".rs") {
            Kind::Source
        } else {
            Kind::Other
        };
        let stem = match kind {
            Kind::Archive => path.file_stem().and_then(|stem| stem.to_str()),
            Kind::Other => packed_otherwise(name),
            Kind::Folder | Kind::Source => None,
        };
        let whole = names::read(name, course.names(), assignment.as_deref());
        let by_lms = whole.as_ref().is_some_and(|named| named.by_lms);
        let named = match stem {
            // What Canvas or Moodle says of a file that cannot be opened has its
            // whole name in it.
            Some(stem) if !(by_lms && matches!(kind, Kind::Other)) => {
                names::read(stem, course.names(), assignment.as_deref())
            }
            _ => whole,
        };
        let Some(named) = named else {
            continue;
        };
        // Whose a bare file is only an LMS's name of it tells.
        match kind {
            Kind::Source if !by_lms => {
                notes.push(format!(
                    "cannot tell whose {} is: put it in a folder that is called after its student",
                    shown.display()
                ));
                continue;
            }
            Kind::Other if !by_lms && stem.is_none() => continue,
            _ => {}
        }
        let kind = if named.typed { Kind::Other } else { kind };
        pieces.push(Piece {
            named,
            path,
            shown,
            kind,
        });
    }
    Ok(pieces)
}

/// The name of an archive that is no ZIP file, without its endings; none for
/// another file's.
fn packed_otherwise(name: &str) -> Option<&str> {
    let endings = [
        "7z", "bz2", "gz", "rar", "tar", "tbz2", "tgz", "txz", "xz", "zst",
    ];
    let (stem, ending) = name.rsplit_once('.')?;
    let is_packed = endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known));
    is_packed.then(|| stem.strip_suffix(".tar").unwrap_or(stem))
}

/// Gives those of one name and several numbers keys of their own.
fn tell_namesakes_apart(pieces: &mut [Piece]) {
    let mut numbers: BTreeMap<String, BTreeSet<Option<String>>> = BTreeMap::new();
    for Piece { named, .. } in pieces.iter() {
        let of = numbers.entry(named.who.key.clone()).or_default();
        of.insert(named.who.lms_id.clone());
    }
    for Piece { named, .. } in pieces {
        if numbers[&named.who.key].len() > 1
            && let Some(id) = &named.who.lms_id
        {
            named.who.key = format!("{} ({id})", named.who.key);
        }
    }
}

fn gather(
    course: &Course,
    home: &Home,
    pieces: Vec<Piece>,
    wanted: &[String],
    mut unpacked: Vec<Folder>,
    notes: Vec<String>,
) -> Result<Class> {
    let mut of_students: BTreeMap<Who, Vec<Piece>> = BTreeMap::new();
    for piece in pieces {
        let of = of_students.entry(piece.named.who.clone()).or_default();
        of.push(piece);
    }
    let mut class = Class {
        students: Vec::new(),
        hand_ins: Vec::new(),
        unopened: Vec::new(),
        notes,
        _unpacked: Vec::new(),
    };
    let mut search = Search {
        course,
        home,
        unpacked: &mut unpacked,
    };
    for (who, pieces) in of_students {
        let student = class.students.len();
        let mut chosen: BTreeMap<String, HandIn> = BTreeMap::new();
        let mut nameless = Vec::new();
        let (others, pieces): (Vec<Piece>, Vec<Piece>) = pieces
            .into_iter()
            .partition(|piece| matches!(piece.kind, Kind::Other));
        let mut unopened = Vec::new();
        for piece in &others {
            unopened.extend(unopened::in_piece(piece, course.names())?);
        }
        let mut opened = Vec::new();
        for (whole, candidates) in candidates(&mut search, pieces)? {
            let piece = &whole.named;
            let hand_in = |exercise: String, candidate: Candidate| HandIn {
                student,
                exercise,
                shown: candidate.shown.display().to_string(),
                lms_id: piece.who.lms_id.clone(),
                late: piece.late,
                clone: candidate.clone,
                content: match candidate.folder {
                    Ok(folder) => Content::Crate(folder),
                    Err(why) => Content::Refused(why),
                },
            };
            let of_any = !candidates.is_empty();
            let mut of_piece: BTreeMap<String, HandIn> = BTreeMap::new();
            for candidate in candidates {
                match candidate.exercise.clone() {
                    None => nameless.push(hand_in(String::new(), candidate)),
                    Some(exercise) => {
                        let hand_in = hand_in(exercise.clone(), candidate);
                        match of_piece.get(&exercise) {
                            Some(first) => class.notes.push(twice(&who, first, &hand_in)),
                            None => drop(of_piece.insert(exercise, hand_in)),
                        }
                    }
                }
            }
            // A repository for one exercise may have the others' starters, too.
            if let Some(one) = &piece.exercise
                && of_piece.contains_key(one)
            {
                of_piece.retain(|exercise, _| exercise == one);
            }
            for (exercise, hand_in) in of_piece {
                // Numbers of files rise: what comes later was handed in later.
                if let Some(earlier) = chosen.remove(&exercise) {
                    class.notes.push(twice(&who, &hand_in, &earlier));
                }
                chosen.insert(exercise, hand_in);
            }
            opened.push((whole, of_any));
        }
        // Where there is one thing and one exercise it can be for, it is for that.
        if let [only] = wanted
            && nameless.len() == 1
            && !chosen.contains_key(only)
            && let Some(hand_in) = nameless.pop()
        {
            let exercise = only.clone();
            chosen.insert(
                exercise.clone(),
                HandIn {
                    exercise,
                    ..hand_in
                },
            );
        }
        let lacks = |exercise: &str| !chosen.contains_key(exercise);
        for (piece, of_any) in &opened {
            if !of_any {
                unopened.extend(unopened::in_piece(piece, course.names())?);
            } else if piece.named.exercise.is_none() {
                unopened.extend(unopened::beside(piece, course.names(), lacks)?);
            }
        }
        let is_wanted = |exercise: &String| wanted.is_empty() || wanted.contains(exercise);
        let nothing = chosen.is_empty() && nameless.is_empty();
        // Beside crates a report that comes along is none of the grader's business.
        unopened.retain(|unopened| match &unopened.exercise {
            Some(exercise) => lacks(exercise) && is_wanted(exercise),
            None => nothing,
        });
        class.notes.extend(unopened::sentence(&who.name, &unopened));
        let of: BTreeSet<Option<String>> = unopened.into_iter().map(|of| of.exercise).collect();
        class
            .unopened
            .extend(of.into_iter().map(|exercise| (student, exercise)));
        for hand_in in nameless {
            class.notes.push(format!(
                "cannot tell the exercise of {}; its package or its folder should be called like \
                 one, or give --exercise",
                hand_in.shown
            ));
        }
        let chosen = chosen
            .into_values()
            .filter(|hand_in| is_wanted(&hand_in.exercise));
        class.hand_ins.extend(chosen);
        class.students.push(who);
    }
    class._unpacked = unpacked;
    Ok(class)
}

fn twice(who: &Who, graded: &HandIn, other: &HandIn) -> String {
    format!(
        "{} has handed in `{}` twice: {} is graded, and {} is not",
        who.name, graded.exercise, graded.shown, other.shown
    )
}

/// What each piece of a student's has in it. Bare source files are one crate.
fn candidates(search: &mut Search<'_>, pieces: Vec<Piece>) -> Result<Vec<(Piece, Vec<Candidate>)>> {
    let (sources, others): (Vec<Piece>, Vec<Piece>) = pieces
        .into_iter()
        .partition(|piece| matches!(piece.kind, Kind::Source));
    let mut found = Vec::new();
    for piece in others {
        let mut candidates = match piece.kind {
            Kind::Archive => search.archive(&piece.path, &piece.shown)?,
            Kind::Folder | Kind::Source | Kind::Other => {
                search.folder(&piece.path, &piece.shown)?
            }
        };
        // What lies deeper is rather a copy that was put aside.
        candidates.sort_by_key(|candidate| candidate.shown.components().count());
        // What the name of the whole says holds for the one thing in it.
        if let [only] = &mut candidates[..]
            && only.exercise.is_none()
        {
            only.exercise.clone_from(&piece.named.exercise);
        }
        found.push((piece, candidates));
    }
    let list: Vec<(String, PathBuf)> = sources.iter().map(as_source).collect();
    if let Some(first) = sources.into_iter().next() {
        let crates = search.sources(&list, &first.shown)?;
        found.push((first, vec![crates]));
    }
    Ok(found)
}

/// A bare source file, as its student has named it: Canvas adds a number to what
/// is handed in again.
fn as_source(piece: &Piece) -> (String, PathBuf) {
    let file = piece.named.file.as_deref().unwrap_or("lib.rs");
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = match stem.rsplit_once('-') {
        Some((stem, number)) if number.parse::<u32>().is_ok() => stem,
        _ => stem,
    };
    (format!("{stem}.rs"), piece.path.clone())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::exit::Usage;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[(&str, &[u8])]) -> Tree {
            let tree = Tree(tempfile::tempdir().unwrap());
            let course = [
                ("course/exercises/one/README.md", &b""[..]),
                ("course/exercises/two/README.md", b""),
            ];
            for (path, text) in course.iter().chain(files) {
                let path = tree.0.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            tree
        }

        /// `student exercise[ late] path` of each, and the notes.
        fn find(&self, path: &str, wanted: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
            let course = Course::open(&self.0.path().join("course")).unwrap();
            let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
            let root = self.0.path();
            let home = Home::find()?;
            let class = find(&course, &home, &root.join(path), &wanted)?;
            let told = class.hand_ins.iter().map(|hand_in| {
                let shown = Path::new(&hand_in.shown).strip_prefix(root).unwrap();
                let refused = match &hand_in.content {
                    Content::Crate(folder) => {
                        assert!(folder.join("src").is_dir(), "{}", folder.display());
                        ""
                    }
                    Content::Refused(_) => " refused",
                };
                format!(
                    "{} {}{}{refused} {}",
                    class.students[hand_in.student].key,
                    hand_in.exercise,
                    if hand_in.late { " late" } else { "" },
                    shown.display()
                )
            });
            Ok((told.collect(), class.notes.clone()))
        }
    }

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn folders_of_students_have_crates_clones_and_archives_in_them() {
        let inner = packed(&[("work/src/lib.rs", b"")]);
        let twice_packed = packed(&[("two.zip", &inner), ("__MACOSX/two.zip", b"")]);
        let tree = Tree::new(&[
            ("class/ann/one/src/lib.rs", b""),
            ("class/ann/two/src/lib.rs", b""),
            ("class/ann/old/two/src/lib.rs", b""),
            ("class/bob/exercises/one/src/lib.rs", b""),
            ("class/bob/solutions/one/src/lib.rs", b""),
            ("class/cid/Cargo.toml", b"package = { name = 'two' }"),
            ("class/cid/src/lib.rs", b""),
            ("class/dan/sent.zip", &twice_packed),
            ("class/eve/README.md", b""),
            ("class/one-fay/src/lib.rs", b""),
            ("class/notes.txt", b""),
            ("class/.git/src/lib.rs", b""),
        ]);
        let (found, notes) = tree.find("class", &[]).unwrap();
        assert_eq!(
            found,
            [
                "ann one class/ann/one",
                "ann two class/ann/two",
                "bob one class/bob/exercises/one",
                "cid two class/cid",
                "dan two class/dan/sent.zip/two.zip/work",
                "fay one class/one-fay",
            ]
        );
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].contains("ann has handed in `two` twice"));
        let (found, _) = tree.find("class", &["one"]).unwrap();
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn what_canvas_hands_out_is_read() {
        let one = packed(&[("src/lib.rs", b"")]);
        let tree = Tree::new(&[(
            "one.zip",
            &packed(&[
                ("ashann_LATE_1_10_one.zip", &one),
                ("boebob_2_11_lib-1.rs", b"mod a;"),
                ("boebob_2_12_a.rs", b""),
                ("coxcid_3_13_one.zip", &one),
                ("coxcid_3_14_one-2.zip", &one),
                ("daydan_4_15_one.zip", b"no archive"),
                ("eveeve_5_question_6_x.pdf", b""),
            ]),
        )]);
        let (found, notes) = tree.find("one.zip", &["one"]).unwrap();
        assert_eq!(
            found,
            [
                "ashann_1 one late one.zip/ashann_LATE_1_10_one.zip",
                "boebob_2 one one.zip/boebob_2_11_lib-1.rs",
                "coxcid_3 one one.zip/coxcid_3_14_one-2.zip",
                "daydan_4 one refused one.zip/daydan_4_15_one.zip",
            ]
        );
        assert!(
            notes[0].contains("coxcid has handed in `one` twice"),
            "{notes:?}"
        );
    }

    #[test]
    fn what_moodle_hands_out_is_read() {
        let one = packed(&[("mine/src/lib.rs", b"")]);
        let tree = Tree::new(&[(
            "one.zip",
            &packed(&[
                ("Ann Ash_1_assignsubmission_file_/one.zip", &one),
                ("Ann Ash_2_assignsubmission_file_/src/lib.rs", b""),
                ("Bob Boe_3_assignsubmission_file_lib.rs", b""),
                ("Cid Cox_4_assignsubmission_onlinetext_/x.html", b""),
                ("Dan Day_5_assignsubmission_file_/code/main.rs", b""),
            ]),
        )]);
        let (found, notes) = tree.find("one.zip", &["one"]).unwrap();
        assert_eq!(
            found,
            [
                "Ann Ash (1) one one.zip/Ann Ash_1_assignsubmission_file_/one.zip/mine",
                "Ann Ash (2) one one.zip/Ann Ash_2_assignsubmission_file_",
                "Bob Boe one one.zip/Bob Boe_3_assignsubmission_file_lib.rs",
                "Dan Day one one.zip/Dan Day_5_assignsubmission_file_/code",
            ]
        );
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].starts_with("Cid Cox has handed in a text that was typed in, and no file: "),
            "{notes:?}"
        );
    }

    #[test]
    fn what_cannot_be_opened_is_told_of_and_is_not_nothing() {
        let of_report = packed(&[("report.pdf", b"%PDF")]);
        let files: [(&str, &[u8]); 14] = [
            ("c/ann/report.pdf", b""),
            ("c/ann/README.md", b""),
            ("c/bob/work.rar", b""),
            ("c/cid/one/Cargo.toml", b""),
            ("c/cid/one/notes.txt", b""),
            ("c/cid/two/src/lib.rs", b""),
            ("c/dan/report.pdf", b""),
            ("c/dan/one/src/lib.rs", b""),
            ("c/eve/README.md", b""),
            ("c/fay/sent.zip", &of_report),
            ("c/gus.tar.gz", b""),
            ("c/hal.zip", &of_report),
            ("c/lib.rs", b""),
            ("c/roster.csv", b""),
        ];
        let tree = Tree::new(&files);
        let packed_files: Vec<_> = files
            .iter()
            .map(|(path, text)| (&path[2..], *text))
            .collect();
        std::fs::write(tree.0.path().join("c.zip"), packed(&packed_files)).unwrap();
        for path in ["c", "c.zip"] {
            let (found, notes) = tree.find(path, &[]).unwrap();
            assert_eq!(found.len(), 2, "{found:?}");
            let expected = [
                "cannot tell whose ",
                "ann has handed in report.pdf, which the grader cannot open: ask for the crate's \
                 folder or a ZIP of it",
                "bob has handed in work.rar, which the grader cannot open: ",
                "cid has handed in one, which has no folder `src`: ",
                "fay has handed in sent.zip, in which there is no source file: ",
                "gus has handed in gus.tar.gz, which the grader cannot open: ",
                "hal has handed in hal.zip, in which there is no source file: ",
            ];
            assert_eq!(notes.len(), expected.len(), "{notes:?}");
            for (note, expected) in notes.iter().zip(expected) {
                assert!(note.starts_with(expected), "{note}");
            }
        }
        let course = Course::open(&tree.0.path().join("course")).unwrap();
        let class = find(
            &course,
            &Home::find().unwrap(),
            &tree.0.path().join("c"),
            &[],
        )
        .unwrap();
        let keys = class.unopened.iter().map(|(student, exercise)| {
            (class.students[*student].key.as_str(), exercise.as_deref())
        });
        assert_eq!(
            keys.collect::<Vec<_>>(),
            [
                ("ann", None),
                ("bob", None),
                ("cid", Some("one")),
                ("fay", None),
                ("gus", None),
                ("hal", None)
            ]
        );
        // Nobody is told of what is for another exercise.
        let (_, notes) = tree.find("c", &["two"]).unwrap();
        assert!(
            !notes.iter().any(|note| note.starts_with("cid")),
            "{notes:?}"
        );

        let canvas = packed(&[
            ("ashann_1_10_report.pdf", b"".as_slice()),
            ("boebob_LATE_2_11_one-1.tar.gz", b""),
            ("coxcid_3_12_lib.rs", b""),
            ("coxcid_3_13_report.pdf", b""),
        ]);
        let tree = Tree::new(&[("canvas.zip", &canvas)]);
        let (found, notes) = tree.find("canvas.zip", &["one"]).unwrap();
        assert_eq!(found, ["coxcid_3 one canvas.zip/coxcid_3_12_lib.rs"]);
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(
            notes[0].starts_with("ashann has handed in report.pdf, "),
            "{notes:?}"
        );
        assert!(
            notes[1].starts_with("boebob has handed in one-1.tar.gz, "),
            "{notes:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf_8_is_told_of() {
        use std::os::unix::ffi::OsStrExt as _;
        let tree = Tree::new(&[("c/ann/one/src/lib.rs", b"")]);
        let name = std::ffi::OsStr::from_bytes(b"c/M\xfcller/one/src");
        // Some file systems have no such names.
        if std::fs::create_dir_all(tree.0.path().join(name)).is_ok() {
            let (found, notes) = tree.find("c", &[]).unwrap();
            assert_eq!((found.len(), notes.len()), (1, 1));
            assert!(
                notes[0].contains("ller is not UTF-8, and nothing in it"),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn a_class_may_be_packed_in_folders_of_its_own() {
        let inner = packed(&[("src/lib.rs", b"")]);
        let of = |files: &[(&str, &[u8])]| {
            let tree = Tree::new(files);
            let path = files[0].0.split('/').next().unwrap();
            let (found, notes) = tree.find(path, &[]).unwrap();
            let who = |line: &String| line.rsplit_once(' ').unwrap().0.to_owned();
            (found.iter().map(who).collect::<Vec<_>>(), notes)
        };
        let entries: [(&str, &[u8]); 2] = [
            ("students/ann/one/src/lib.rs", b""),
            ("students/ben/one/src/lib.rs", b""),
        ];
        let both = ["ann one", "ben one"];
        assert_eq!(
            of(&[("s.zip", &packed(&entries))]),
            (both.map(str::to_owned).to_vec(), Vec::new())
        );
        let deeper: [(&str, &[u8]); 3] = [
            ("outer/students/roster.csv", b""),
            ("outer/students/ann/mine/one/src/lib.rs", b""),
            ("outer/students/ben/one.zip", &inner),
        ];
        assert_eq!(of(&deeper).0, both);
        assert_eq!(of(&[("o.zip", &packed(&deeper))]).0, both);
        let archives: [(&str, &[u8]); 2] = [
            ("a/students/ann.zip", &inner),
            ("a/students/ben.zip", &inner),
        ];
        let (found, notes) = of(&archives);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(
            notes[1].contains("cannot tell the exercise of"),
            "{notes:?}"
        );
        let alone: [(&str, &[u8]); 1] = [("students/ann/one/src/lib.rs", b"")];
        assert_eq!(of(&[("students.zip", &packed(&alone))]).0, ["ann one"]);

        // It may as well be one student's: what is taken for what is told.
        let (found, notes) = of(&[
            ("c/x/ann/one/src/lib.rs", b""),
            ("c/x/ben/two/src/lib.rs", b""),
        ]);
        assert_eq!(found, ["ann one", "ben two"]);
        assert!(notes[0].contains("is taken for students"), "{notes:?}");
        let (found, notes) = of(&[("c/ann/mine/one/src/lib.rs", b"")]);
        assert_eq!(found, ["ann one"]);
        assert!(
            notes[0].contains("if `mine` in it is one, give "),
            "{notes:?}"
        );
    }

    #[test]
    fn the_only_student_of_a_class_is_no_class() {
        for (files, expected) in [
            (&["c/ann/one/src/lib.rs", "c/ann/two/src/lib.rs"][..], 2),
            (&["c/ann/src/lib.rs", "c/ann/old/src/lib.rs"], 0),
            (&["c/ann/one/src/lib.rs", "c/ann/old/one/src/lib.rs"], 1),
            (
                &[
                    "c/ann/exercises/one/src/lib.rs",
                    "c/ann/solutions/one/src/lib.rs",
                ],
                1,
            ),
            (&["c/ann/my-one/src/lib.rs", "c/ann/my-two/src/lib.rs"], 2),
            (&["c/ann/main.rs", "c/ann/net/mod.rs", "c/ann/io/mod.rs"], 0),
        ] {
            let files: Vec<(&str, &[u8])> = files.iter().map(|file| (*file, &b""[..])).collect();
            let (found, _) = Tree::new(&files).find("c", &[]).unwrap();
            assert_eq!(found.len(), expected, "{files:?}: {found:?}");
            assert!(
                found.iter().all(|line| line.starts_with("ann ")),
                "{found:?}"
            );
        }
        // What could be several attempts or several students is asked for.
        let twice: [(&str, &[u8]); 2] = [
            ("c/week/ann-one/src/lib.rs", b""),
            ("c/week/ben-one/src/lib.rs", b""),
        ];
        let tree = Tree::new(&[twice[0], twice[1], ("week.zip", &packed(&twice))]);
        for (path, instead) in [("c", "c/week; if"), ("week.zip", "without it; if")] {
            let error = tree.find(path, &[]).unwrap_err();
            assert!(error.is::<Usage>(), "{error}");
            let error = error.to_string();
            assert!(
                error.contains("the same exercise in") && error.contains(instead),
                "{error}"
            );
            let course = Course::open(&tree.0.path().join("course")).unwrap();
            let path = tree.0.path().join(path);
            let one = of_one(&course, &Home::find().unwrap(), &path, &[], "zoe").unwrap();
            assert_eq!((one.students.len(), one.hand_ins.len()), (1, 1));
            assert_eq!((one.students[0].key.as_str(), one.notes.len()), ("zoe", 1));
        }
    }

    #[test]
    fn what_is_no_class_is_told_in_a_sentence() {
        let tree = Tree::new(&[
            ("empty/README.md", b""),
            ("alone/src/lib.rs", b""),
            ("evil.zip", &packed(&[("../ann/src/lib.rs", b"")])),
        ]);
        let error = |path| {
            let error = tree.find(path, &[]).unwrap_err();
            assert!(error.is::<Usage>(), "{error}");
            error.to_string()
        };
        assert!(error("nowhere").contains("there is no"));
        assert!(error("empty").contains("nobody has handed in"));
        assert!(error("empty/README.md").contains("is a file"));
        assert!(error("alone").contains("is one crate"));
        assert!(error("evil.zip").contains("leads out of it"));
    }
}
