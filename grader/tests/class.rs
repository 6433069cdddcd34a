//! A class, from what houses hand out to what they import.

#![allow(
    clippy::unwrap_used,
    reason = "what these functions of the tests cannot do is a failure of the test"
)]

mod tiny;

use std::io::{BufRead as _, BufReader, Cursor, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use assert_cmd::Command;
use serde_json::Value;
use tiny::{RIGHT, TWO_STEPS, Tiny};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn wrong() -> String {
    RIGHT.replace(TWO_STEPS.0, TWO_STEPS.1)
}

/// A counter that is right, and another text than all others.
fn right(number: usize) -> String {
    format!("// {number}\n{RIGHT}")
}

/// A counter that cannot be graded, since it uses what is not simulated.
const NOT_SIMULATED: &str = "
pub struct Counter(std::os::unix::net::UnixDatagram);

impl Counter {
    pub fn new() -> Counter {
        Counter(std::os::unix::net::UnixDatagram::unbound().unwrap())
    }
    pub fn add(&self) -> u64 {
        1
    }
    pub fn get(&self) -> u64 {
        1
    }
}
";

fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options = SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Writes `class/STUDENT/counter`.
fn hand_in(tiny: &Tiny, student: &str, text: &str) {
    tiny.submit(&format!("{student}/counter"), text);
}

/// `grader class` on a path in the folder, with the gradebook `book.sqlite`.
fn class(tiny: &Tiny, path: &str) -> Command {
    let mut grader = tiny.grader("class");
    grader.arg(tiny.path(path));
    grader.arg("--gradebook").arg(tiny.path("book.sqlite"));
    grader
}

/// Runs it: exit code, standard output, standard error.
fn run(grader: &mut Command) -> (i32, String, String) {
    let output = grader.output().unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn graded(tiny: &Tiny, path: &str) -> String {
    let (code, out, err) = run(&mut class(tiny, path));
    assert_eq!(code, 0, "{out}{err}");
    out
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

fn with_book(tiny: &Tiny, verb: &str, args: &[&str]) -> Command {
    let mut grader = Command::new(assert_cmd::cargo::cargo_bin!("grader"));
    grader.arg(verb);
    grader.arg("--gradebook").arg(tiny.path("book.sqlite"));
    grader.args(args);
    grader
}

fn export(tiny: &Tiny, to: &str, args: &[&str]) -> String {
    let mut grader = with_book(tiny, "export", &["--to", to]);
    let (code, out, err) = run(grader.args(args));
    assert_eq!(code, 0, "{out}{err}");
    out
}

#[test]
fn only_what_has_changed_is_graded_again_and_points_by_hand_stay() {
    let tiny = Tiny::new();
    hand_in(&tiny, "ann", RIGHT);
    hand_in(&tiny, "bob", &wrong());
    hand_in(&tiny, "cid", "pub struct Counter");
    tiny.write("class/dan/README.md", "nothing yet");
    let out = graded(&tiny, "class");
    for line in [
        "ann  counter  4/4",
        "bob  counter  2/4  lost: counts-two, differs",
        "cid  counter  0/4  does not compile",
        "  dan: counter",
    ] {
        assert!(out.lines().any(|of| of == line), "{line}: {out}");
    }
    assert_eq!(last_line(&out), "3 graded, 0 unchanged, 1 not handed in");
    let out = graded(&tiny, "class");
    assert_eq!(out.lines().count(), 3, "{out}");
    assert_eq!(last_line(&out), "0 graded, 3 unchanged, 1 not handed in");

    let by_hand = ["--student", "bob", "--exercise", "counter"];
    let given = [
        &by_hand[..],
        &["--points", "3", "--reason", "=told, orally"],
    ]
    .concat();
    let (code, out, _) = run(&mut with_book(&tiny, "override", &given));
    assert_eq!(code, 0);
    assert_eq!(
        out,
        "bob  counter  3/4 by hand: =told, orally; the verdict gives 2\n"
    );
    hand_in(&tiny, "bob", "pub struct Counter;");
    let out = graded(&tiny, "class");
    assert_eq!(last_line(&out), "1 graded, 2 unchanged, 1 not handed in");
    let csv = export(&tiny, "csv", &[]);
    assert!(
        csv.starts_with("student,name,id,counter,total,maximum,late,comment\n"),
        "{csv}"
    );
    assert!(csv.contains("\nann,ann,,4,4,4,,\n"), "{csv}");
    assert!(
        csv.contains("\nbob,bob,,3,3,4,,\"counter: 3 by hand: =told"),
        "{csv}"
    );
    assert!(csv.contains("\ndan,dan,,,0,4,,\n"), "{csv}");
    let removed = [&by_hand[..], &["--remove"]].concat();
    run(&mut with_book(&tiny, "override", &removed));
    assert!(export(&tiny, "csv", &[]).contains("\nbob,bob,,0,0,4"));

    // A rubric that says something else.
    let rubric = tiny.path("course/checks/counter/rubric.toml");
    let text = std::fs::read_to_string(&rubric).unwrap();
    std::fs::write(&rubric, text.replace("One thread counts", "One counts")).unwrap();
    let out = graded(&tiny, "class");
    assert_eq!(last_line(&out), "3 graded, 0 unchanged, 1 not handed in");
    let json: Value = serde_json::from_str(&export(&tiny, "json", &[])).unwrap();
    assert_eq!(json["schema"], "lockstep/gradebook/v1");
    let ann = &json["students"][0]["results"]["counter"];
    assert_eq!(ann["points"], 4);
    assert_eq!(ann["verdict"]["checks"][1]["title"], "One counts");
    assert_eq!(json["students"][3]["results"]["counter"], Value::Null);
}

#[test]
fn canvas_gets_back_what_it_handed_out() {
    let tiny = Tiny::new();
    let right = packed(&[("counter/src/lib.rs", RIGHT.as_bytes())]);
    let submissions = packed(&[
        ("ashann_1_10_counter.zip", &right),
        ("boebob_LATE_2_11_lib.rs", wrong().as_bytes()),
        ("evileve_3_12_work.zip", &packed(&[("../src/lib.rs", b"")])),
        ("paulpia_5_14_report.pdf", b"%PDF"),
        ("strangersam_9_13_counter.zip", &right),
    ]);
    tiny.write("submissions.zip", submissions);
    let roster = tiny.write(
        "canvas.csv",
        "Student,ID,SIS Login ID,Section,Counter (77),Essay (78)\n\
         \"    Points Possible\",,,,4,10\n\
         \"Ash, Ann\",1,ann,A,,\n\
         \"Boe, Bob\",2,@bob,A,,\n\
         \"Evil, Eve\",3,eve,A,,\n\
         \"Day, Dan\",4,dan,A,,\n\
         \"Paul, Pia\",5,pia,A,,\n",
    );
    let mut grader = class(&tiny, "submissions.zip");
    let (code, out, err) = run(grader
        .args(["--exercise", "counter", "--roster"])
        .arg(&roster));
    assert_eq!(code, 0, "{out}{err}");
    for line in [
        "evileve  counter  0/4  refused: its entry ../src/lib.rs leads out of it; pack it again",
        "note: strangersam is not in the roster",
        "  Day, Dan: counter",
        "note: paulpia has handed in report.pdf, which the grader cannot open: ask for the crate's \
         folder or a ZIP of it",
        "4 graded, 0 unchanged, 1 not handed in, 1 cannot be opened",
    ] {
        assert!(out.lines().any(|of| of == line), "{line}: {out}");
    }
    let roster = roster.to_str().unwrap();
    assert_eq!(
        export(&tiny, "canvas", &["--roster", roster]),
        "Student,ID,SIS Login ID,Section,Counter (77)\n    \
         Points Possible,,,,4\n\
         \"Ash, Ann\",1,ann,A,4\n\
         \"Boe, Bob\",2,'@bob,A,2\n\
         \"Evil, Eve\",3,eve,A,0\n\
         \"Day, Dan\",4,dan,A,\n\
         \"Paul, Pia\",5,pia,A,\n"
    );
    let csv = export(&tiny, "csv", &["--roster", roster]);
    assert!(
        csv.contains("\nboebob_2,\"Boe, Bob\",2,2,2,4,counter,\n"),
        "{csv}"
    );

    let out = tiny.path("results");
    let folder = out.to_str().unwrap();
    export(&tiny, "gradescope", &["--out", folder]);
    let result = std::fs::read(out.join("counter/boebob_2.json")).unwrap();
    let result: Value = serde_json::from_slice(&result).unwrap();
    assert_eq!(
        (&result["score"], &result["tests"][2]["score"]),
        (&2.into(), &0.into())
    );
    assert_eq!(result["tests"][2]["status"], "failed");
    let lines = export(&tiny, "exercism", &[]);
    let statuses: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone())
        .collect();
    assert_eq!(statuses, ["pass", "fail", "error", "pass"]);
    let one = ["--student", "ashann_1", "--classroom", "cs101"];
    let result: Value = serde_json::from_str(&export(&tiny, "classroom50", &one)).unwrap();
    is_as_classroom50_wants_it(&result);
    assert_eq!(
        (&result["score"], &result["max-score"]),
        (&4.into(), &4.into())
    );
}

/// What `result-v1.schema.json` of Classroom 50 asks for.
fn is_as_classroom50_wants_it(result: &Value) {
    let texts = [
        "classroom",
        "assignment",
        "owner",
        "commit",
        "release",
        "review",
    ];
    for member in texts {
        let text = result[member].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{member}: {result}");
    }
    assert_eq!(result["schema"], "classroom50/result/v1");
    let is_group = result["assignment_type"] == "group";
    assert!(is_group || result["assignment_type"] == "individual");
    let submission = result["submission"].as_str().unwrap();
    assert!(submission.starts_with("submit/"), "{submission}");
    for member in ["datetime", "graded_at"] {
        let time = result[member].as_str().unwrap();
        let form = time.replace(|c: char| c.is_ascii_digit(), "0");
        assert_eq!(form, "0000-00-00T00:00:00Z", "{member}");
        let part = |from: usize| time[from..from + 2].parse::<u32>().unwrap();
        assert!(part(11) < 24 && part(14) < 60 && part(17) < 60, "{time}");
    }
    let points = |of: &Value| {
        let points = ["score", "max-score"].map(|member| of[member].as_u64());
        assert!(points[0].is_some() && points[0] <= points[1], "{of}");
    };
    points(result);
    for test in result["tests"].as_array().unwrap() {
        let name = test["test-name"].as_str().unwrap_or_default();
        assert!(!name.is_empty() && test["passed"].is_boolean(), "{test}");
        points(test);
    }
    // No other member may be there.
    let others = [
        "schema",
        "assignment_type",
        "submission",
        "datetime",
        "graded_at",
        "score",
        "max-score",
        "tests",
    ];
    for member in result.as_object().unwrap().keys() {
        let known = texts.contains(&&**member) || others.contains(&&**member);
        assert!(known, "{member}");
    }
}

/// Runs git in a folder of the class's, and gives what it prints.
fn git(folder: &Path, args: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=ann", "-c", "user.email=ann@example.org"])
        .args(["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_COMMITTER_DATE", "2026-11-21T22:50:42Z")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {args:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Makes a folder a repository with everything in it committed.
fn committed(folder: &Path) -> String {
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--message", "one"]);
    git(folder, &["rev-parse", "HEAD"])
}

#[test]
fn what_lies_in_a_clone_is_told_with_its_commit_and_nothing_of_the_clone_is_run() {
    let tiny = Tiny::new();
    // Whoever it is that asks git may come here.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(tiny.path(""), open).unwrap();
    for student in ["ann", "bob", "cid", "dan"] {
        hand_in(&tiny, student, RIGHT);
    }
    let [ann, bob, dan] = ["ann", "bob", "dan"].map(|who| tiny.path(&format!("class/{who}")));
    // One from its house, with what its runner signed in with.
    let first = committed(&ann);
    let url = "https://x-access-token:secret@example.org/cs101/counter-ann.git";
    git(&ann, &["remote", "add", "origin", url]);
    git(&ann, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let tag = "submit/2026-11-21T22-51-00Z-0123456";
    git(&ann, &["tag", "--annotate", "--message", "mine", tag]);
    // One that is not what was committed.
    committed(&bob);
    hand_in(&tiny, "bob", &right(1));
    // One that is nowhere else, and would have git run programs.
    let own = committed(&dan);
    git(&dan, &["remote", "add", "origin", url]);
    let taken = tiny.path("taken");
    let touch = format!("touch {}; cat", taken.display());
    let settings = [
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "filter.mine.clean",
        "filter.mine.process",
        "diff.external",
        "gpg.program",
    ];
    for name in settings {
        git(&dan, &["config", name, &touch]);
    }
    tiny.write("class/dan/.git/info/attributes", "* filter=mine\n");
    // And the class lies in a repository of somebody else's.
    committed(&tiny.path(""));
    assert!(!taken.exists());

    let out = graded(&tiny, "class");
    assert!(!out.contains("note:") && !taken.exists(), "{out}");
    let told = |who: &str| {
        let one = ["--student", who, "--classroom", "cs101"];
        let text = export(&tiny, "classroom50", &one);
        let result: Value = serde_json::from_str(&text).unwrap();
        is_as_classroom50_wants_it(&result);
        assert!(!text.contains("secret"), "{text}");
        let of = |member: &str| result[member].as_str().unwrap().to_owned();
        (
            ["commit", "release", "review"].map(of),
            of("submission"),
            of("datetime"),
        )
    };
    let page = "https://example.org/cs101/counter-ann";
    let when = "2026-11-21T22:50:42Z";
    let (links, submission, at) = told("ann");
    let commit = format!("{page}/commit/{first}");
    let release = format!("{page}/releases/tag/{}", tag.replace('/', "%2F"));
    assert_eq!(links, [commit.clone(), release, commit]);
    assert_eq!((&*submission, &*at), (tag, when));
    let (links, submission, at) = told("dan");
    assert_eq!(links, [own.clone(), own.clone(), own.clone()]);
    let made = format!("submit/2026-11-21T22-50-42Z-{}", &own[..7]);
    assert_eq!((submission, &*at), (made, when));
    for who in ["bob", "cid"] {
        let (links, ..) = told(who);
        let is_unknown = |link: &String| link.starts_with("sources:");
        assert!(links.iter().all(is_unknown), "{who}: {links:?}");
    }

    // The same sources at another commit, which its house has not seen yet.
    git(
        &ann,
        &["commit", "--quiet", "--allow-empty", "--message", "two"],
    );
    let second = git(&ann, &["rev-parse", "HEAD"]);
    let out = graded(&tiny, "class");
    assert_eq!(last_line(&out), "0 graded, 4 unchanged");
    let (links, ..) = told("ann");
    assert_eq!(links, [second.clone(), second.clone(), second]);
}

#[test]
fn moodle_gets_back_what_it_handed_out() {
    let tiny = Tiny::new();
    let right = packed(&[
        ("__MACOSX/src/._lib.rs", b"\0"),
        ("src/lib.rs", RIGHT.as_bytes()),
    ]);
    let submissions = packed(&[
        ("Ann Ash_71_assignsubmission_file_/counter.zip", &right),
        (
            "Bob Boe_72_assignsubmission_file_/mine/src/lib.rs",
            wrong().as_bytes(),
        ),
    ]);
    tiny.write("submissions.zip", submissions);
    let worksheet = tiny.write(
        "worksheet.csv",
        "Identifier,Full name,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n\
         Participant 71,Ann Ash,Submitted for grading,,10.00,-,\n\
         Participant 72,Bob Boe,Submitted for grading,,10.00,-,\n\
         Participant 73,Dan Day,No submission,,10.00,-,\n",
    );
    let mut grader = class(&tiny, "submissions.zip");
    let (code, out, err) = run(grader.args(["--exercise", "counter"]));
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(last_line(&out), "2 graded, 0 unchanged");
    let args = ["--to", "moodle", "--roster", worksheet.to_str().unwrap()];
    let (code, out, err) = run(&mut with_book(&tiny, "export", &args));
    assert_eq!(code, 0);
    assert!(err.contains("set the maximum to 4 in Moodle"), "{err}");
    assert_eq!(
        out,
        "Identifier,Full name,Status,Grade,Maximum Grade,Last modified (grade),Feedback comments\n\
         Participant 71,Ann Ash,Submitted for grading,4,10.00,-,\"4/4, all checks passed\"\n\
         Participant 72,Bob Boe,Submitted for grading,2,10.00,-,\"2/4, failed: 2 checks beyond the visible ones\"\n\
         Participant 73,Dan Day,No submission,,10.00,-,\n"
    );
}

#[test]
fn what_cannot_be_graded_is_listed_and_is_no_score() {
    let tiny = Tiny::new();
    hand_in(&tiny, "ann", RIGHT);
    hand_in(&tiny, "bob", NOT_SIMULATED);
    let (code, out, err) = run(&mut class(&tiny, "class"));
    assert_eq!(code, 3, "{out}{err}");
    assert_eq!(
        last_line(&out),
        "1 graded, 0 unchanged, 1 could not be graded"
    );
    assert!(out.contains("\n  bob  counter  "), "{out}");
    let csv = export(&tiny, "csv", &[]);
    assert!(
        csv.contains("\nbob,bob,,,0,4,,\"counter: could not be graded, which is no score\"\n"),
        "{csv}"
    );
}

/// Starts the grader as it would run in a pipe, one process at a time.
fn start(tiny: &Tiny) -> Child {
    std::process::Command::new(assert_cmd::cargo::cargo_bin!("grader"))
        .arg("class")
        .arg(tiny.path("class"))
        .arg("--course")
        .arg(tiny.path("course"))
        .arg("--gradebook")
        .arg(tiny.path("book.sqlite"))
        .args(["--jobs", "1"])
        .env("LOCKSTEP_CACHE", tiny.path("cache"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The lines that it shows first.
fn first_lines(grader: &mut Child, count: usize) -> Vec<String> {
    let out = BufReader::new(grader.stdout.as_mut().unwrap());
    out.lines().take(count).map(Result::unwrap).collect()
}

fn rows(path: &Path) -> i64 {
    let book = rusqlite::Connection::open(path).unwrap();
    let count = "SELECT count(*) FROM verdicts";
    book.query_row(count, [], |row| row.get(0)).unwrap()
}

#[test]
fn who_is_killed_or_interrupted_goes_on_where_it_stopped() {
    let tiny = Tiny::new();
    const ALL: usize = 6;
    for number in 0..ALL {
        let text = if number == 3 { wrong() } else { right(number) };
        hand_in(&tiny, &format!("student{number}"), &text);
    }
    let mut grader = start(&tiny);
    let shown = first_lines(&mut grader, 2);
    grader.kill().unwrap();
    grader.wait().unwrap();
    let kept = rows(&tiny.path("book.sqlite"));
    assert!(kept >= 2, "{shown:?} was shown, and {kept} are stored");

    let mut grader = start(&tiny);
    let more = first_lines(&mut grader, 1);
    assert!(!shown.contains(&more[0]), "{more:?} was graded twice");
    let process = grader.id().to_string();
    // Whoever runs the tests in the background has Ctrl-C ignored; this ends it alike.
    let interrupt = format!("kill -TERM {process}");
    let mut shell = std::process::Command::new("sh");
    assert!(shell.args(["-c", &interrupt]).status().unwrap().success());
    assert!(!grader.wait().unwrap().success());
    let mut err = String::new();
    let mut stderr = grader.stderr.take().unwrap();
    stderr.read_to_string(&mut err).unwrap();
    assert!(
        err.contains("the same command goes on where this one stopped"),
        "{err}"
    );
    let kept = rows(&tiny.path("book.sqlite"));
    assert!(kept >= 3, "{kept}");

    let out = graded(&tiny, "class");
    let left = ALL as i64 - kept;
    assert_eq!(last_line(&out), format!("{left} graded, {kept} unchanged"));
    let resumed = export(&tiny, "csv", &[]);
    std::fs::remove_file(tiny.path("book.sqlite")).unwrap();
    graded(&tiny, "class");
    assert_eq!(resumed, export(&tiny, "csv", &[]));
}

#[test]
fn two_graders_share_the_work_on_one_gradebook() {
    let tiny = Tiny::new();
    for number in 0..4 {
        hand_in(&tiny, &format!("student{number}"), &right(number));
    }
    let graders = [start(&tiny), start(&tiny)];
    let mut graded = 0;
    for grader in graders {
        let output = grader.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{out}{err}");
        let count = last_line(&out).split(' ').next().unwrap();
        graded += count.parse::<usize>().unwrap();
    }
    assert_eq!((graded, rows(&tiny.path("book.sqlite"))), (4, 4));
    let csv = export(&tiny, "csv", &[]);
    assert_eq!(csv.matches(",4,4,4,,\n").count(), 4, "{csv}");
}

#[test]
fn mistakes_of_the_caller_end_with_2_and_one_sentence() {
    let tiny = Tiny::new();
    hand_in(&tiny, "ann", RIGHT);
    let other = tiny.write("other.txt", "no gradebook".repeat(99));
    let no_class = run(&mut class(&tiny, "nowhere"));
    assert_eq!(no_class.0, 2);
    assert!(!tiny.path("book.sqlite").exists());
    let mut grader = tiny.grader("class");
    grader
        .arg(tiny.path("class"))
        .arg("--gradebook")
        .arg(&other);
    let (code, _, err) = run(&mut grader);
    assert_eq!(code, 2, "{err}");
    assert!(err.contains("is no gradebook"), "{err}");
    // Names would be garbled in what is imported.
    let latin = b"name\nM\xfcller\n".to_vec();
    let utf_16 = "\u{feff}name\nann\n".encode_utf16();
    let utf_16: Vec<u8> = utf_16.flat_map(u16::to_le_bytes).collect();
    for bytes in [latin, utf_16.clone(), utf_16[2..].to_vec()] {
        let roster = tiny.write("roster.csv", bytes);
        let (code, _, err) = run(class(&tiny, "class").arg("--roster").arg(roster));
        assert_eq!(code, 2, "{err}");
        let expected = "roster.csv is not UTF-8: save it as CSV UTF-8\n";
        assert!(err.ends_with(expected), "{err}");
    }
    for (verb, args, expected) in [
        ("export", &["--to", "csv"][..], "there is no"),
        ("export", &["--to", "excel"], "invalid value 'excel'"),
        (
            "override",
            &["--student", "a", "--exercise", "b", "--points", "1"],
            "--reason",
        ),
    ] {
        let (code, _, err) = run(&mut with_book(&tiny, verb, args));
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(expected), "{err}");
    }
    // What is written takes the place of nothing that is read.
    assert_eq!(run(&mut class(&tiny, "class")).0, 0);
    let before = std::fs::read(tiny.path("book.sqlite")).unwrap();
    let onto = |out: &std::path::Path| {
        let mut export = with_book(&tiny, "export", &["--to", "csv", "--out"]);
        run(export.arg(out))
    };
    let (code, _, err) = onto(&tiny.path("book.sqlite"));
    assert!(code == 2 && err.contains("is the gradebook"), "{err}");
    assert_eq!(std::fs::read(tiny.path("book.sqlite")).unwrap(), before);
    let (code, _, err) = onto(&tiny.path("none/x.csv"));
    assert!(code == 2 && err.contains("there is no folder"), "{err}");
    assert_eq!(onto(&tiny.path("x.csv")).0, 0);
    assert!(tiny.path("x.csv").is_file());
    // The folder of documents is made, with those above it.
    let mut documents = with_book(&tiny, "export", &["--to", "gradescope", "--out"]);
    let (code, _, err) = run(documents.arg(tiny.path("new/results")));
    assert_eq!(code, 0, "{err}");
    assert!(tiny.path("new/results").is_dir());
    for verb in ["class", "export", "override"] {
        let (code, out, _) =
            run(Command::new(assert_cmd::cargo::cargo_bin!("grader")).args([verb, "--help"]));
        assert!(code == 0 && out.contains("EXAMPLES:"), "{out}");
    }
}
