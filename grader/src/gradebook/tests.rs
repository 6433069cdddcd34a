//! Tests of the gradebook.

use verdict::{CheckOutcome, Finding, FindingKind, Outcome, Verdict, Visibility};

use super::*;
use crate::exit::Usage;
use crate::git::Commit;

fn verdict(outcome: Outcome, score: u32) -> Verdict {
    let check = |id: &str, points, finding: Option<Finding>| verdict::Check {
        id: id.to_owned(),
        title: format!("title of {id}"),
        outcome: match finding {
            Some(_) => CheckOutcome::Failed,
            None => CheckOutcome::Passed,
        },
        points,
        max_points: 2,
        visibility: Visibility::Hidden,
        coverage: finding
            .is_none()
            .then(|| "holds in every schedule".to_owned()),
        finding,
    };
    let finding = Finding {
        kind: FindingKind::LostWakeup,
        message: "T1 waits for ever".to_owned(),
        contract: String::new(),
        schedule: "two@1".to_owned(),
        timeline: Vec::new(),
    };
    Verdict {
        exercise: "one".to_owned(),
        submission: "class/ann/one".to_owned(),
        outcome,
        score,
        max_score: 4,
        message: "1 of 2 checks passed".to_owned(),
        checks: vec![check("a", score, None), check("b", 0, Some(finding))],
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("book.sqlite")
    }

    fn open(&self) -> Gradebook {
        Gradebook::open_or_create(&self.path()).unwrap()
    }
}

fn handed_in(student: &str, sources: &str) -> HandedIn {
    HandedIn {
        student: student.to_owned(),
        exercise: "one".to_owned(),
        handed_in_as: format!("class/{student}/one"),
        lms_id: Some("7".to_owned()),
        late: true,
        sources: sources.to_owned(),
    }
}

fn new(key: &str, name: &str, roster_id: Option<&str>) -> NewStudent {
    NewStudent {
        key: key.to_owned(),
        name: name.to_owned(),
        roster_id: roster_id.map(str::to_owned),
        lms_id: None,
    }
}

/// A class of two, of whom one has handed in.
fn class(gradebook: &mut Gradebook) -> i64 {
    let exercise = Exercise {
        name: "one".to_owned(),
        title: "One".to_owned(),
        points: 4,
    };
    gradebook.add_exercises(&[exercise]).unwrap();
    let students =
        [("ann", None), ("bob", Some("B1"))].map(|(key, id)| new(key, &key.to_uppercase(), id));
    gradebook.add_students(&students).unwrap();
    gradebook.hand_in(&[handed_in("ann", "first")]).unwrap()[0]
}

fn store(gradebook: &mut Gradebook, submission: i64, sources: &str, verdict: &Verdict) {
    let stored = Stored {
        verdict,
        key: &format!("key of {sources}"),
        sources,
        course: "c",
        libraries: "l",
        grader: "g",
    };
    gradebook.store(submission, stored).unwrap();
}

#[test]
fn what_is_stored_is_read_by_the_next_grader() {
    let folder = Folder::new();
    let stored = verdict(Outcome::Graded, 2);
    let submission = {
        let mut gradebook = folder.open();
        let submission = class(&mut gradebook);
        store(&mut gradebook, submission, "first", &stored);
        submission
    };
    let mut gradebook = folder.open();
    assert_eq!(gradebook.verdict(submission).unwrap(), Some(stored));
    assert_eq!(gradebook.keys().unwrap()[&submission], "key of first");
    let book = gradebook.book().unwrap();
    assert_eq!(book.exercises[0].points, 4);
    let [ann, bob] = &book.students[..] else {
        panic!("{book:?}");
    };
    assert_eq!((ann.name.as_str(), bob.name.as_str()), ("ANN", "BOB"));
    assert_eq!(bob.roster_id.as_deref(), Some("B1"));
    assert!(bob.entries.is_empty());
    let entry = &ann.entries["one"];
    let submission = entry.submission.as_ref().unwrap();
    assert!(submission.late && submission.seen > 0);
    let graded = entry.current().unwrap();
    assert_eq!((graded.outcome, graded.score), (Outcome::Graded, 2));
    let [passed, failed] = &graded.checks[..] else {
        panic!("{graded:?}");
    };
    assert_eq!(passed.message, "holds in every schedule");
    assert_eq!(failed.finding, Some(FindingKind::LostWakeup));
    assert_eq!(entry.points(), Some(2));
}

