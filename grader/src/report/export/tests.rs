//! Tests of the exports, on a gradebook made by hand.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use verdict::FindingKind;

use super::*;
use crate::git::Commit;
use crate::gradebook::{Check, Override, Submission};

fn check(id: &str, outcome: CheckOutcome, visible: bool) -> Check {
    let passed = outcome == CheckOutcome::Passed;
    Check {
        id: id.to_owned(),
        title: format!("It {id}s"),
        outcome,
        points: if passed { 2 } else { 0 },
        max_points: 2,
        visible,
        finding: (outcome == CheckOutcome::Failed).then_some(FindingKind::Deadlock),
        message: match outcome {
            CheckOutcome::Passed => "holds in every schedule".to_owned(),
            CheckOutcome::Failed => "T1 & T2 wait <for ever>".to_owned(),
            CheckOutcome::NotRun => String::new(),
        },
    }
}

fn entry(number: &str, outcome: Outcome, checks: Vec<Check>) -> Entry {
    let score = checks.iter().map(|check| check.points).sum();
    let message = match outcome {
        Outcome::Graded => "some checks passed",
        _ => "error: expected `;`\nmore",
    };
    Entry {
        submission: Some(Submission {
            id: 1,
            handed_in_as: "class/x".to_owned(),
            lms_id: Some(number.to_owned()),
            late: number == "2",
            sources: "0123456789abcdef".to_owned(),
            seen: 1_795_301_442,
            commit: None,
        }),
        graded: Some(Graded {
            outcome,
            score,
            max_score: 4,
            message: message.to_owned(),
            graded_at: 1_795_301_500,
            current: true,
            checks,
        }),
        trouble: None,
        changed: None,
    }
}

/// Ann has full marks, Bob lost what is hidden and has points by hand, Cid's does
/// not compile, Dan's could not be graded, Eve has nothing.
fn book() -> Book {
    let passed = |id| check(id, CheckOutcome::Passed, true);
    let entries = [
        entry("1", Outcome::Graded, vec![passed("add"), passed("stop")]),
        Entry {
            changed: Some(Override {
                points: 3,
                reason: "=told me".to_owned(),
                at: 0,
            }),
            ..entry(
                "2",
                Outcome::Graded,
                vec![passed("add"), check("stop", CheckOutcome::Failed, false)],
            )
        },
        entry(
            "3",
            Outcome::DoesNotCompile,
            vec![check("add", CheckOutcome::NotRun, true)],
        ),
        Entry {
            graded: None,
            trouble: Some("no memory".to_owned()),
            ..entry("4", Outcome::Graded, Vec::new())
        },
    ];
    let names = ["Ann Ash", "Bob Boe", "=Cid(1)", "Dan Day"];
    let mut students: Vec<Student> = names
        .iter()
        .zip(entries)
        .map(|(name, entry)| Student {
            key: (*name).to_owned(),
            name: (*name).to_owned(),
            roster_id: None,
            entries: BTreeMap::from([("one".to_owned(), entry)]),
        })
        .collect();
    students.push(Student {
        key: "eve".to_owned(),
        name: "Eve".to_owned(),
        ..Student::default()
    });
    let exercise = Exercise {
        name: "one".to_owned(),
        title: "One".to_owned(),
        points: 4,
    };
    Book {
        exercises: vec![exercise],
        students,
    }
}