#[test]
fn points_given_by_hand_outlive_every_verdict() {
    let folder = Folder::new();
    let mut gradebook = folder.open();
    let submission = class(&mut gradebook);
    let points = |gradebook: &mut Gradebook, student: &str| {
        let book = gradebook.book().unwrap();
        let of = book.students.iter().find(|of| of.key == student).unwrap();
        of.entries.get("one").and_then(Entry::points)
    };
    assert!(
        !gradebook
            .change("ann", "one", Some((3, "was ill")))
            .unwrap()
    );
    store(
        &mut gradebook,
        submission,
        "first",
        &verdict(Outcome::Graded, 2),
    );
    store(
        &mut gradebook,
        submission,
        "first",
        &verdict(Outcome::Refused, 0),
    );
    assert_eq!(points(&mut gradebook, "ann"), Some(3));
    // Somebody without anything handed in can have points, too.
    assert_eq!(points(&mut gradebook, "bob"), None);
    gradebook.change("bob", "one", Some((1, "orally"))).unwrap();
    assert_eq!(points(&mut gradebook, "bob"), Some(1));
    assert!(gradebook.change("ann", "one", None).unwrap());
    assert_eq!(points(&mut gradebook, "ann"), Some(0));
    let unknown = gradebook.change("eve", "one", None).unwrap_err();
    assert!(unknown.is::<Usage>());
}

#[test]
fn a_failure_of_the_grader_is_told_and_is_no_score() {
    let folder = Folder::new();
    let mut gradebook = folder.open();
    let submission = class(&mut gradebook);
    let failure = verdict(Outcome::InfrastructureError, 0);
    let stored = Stored {
        verdict: &failure,
        key: "k",
        sources: "first",
        course: "c",
        libraries: "l",
        grader: "g",
    };
    assert!(gradebook.store(submission, stored).is_err());
    gradebook.trouble(submission, "out of memory").unwrap();
    let entry = gradebook.book().unwrap().students[0].entries["one"].clone();
    assert_eq!((entry.points(), &entry.graded), (None, &None));
    assert_eq!(entry.trouble.as_deref(), Some("out of memory"));
    store(
        &mut gradebook,
        submission,
        "first",
        &verdict(Outcome::Graded, 2),
    );
    let entry = gradebook.book().unwrap().students[0].entries["one"].clone();
    assert_eq!((entry.points(), entry.trouble), (Some(2), None));
}

#[test]
fn the_verdict_on_an_earlier_hand_in_does_not_count() {
    let folder = Folder::new();
    let mut gradebook = folder.open();
    let submission = class(&mut gradebook);
    store(
        &mut gradebook,
        submission,
        "first",
        &verdict(Outcome::Graded, 2),
    );
    let again = gradebook.hand_in(&[handed_in("ann", "second")]).unwrap();
    assert_eq!(again, [submission]);
    let entry = gradebook.book().unwrap().students[0].entries["one"].clone();
    assert!(entry.graded.is_some() && entry.current().is_none());
    assert_eq!(entry.points(), None);
}

#[test]
fn who_is_known_by_the_roster_keeps_the_key_and_the_name() {
    let folder = Folder::new();
    let mut gradebook = folder.open();
    let mut add = |key, name, id| {
        let keys = gradebook.add_students(&[new(key, name, id)]);
        keys.unwrap().remove(0)
    };
    assert_eq!(add("doejane_7", "Doe, Jane", Some("7")), "doejane_7");
    assert_eq!(add("jane", "Doe, Jane", Some("7")), "doejane_7");
    assert_eq!(add("doejane_7", "doejane", None), "doejane_7");
    assert_eq!(add("7", "seven", None), "doejane_7");
    let other = NewStudent {
        lms_id: Some("7".to_owned()),
        ..new("janedoe", "janedoe", None)
    };
    assert_eq!(gradebook.add_students(&[other]).unwrap(), ["doejane_7"]);
    let book = gradebook.book().unwrap();
    assert_eq!(book.students.len(), 1);
    assert_eq!(book.students[0].name, "Doe, Jane");
}

#[test]
fn a_submission_is_claimed_by_one_grader_that_lives() {
    let folder = Folder::new();
    let mut gradebook = folder.open();
    let submission = class(&mut gradebook);
    let claim = |gradebook: &mut Gradebook| gradebook.claim(submission, Some("key of first"));
    assert_eq!(claim(&mut gradebook).unwrap(), Claim::Ours);
    // The first process of a machine lives, and is not this one.
    let began = std::fs::read_to_string("/proc/1/stat").unwrap();
    let began = began.rsplit_once(')').unwrap().1.split_whitespace();
    let began = began.clone().nth(19).unwrap().to_owned();
    let mut hold = |process: u32, began: &str| {
        folder
            .open()
            .connection
            .execute(
                "UPDATE claims SET process = ?1, started = ?2",
                rusqlite::params![process, began],
            )
            .unwrap();
        claim(&mut gradebook).unwrap()
    };
    assert_eq!(hold(1, &began), Claim::Theirs);
    assert_eq!(hold(1, "another boot"), Claim::Ours);
    assert_eq!(hold(u32::MAX, &began), Claim::Ours);
    store(
        &mut gradebook,
        submission,
        "first",
        &verdict(Outcome::Graded, 2),
    );
    assert_eq!(claim(&mut gradebook).unwrap(), Claim::Done);
    assert_eq!(gradebook.claim(submission, None).unwrap(), Claim::Ours);
}

#[test]
fn only_gradebooks_that_this_grader_knows_are_opened() {
    let folder = Folder::new();
    let path = folder.path();
    let refused = |path: &Path| {
        let Err(error) = Gradebook::open_or_create(path) else {
            panic!("{} was opened", path.display());
        };
        assert!(error.is::<Usage>(), "{error:#}");
        error.to_string()
    };
    let missing = Gradebook::open(&path).err().unwrap();
    assert!(missing.is::<Usage>() && !path.exists());
    std::fs::write(&path, "name,points\nann,3\n".repeat(100)).unwrap();
    assert!(refused(&path).contains("is no gradebook, nor any file of SQLite's"));
    assert!(refused(folder.0.path()).contains("is a folder"));
    let other = folder.0.path().join("other.sqlite");
    let foreign = Connection::open(&other).unwrap();
    foreign.execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(refused(&other).contains("of another program's"));
    std::fs::remove_file(&path).unwrap();
    let nowhere = path.with_file_name("nowhere");
    let sentence = format!("there is no folder {}: make it first", nowhere.display());
    assert!(refused(&nowhere.join("book.sqlite")).starts_with(&sentence));
    let newer = folder.open();
    newer
        .connection
        .pragma_update(None, "user_version", 4)
        .unwrap();
    assert!(refused(&path).contains("made by a newer grader"));
}

#[test]
fn two_graders_write_one_file() {
    let folder = Folder::new();
    let submission = class(&mut folder.open());
    std::thread::scope(|scope| {
        for points in [1, 2] {
            let folder = &folder;
            scope.spawn(move || {
                let mut gradebook = folder.open();
                for _ in 0..20 {
                    let verdict = verdict(Outcome::Graded, points);
                    store(&mut gradebook, submission, "first", &verdict);
                }
            });
        }
    });
    let mut gradebook = folder.open();
    let whole: String = gradebook
        .connection
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    let entry = gradebook.book().unwrap().students[0].entries["one"].clone();
    assert_eq!(entry.current().unwrap().checks.len(), 2);
}

#[test]
fn sources_are_kept_as_long_as_they_are_handed_in_and_old_gradebooks_get_room_for_them() {
    let folder = Folder::new();
    let files = |text: &str| Files::from([("src/lib.rs".to_owned(), text.to_owned())]);
    let (first, second) = (files("first"), files("second"));
    {
        let mut gradebook = folder.open();
        class(&mut gradebook);
        let before = "DROP TABLE texts; DROP TABLE commits; PRAGMA user_version = 1;";
        gradebook.connection.execute_batch(before).unwrap();
    }
    let mut gradebook = folder.open();
    for _ in 0..2 {
        gradebook.keep(&[("first".to_owned(), &first)]).unwrap();
    }
    assert_eq!(gradebook.texts().unwrap()["first"], first);
    gradebook.hand_in(&[handed_in("ann", "second")]).unwrap();
    gradebook.keep(&[("second".to_owned(), &second)]).unwrap();
    let kept = gradebook.texts().unwrap();
    assert_eq!(
        kept.into_iter().collect::<Vec<_>>(),
        [("second".to_owned(), second)]
    );
}

#[test]
fn a_commit_is_that_of_the_sources_it_has_and_old_gradebooks_keep_all_they_had() {
    let folder = Folder::new();
    let stored = verdict(Outcome::Graded, 2);
    let files = Files::from([("src/lib.rs".to_owned(), "first".to_owned())]);
    let before = {
        let mut gradebook = folder.open();
        let submission = class(&mut gradebook);
        store(&mut gradebook, submission, "first", &stored);
        gradebook.keep(&[("first".to_owned(), &files)]).unwrap();
        gradebook.change("bob", "one", Some((1, "orally"))).unwrap();
        gradebook.trouble(submission, "no memory").unwrap();
        let before = gradebook.book().unwrap();
        let of_version_2 = "DROP TABLE commits; PRAGMA user_version = 2;";
        gradebook.connection.execute_batch(of_version_2).unwrap();
        before
    };
    let mut gradebook = folder.open();
    assert_eq!(gradebook.book().unwrap(), before);
    assert_eq!(gradebook.texts().unwrap()["first"], files);
    let submission = before.students[0].entries["one"].submission.as_ref();
    let submission = submission.unwrap().id;
    assert_eq!(gradebook.verdict(submission).unwrap(), Some(stored));

    let commit = Commit {
        id: "c0ffee".to_owned(),
        at: 1_795_301_442,
        host: Some("https://example.org/cs101/ann".to_owned()),
        tag: None,
    };
    let row = (submission, "first".to_owned(), commit.clone());
    gradebook.committed(&[row]).unwrap();
    let known = |gradebook: &mut Gradebook| {
        let student = gradebook.book().unwrap().students.remove(0);
        student.entries["one"].submission.clone().unwrap().commit
    };
    assert_eq!(known(&mut gradebook), Some(commit));
    assert_eq!(
        gradebook.commits().unwrap()[&submission],
        ("first".to_owned(), "c0ffee".to_owned())
    );
    // What is handed in now is not what the commit has.
    gradebook.hand_in(&[handed_in("ann", "second")]).unwrap();
    assert_eq!(known(&mut folder.open()), None);
}