fn with<T>(roster: Option<&str>, export: impl Fn(Selection<'_>) -> T) -> T {
    let book = book();
    let roster = roster.map(|text| Roster::parse(text).unwrap());
    let exercises: Vec<&Exercise> = book.exercises.iter().collect();
    export(Selection {
        book: &book,
        exercises: &exercises,
        roster: roster.as_ref(),
    })
}

#[test]
fn canvas_without_a_roster() {
    let exported = with(None, canvas);
    assert_snapshot!(exported.text, @r"
    Student,ID,SIS User ID,SIS Login ID,Section,One
        Points Possible,,,,,4
    Ann Ash,1,,,,4
    Bob Boe,2,,,,3
    '=Cid(1),3,,,,0
    Dan Day,4,,,,
    Eve,,,eve,,
    ");
    assert_eq!(exported.notes.len(), 1);
    assert!(exported.notes[0].contains("1 of the submissions have no verdict"));
}

#[test]
fn canvas_with_its_own_roster() {
    let roster = "Student,ID,SIS Login ID,Section,one (7),Final Score\n\
                  Points Possible,,,,4,(read only)\n\
                  \"Boe, Bob\",2,bob,A,1,9\n\"Fay, Flo\",6,flo,A,,\n\"Ash, Ann\",9,ann,A,,\n";
    let exported = with(Some(roster), canvas);
    assert_snapshot!(exported.text, @r#"
    Student,ID,SIS Login ID,Section,one (7)
        Points Possible,,,,4
    "Boe, Bob",2,bob,A,3
    "Fay, Flo",6,flo,A,
    "Ash, Ann",9,ann,A,4
    "#);
    assert!(exported.notes[0].contains("not in the roster"));
    assert!(exported.notes[0].ends_with("=Cid(1); Dan Day; Eve"));
}

#[test]
fn moodle_without_a_worksheet() {
    let exported = with(None, |selection| {
        moodle(selection, &selection.book.exercises[0])
    });
    assert_snapshot!(exported.text, @r#"
    Identifier,Full name,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade),Feedback comments
    Participant 1,Ann Ash,Submitted for grading,4,4,Yes,-,-,"4/4, all checks passed"
    Participant 2,Bob Boe,Submitted for grading,3,4,Yes,-,-,"3 by hand: =told me (graded: 2/4, failed: 1 check beyond the visible ones)"
    Participant 3,'=Cid(1),Submitted for grading,0,4,Yes,-,-,"0/4, does not compile: error: expected `;`"
    Participant 4,Dan Day,Submitted for grading,,4,Yes,-,-,
    ,Eve,No submission,,4,Yes,-,-,
    "#);
    assert!(exported.notes[1].contains("1 lines have no identifier"));
}

#[test]
fn a_table_has_everybody_once() {
    let roster = "id,name\nS1,Ann Ash\nS7,Gil\n";
    let exported = with(Some(roster), table);
    assert_snapshot!(exported.text, @r#"
    student,name,id,one,total,maximum,late,comment
    Ann Ash,Ann Ash,S1,4,4,4,,
    ,Gil,S7,,0,4,,
    Bob Boe,Bob Boe,,3,3,4,one,"one: 3 by hand: =told me (graded: 2/4, failed: 1 check beyond the visible ones)"
    '=Cid(1),'=Cid(1),,0,0,4,,"one: 0/4, does not compile: error: expected `;`"
    Dan Day,Dan Day,,,0,4,,"one: could not be graded, which is no score"
    eve,Eve,,,0,4,,
    "#);
}

#[test]
fn gradescope_has_a_test_for_each_check() {
    let documents = with(None, gradescope);
    let students: Vec<&str> = documents.iter().map(|of| of.student.as_str()).collect();
    assert_eq!(students, ["Ann Ash", "Bob Boe", "=Cid(1)"]);
    let bob = serde_json::to_string_pretty(&documents[1].document).unwrap();
    assert_snapshot!(bob, @r#"
    {
      "extra_data": {
        "exercise": "one",
        "sources": "0123456789abcdef",
        "student": "Bob Boe"
      },
      "output": "3 by hand: =told me (graded: 2/4, failed: 1 check beyond the visible ones)\n\nsome checks passed",
      "output_format": "text",
      "score": 3,
      "tests": [
        {
          "max_score": 2,
          "name": "It adds",
          "name_format": "text",
          "number": "1",
          "output": "holds in every schedule",
          "output_format": "text",
          "score": 2,
          "status": "passed",
          "tags": [
            "add"
          ],
          "visibility": "visible"
        },
        {
          "max_score": 2,
          "name": "It stops",
          "name_format": "text",
          "number": "2",
          "output": "T1 & T2 wait <for ever>",
          "output_format": "text",
          "score": 0,
          "status": "failed",
          "tags": [
            "stop",
            "deadlock"
          ],
          "visibility": "after_published"
        }
      ],
      "visibility": "visible"
    }
    "#);
}

#[test]
fn exercism_has_no_tests_of_what_does_not_compile() {
    let documents = with(None, exercism);
    let lines: Vec<String> = documents.iter().map(|of| of.document.to_string()).collect();
    assert_snapshot!(lines[1..].join("\n"), @r#"
    {"status":"fail","tests":[{"name":"It adds","output":"holds in every schedule","status":"pass"},{"message":"T1 & T2 wait <for ever>","name":"It stops","status":"fail"}],"version":3}
    {"message":"does not compile\n\nerror: expected `;`\nmore","status":"error","tests":[],"version":3}
    "#);
    assert_eq!(lines.len(), 3);
}

#[test]
fn classroom50_has_every_member_that_its_schema_asks_for() {
    let documents = with(None, |selection| {
        classroom50(selection, Some("cs101"), "book")
    });
    let bob = &documents[1].document;
    assert_snapshot!(bob.to_string(), @r#"{"assignment":"one","assignment_type":"individual","classroom":"cs101","commit":"sources:0123456789abcdef","datetime":"2026-11-21T22:50:42Z","graded_at":"2026-11-21T22:51:40Z","max-score":4,"owner":"Bob Boe","release":"sources:0123456789abcdef","review":"sources:0123456789abcdef","schema":"classroom50/result/v1","score":3,"submission":"submit/2026-11-21T22-50-42Z-0123456","tests":[{"max-score":2,"message":"holds in every schedule","passed":true,"score":2,"test-name":"It adds"},{"max-score":2,"message":"T1 & T2 wait <for ever>","passed":false,"score":0,"test-name":"It stops"}]}"#);
}

#[test]
fn the_classroom_is_that_of_the_repositorys_name_where_it_has_one() {
    let mut book = book();
    let key = book.students[0].key.clone();
    let exercises: Vec<Exercise> = book.exercises.clone();
    let exercises: Vec<&Exercise> = exercises.iter().collect();
    for (name, expected) in [
        (format!("class/cs-101-one-{key}/one"), "cs-101"),
        (format!("class/one-{key}"), "book"),
        (key, "book"),
    ] {
        let entry = book.students[0].entries.get_mut("one").unwrap();
        entry.submission.as_mut().unwrap().handed_in_as = name;
        let selection = Selection {
            book: &book,
            exercises: &exercises,
            roster: None,
        };
        let document = classroom50(selection, None, "book").remove(0).document;
        assert_eq!(document["classroom"], expected);
    }
}

#[test]
fn classroom50_is_told_of_a_commit_what_is_known_of_it() {
    let told = |commit: Option<Commit>| {
        let mut book = book();
        let entry = book.students[0].entries.get_mut("one").unwrap();
        entry.submission.as_mut().unwrap().commit = commit;
        let exercises: Vec<&Exercise> = book.exercises.iter().collect();
        let selection = Selection {
            book: &book,
            exercises: &exercises,
            roster: None,
        };
        let document = classroom50(selection, Some("cs101"), "book")
            .remove(0)
            .document;
        ["submission", "commit", "release", "review", "datetime"]
            .map(|member| document[member].as_str().unwrap().to_owned())
    };
    let sources = "sources:0123456789abcdef";
    assert_eq!(
        told(None),
        [
            "submit/2026-11-21T22-50-42Z-0123456",
            sources,
            sources,
            sources,
            "2026-11-21T22:50:42Z"
        ]
    );
    let mut commit = Commit {
        id: "c0ffee0123".to_owned(),
        at: 1_795_301_400,
        host: None,
        tag: None,
    };
    let made = "submit/2026-11-21T22-50-00Z-c0ffee0";
    let at = "2026-11-21T22:50:00Z";
    let id = "c0ffee0123";
    assert_eq!(told(Some(commit.clone())), [made, id, id, id, at]);
    commit.host = Some("https://example.org/cs101/one-ann".to_owned());
    let page = "https://example.org/cs101/one-ann/commit/c0ffee0123";
    assert_eq!(told(Some(commit.clone())), [made, page, page, page, at]);
    commit.tag = Some("submit/1&2".to_owned());
    let release = "https://example.org/cs101/one-ann/releases/tag/submit%2F1%262";
    assert_eq!(told(Some(commit)), ["submit/1&2", page, release, page, at]);
}

#[test]
fn no_cell_begins_a_formula() {
    let table = [
        ("=1+1", "'=1+1"),
        ("+A1", "'+A1"),
        ("-A1", "'-A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("-", "-"),
        ("-1.5", "-1.5"),
        ("+4", "+4"),
        ("a=1", "a=1"),
        ("    Points Possible", "    Points Possible"),
    ];
    for (cell, expected) in table {
        assert_eq!(defused(cell), expected);
    }
}
