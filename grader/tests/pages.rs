//! The pages in a real browser: they open from disk, step, filter, sort and
//! print, and let nothing in.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;
mod tiny;

use std::collections::BTreeMap;

use browser::{Browser, in_browser};
use fantoccini::key::Key;
use fantoccini::wd::PrintConfiguration;
use grader::site::{Alike, Class, Entry, Exercise, Given, Lines, Side, Student, Submission, site};
use verdict::{
    Check, CheckOutcome, Finding, FindingKind, Outcome, Place, Step, Verdict, Visibility,
};

const SOURCE: &str = "fn both(a: &Mutex<u64>, b: &Mutex<u64>) {
    let a = a.lock();
    let b = b.lock();
\tprintln!(\"{a:?} < {b:?}\");
}
";

/// A name that would be markup, would end a script, and turns text around.
const HOSTILE: &str = "</script><script>document.title='taken'</script>\" onload='x' \u{202e}abc";

fn step(number: u64, thread: u32, action: &str, line: u32, switch: Option<&str>) -> Step {
    Step {
        step: number,
        thread,
        name: match thread {
            0 => "main".to_owned(),
            1 => "T1".to_owned(),
            number => format!("T{number} {HOSTILE:?}"),
        },
        action: action.to_owned(),
        place: (line > 0).then(|| Place {
            file: "src/lib.rs".to_owned(),
            line,
            column: 9,
        }),
        value: None,
        switch: switch.map(str::to_owned),
        own: false,
        left_out: Vec::new(),
    }
}

fn check(id: &str, finding: Option<Finding>) -> Check {
    Check {
        id: id.to_owned(),
        title: format!("The claim of {id}"),
        outcome: match finding {
            Some(_) => CheckOutcome::Failed,
            None => CheckOutcome::Passed,
        },
        points: if finding.is_some() { 0 } else { 5 },
        max_points: 5,
        visibility: Visibility::Visible,
        coverage: finding
            .is_none()
            .then(|| "holds in all 12 schedules".to_owned()),
        finding,
    }
}

/// A deadlock, told to a thread with a hostile name.
fn deadlock() -> Finding {
    Finding {
        kind: FindingKind::Deadlock,
        message: format!("neither `a.lock()` returns: {HOSTILE}"),
        contract: "C1: It *never* deadlocks.".to_owned(),
        schedule: "opposite@1.0".to_owned(),
        timeline: vec![
            step(1, 0, "spawns T1", 0, None),
            step(2, 0, "spawns T2", 0, None),
            step(3, 1, "locks mutex 1", 2, Some("main waits for T1")),
            step(4, 2, "locks mutex 2", 2, Some("T1 is preempted")),
            step(5, 1, "waits for mutex 2 for ever", 3, None),
            step(6, 2, "waits for mutex 1 for ever", 3, None),
        ],
    }
}

fn submission(student: &str, failed: usize) -> Submission {
    let checks: Vec<Check> = ["never-stuck", "counts"]
        .iter()
        .enumerate()
        .map(|(number, id)| check(id, (number < failed).then(deadlock)))
        .collect();
    let command = |check: &Check| (check.id.clone(), format!("grader replay {}", check.id));
    Submission {
        title: "Two locks".to_owned(),
        again: checks.iter().map(command).collect(),
        hints: vec!["Look at the order.".to_owned(), "Sort them.".to_owned()],
        sources: BTreeMap::from([("src/lib.rs".to_owned(), SOURCE.to_owned())]),
        verdict: Verdict {
            exercise: "two-locks".to_owned(),
            submission: format!("class/{student}"),
            outcome: Outcome::Graded,
            score: 10 - 5 * failed as u32,
            max_score: 10,
            message: String::new(),
            checks,
        },
    }
}

/// A class of a few students, one with a hostile name.
fn class() -> Class {
    let student = |name: &str, entry: Option<Entry>| Student {
        name: name.to_owned(),
        entries: entry
            .into_iter()
            .map(|entry| ("two-locks".to_owned(), entry))
            .collect(),
    };
    let graded = |name: &str, failed| Entry {
        graded: Some(submission(name, failed)),
        ..Entry::default()
    };
    Class {
        title: "Threads, 2026".to_owned(),
        exercises: vec![Exercise {
            name: "two-locks".to_owned(),
            title: "Two locks".to_owned(),
            points: 10,
        }],
        students: vec![
            student("Ben", Some(graded("ben", 0))),
            student("Ann", Some(graded("ann", 1))),
            student(HOSTILE, Some(graded("hostile", 2))),
            student("Cem", None),
            student(
                "Dea",
                Some(Entry {
                    trouble: Some("no memory".to_owned()),
                    late: true,
                    ..Entry::default()
                }),
            ),
            student(
                "Eve",
                Some(Entry {
                    given: Some(Given {
                        points: 7,
                        reason: "told me in person".to_owned(),
                    }),
                    ..graded("eve", 1)
                }),
            ),
        ],
        alike: vec![Alike {
            exercise: "two-locks".to_owned(),
            sides: ["Ann", "Eve"].map(|who| Side {
                who: who.to_owned(),
                share: 97,
                tokens: 120,
                sources: BTreeMap::from([("src/lib.rs".to_owned(), SOURCE.to_owned())]),
            }),
            regions: vec![[(1, 2), (1, 2)].map(|(first, last)| Lines {
                file: "src/lib.rs".to_owned(),
                first,
                last,
            })],
        }],
        alike_left_out: 3,
        not_compared: 28,
    }
}

/// That the browser had nothing to complain of, and nobody took the page.
async fn assert_sound(browser: &Browser) {
    let said = browser.console().await;
    assert!(said.is_empty(), "{said:?}");
    let title = browser.client.title().await.unwrap();
    assert_ne!(title, "taken");
}

#[test]
fn a_timeline_is_stepped_through_with_its_source_beside_it() {
    in_browser(&site(&class()), async |browser| {
        browser.open("pages/ann--two-locks.html").await;
        let count = ".now .count";
        let lit = ".listing .line.lit";
        assert_eq!(browser.text(count).await, "Step 1 of 6:");
        // Nobody is at a line yet.
        assert_eq!(browser.texts(lit).await, Vec::<String>::new());
        browser.click("[data-go=next]").await;
        browser.click("[data-go=next]").await;
        assert_eq!(browser.text(count).await, "Step 3 of 6:");
        assert_eq!(browser.texts(lit).await, ["    let a = a.lock();"]);
        let more = browser.text(".now .more").await;
        assert_eq!(
            more,
            "It runs now because main waits for T1. Locks held: T1: mutex 1."
        );

        let lanes = ".lanes";
        browser.press(lanes, &[Key::End]).await;
        assert_eq!(browser.text(count).await, "Step 6 of 6:");
        assert_eq!(browser.texts(lit).await, ["    let b = b.lock();"]);
        browser.press(lanes, &[Key::Left, Key::Up]).await;
        assert_eq!(browser.text(count).await, "Step 4 of 6:");
        browser.press(lanes, &[Key::Right]).await;
        // The other thread is where it was, and both are told.
        let who = "[...document.querySelectorAll('.listing [data-who]')].map(line => [line.dataset.n, line.dataset.who.slice(0, 2)])";
        let who = browser.value(who).await;
        assert_eq!(who, serde_json::json!([["2", "T2"], ["3", "T1"]]));
        browser.press(lanes, &[Key::Home]).await;
        browser.press(lanes, &[Key::Left]).await;
        assert_eq!(browser.text(count).await, "Step 1 of 6:");

        // A row that is clicked is gone to, in the drawing and in the table.
        browser.click("g.step[data-step='3'] .words").await;
        assert_eq!(browser.text(count).await, "Step 4 of 6:");
        browser.click("[data-view=table]").await;
        browser.click("tr.step:nth-child(5) td").await;
        assert_eq!(browser.text(count).await, "Step 5 of 6:");
        assert_eq!(browser.texts(".steps tr.lit th").await, ["5"]);
        assert_eq!(browser.texts(".lanes").await, Vec::<String>::new());
        assert_sound(&browser).await;
        browser.close().await;
    });
}

#[test]
fn a_page_fits_a_telephone_and_prints_and_is_dark_where_that_is_wished() {
    in_browser(&site(&class()), async |browser| {
        for page in ["pages/ann--two-locks.html", "index.html"] {
            browser.on_a_telephone(360).await;
            browser.open(page).await;
            assert_eq!(browser.sideways().await, 0, "{page}");
            let colour = "getComputedStyle(document.body).backgroundColor";
            let light = browser.value(colour).await;
            browser.prefers("prefers-color-scheme", "dark").await;
            assert_ne!(browser.value(colour).await, light);
            browser.prefers("prefers-color-scheme", "light").await;
            assert_eq!(browser.value(colour).await, light);
            assert_sound(&browser).await;
        }
        browser.open("pages/ann--two-locks.html").await;
        browser.shows_as("print").await;
        assert_eq!(browser.texts(".steps tbody th").await.len(), 6);
        assert_eq!(browser.texts(".stepper, .lanes, .listing").await.len(), 0);
        browser.shows_as("screen").await;
        let pdf = browser.client.print(PrintConfiguration::default()).await;
        let pdf = pdf.unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000);
        assert_sound(&browser).await;
        browser.close().await;
    });
}

#[test]
fn a_class_is_filtered_and_sorted() {
    in_browser(&site(&class()), async |browser| {
        browser.open("index.html").await;
        let names = async || browser.texts("#matrix tbody th").await;
        assert_eq!(names().await.len(), 6);
        browser.click("#matrix thead th:nth-child(2) button").await;
        let first = names().await;
        assert!(first[0].starts_with("</script>"), "{first:?}");
        assert_eq!(first[1..], ["Ann", "Eve", "Ben", "Cem", "Dea"]);
        browser.click("#matrix thead th:nth-child(2) button").await;
        assert_eq!(names().await[..4], ["Ben", "Eve", "Ann", first[0].as_str()]);
        browser.click("#matrix thead th:nth-child(1) button").await;
        assert_eq!(names().await[1..], ["Ann", "Ben", "Cem", "Dea", "Eve"]);

        for (tag, expected) in [
            ("missing", vec!["Cem"]),
            ("trouble", vec!["Dea"]),
            ("hand", vec!["Eve"]),
            ("full", vec!["Ben"]),
        ] {
            browser.click(&format!("option[value={tag}]")).await;
            assert_eq!(names().await, expected, "{tag}");
        }
        assert_eq!(browser.text(".filters .said").await, "1 of 6 shown");
        browser.click("option[value='']").await;
        browser.press(".filters input", &[]).await;
        let field = browser
            .client
            .find(fantoccini::Locator::Css(".filters input"));
        field.await.unwrap().send_keys("an").await.unwrap();
        assert_eq!(names().await, ["Ann"]);
        browser.click("#matrix tbody tr:not([hidden]) a").await;
        assert_eq!(browser.text("h1").await, "Two locks");
        assert_sound(&browser).await;
        browser.close().await;
    });
}

#[test]
fn a_submission_has_ways_to_the_class_and_to_those_before_and_after() {
    in_browser(&site(&class()), async |browser| {
        browser.open("index.html").await;
        let pairs = browser.texts(".facts li:last-child").await;
        assert_eq!(pairs, ["4\npairs alike"]);
        let told = browser.texts("[aria-label=Alike] ~ p").await;
        assert!(told[0].starts_with("3 more pairs are left out"), "{told:?}");
        assert!(told[1].starts_with("28 more pairs may be alike and were not compared"));
        browser.click("#matrix tbody tr:nth-child(2) a").await;
        let ways = async || browser.texts(".ways a").await;
        let of_ann = ways().await;
        assert_eq!(of_ann[..2], ["All results", "← Before: Ben"]);
        assert!(of_ann[2].starts_with("Next: </script>"), "{of_ann:?}");
        // Who has no page is passed over, and the last one has none after it.
        browser.press(".ways [rel=next]", &[Key::Enter]).await;
        browser.press(".ways [rel=next]", &[Key::Enter]).await;
        let path = browser.text(".path").await;
        assert_eq!(path, "class/eve");
        assert_eq!(ways().await.len(), 2);
        browser.press(".ways [rel=prev]", &[Key::Enter]).await;
        browser.press(".ways [rel=prev]", &[Key::Enter]).await;
        assert_eq!(ways().await, of_ann);
        // The first thing that the tabulator reaches leads back.
        browser.press("body", &[Key::Tab, Key::Enter]).await;
        assert_eq!(browser.text("h1").await, "Threads, 2026");
        browser.on_a_telephone(360).await;
        browser.open("pages/ann--two-locks.html").await;
        assert_eq!(browser.sideways().await, 0);
        assert_sound(&browser).await;
        browser.close().await;
    });
}

/// A counter with words enough to be compared, and two copies of it.
fn wordy() -> [String; 3] {
    let more = "
impl Counter {
    /// What it stands at, in words.
    pub fn told(&self) -> String {
        let mut left = self.get();
        let mut told = Vec::new();
        for (name, worth) in [(\"dozen\", 12), (\"pair\", 2), (\"one\", 1)] {
            while left >= worth {
                told.push(format!(\"a {name} of {worth}\"));
                left -= worth;
            }
        }
        match told.is_empty() {
            true => String::from(\"nothing at all\"),
            false => told.join(\" and \"),
        }
    }
}
";
    let ann = format!("{}{more}", tiny::RIGHT);
    // Every name and word of the piece is another, and it stands before the rest.
    let words = [
        ("told", "spelled"),
        ("left", "rest"),
        ("name", "word"),
        ("worth", "much"),
        ("12", "100"),
        ("What it stands at, in words.", "Mine."),
    ];
    let renamed = words.iter().fold(more.to_owned(), |text, (one, other)| {
        text.replace(one, other)
    });
    let (one, two) = tiny::TWO_STEPS;
    let eve = format!("{renamed}{}", tiny::RIGHT).replace(one, two);
    [ann, eve, tiny::RIGHT.to_owned()]
}

#[test]
fn the_report_of_a_class_is_written_as_a_whole_and_opens() {
    let tiny = tiny::Tiny::new();
    let [ann, eve, bob] = wordy();
    // Names that would be paths, markup, or one and the same.
    let eve_is = "eve <img src=x onerror=\"document.title='taken'\">";
    for (name, text) in [
        ("Ann", &ann),
        (eve_is, &eve),
        ("bob ..", &bob),
        ("ANN", &bob),
    ] {
        tiny.submit(&format!("{name}/counter"), text);
    }
    // What is not simulated cannot be graded.
    let (plain, other) = ("Counter(AtomicU64)", "Counter(AtomicU64, UnixDatagram)");
    let dan = tiny::RIGHT.replace(plain, other).replace(
        "Counter(AtomicU64::new(0))",
        "Counter(AtomicU64::new(0), std::os::unix::net::UnixDatagram::unbound().unwrap())",
    );
    let dan = format!("use std::os::unix::net::UnixDatagram;\n{dan}");
    tiny.submit("dan/counter", dan);
    let report = tiny.path("report");
    let class = |folder: &str| {
        let mut grader = tiny.grader("class");
        grader.arg(tiny.path(folder));
        grader.arg("--gradebook").arg(tiny.path("autumn.sqlite"));
        grader.arg("--report").arg(&report);
        let output = grader.output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), out, output.stderr)
    };
    let (code, out, _) = class("class");
    assert_eq!(code, 3, "{out}");
    assert!(
        out.contains("\nalike, which is for a person to judge"),
        "{out}"
    );
    assert!(out.contains(&format!(" % of {eve_is}  (")), "{out}");
    assert!(out.ends_with("/report/index.html\n"), "{out}");
    let read = |folder: &std::path::Path| -> Vec<(String, String)> {
        let files = walkdir::WalkDir::new(folder).sort_by_file_name();
        let files = files.into_iter().map(Result::unwrap);
        files
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| {
                let path = entry.path().strip_prefix(folder).unwrap();
                let text = std::fs::read_to_string(entry.path()).unwrap();
                (path.to_str().unwrap().to_owned(), text)
            })
            .collect()
    };
    let files = read(&report);
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            ".lockstep-report",
            "alike/counter-1.html",
            "index.html",
            "pages/ann--counter-2.html",
            "pages/ann--counter.html",
            "pages/bob--counter.html",
            "pages/eve-img-src-x-onerror-document-title-taken--counter.html",
        ]
    );

    // With nothing changed it is the same, and with a stranger's file it is kept.
    let (code, out, _) = class("class");
    assert_eq!((code, read(&report) == files), (3, true), "{out}");
    std::fs::write(report.join("notes.txt"), "mine").unwrap();
    let (code, out, err) = class("class");
    let err = String::from_utf8(err).unwrap();
    assert!(
        code == 2 && err.contains("has `notes.txt` in it"),
        "{out}{err}"
    );
    std::fs::remove_file(report.join("notes.txt")).unwrap();
    assert!(read(&report) == files);

    in_browser(&files, async |browser| {
        browser.open("index.html").await;
        assert_eq!(browser.text("h1").await, "autumn");
        let names = browser.texts("#matrix tbody th").await;
        assert_eq!(names, ["ANN", "Ann", "bob ..", "dan", eve_is]);
        // Sorted by the keyboard alone.
        let sorts = "#matrix thead th:nth-child(2) button";
        browser.press(sorts, &[Key::Enter]).await;
        let points = browser.texts("#matrix tbody td:nth-child(2)").await;
        assert_eq!(points, ["2/4", "4/4", "4/4", "4/4", "–\nnot graded"]);
        let troubles = "[aria-label='Could not be graded'] tbody th";
        assert_eq!(browser.texts(troubles).await, ["dan"]);
        // A timeline has the source beside it.
        browser.click("#matrix a[href*=eve]").await;
        let mut lit = Vec::new();
        for _ in 0..20 {
            browser.press(".lanes", &[Key::Right]).await;
            lit.extend(browser.texts(".listing .line.lit").await);
        }
        let is_wrong = |line: &String| line.contains("self.0.store(now");
        assert!(lit.iter().any(is_wrong), "{lit:?}");
        assert_sound(&browser).await;

        browser.open("index.html").await;
        browser.click("a[href='alike/counter-1.html']").await;
        let heads = browser.texts(".regions thead th").await;
        assert_eq!(heads, ["No.", "Ann", eve_is]);
        // A press on a place shows it on both sides.
        browser.press(".regions tbody a", &[Key::Enter]).await;
        for side in ["Ann", eve_is] {
            let lit = format!(".side[aria-label={side:?}] .lit");
            let lit = browser.texts(&lit).await;
            assert!(
                lit.len() >= 5 && lit.iter().all(|line| line.starts_with('1')),
                "{lit:?}"
            );
        }
        let requests = "performance.getEntriesByType('resource').length";
        assert_eq!(browser.value(requests).await, 0);
        browser.on_a_telephone(360).await;
        assert_eq!(browser.sideways().await, 0);
        browser.prefers("prefers-color-scheme", "dark").await;
        assert_sound(&browser).await;
        browser.close().await;
    });
}

#[test]
fn everything_is_there_without_the_script() {
    let files: Vec<(String, String)> = site(&class())
        .into_iter()
        .map(|(path, text)| {
            // The page's own policy keeps another script out.
            let text = text.replace("\"use strict\";", "\"use strict\"; // Not ours.");
            (path, text)
        })
        .collect();
    in_browser(&files, async |browser| {
        browser.open("pages/ann--two-locks.html").await;
        assert_eq!(browser.texts(".steps tbody th").await.len(), 6);
        assert_eq!(browser.texts(".lanes").await.len(), 1);
        assert_eq!(browser.texts("button, .beside, .now").await.len(), 0);
        // A place leads to its line, wherever that is.
        browser.click(".steps a").await;
        let line = "document.querySelector(':target').dataset.n";
        assert_eq!(browser.value(line).await, "2");
        let said = browser.console().await;
        assert!(
            said.iter()
                .all(|line| line.contains("Content Security Policy"))
        );
        assert_eq!(said.len(), 1, "{said:?}");
        browser.close().await;
    });
}

/// The index of a class of 200 students and 5 exercises, with 500 pairs that are
/// alike: how long it takes until it is there, with everything that its script does.
#[test]
#[ignore = "it measures, and a busy machine is slow"]
fn how_long_the_index_of_a_large_class_takes() {
    let few = class();
    let exercises = (0..5).map(|number| Exercise {
        name: format!("exercise-{number}"),
        ..few.exercises[0].clone()
    });
    let exercises: Vec<Exercise> = exercises.collect();
    let student = |number: usize| {
        let entry = |exercise: &Exercise| {
            let graded = submission(&format!("student-{number}"), number % 3);
            let entry = Entry {
                graded: Some(graded),
                ..Entry::default()
            };
            (exercise.name.clone(), entry)
        };
        Student {
            name: format!("Student {number}"),
            entries: exercises.iter().map(entry).collect(),
        }
    };
    let large = Class {
        title: "Large".to_owned(),
        students: (0..200).map(student).collect(),
        alike: vec![few.alike[0].clone(); 500],
        alike_left_out: 0,
        not_compared: 0,
        exercises: exercises.clone(),
    };
    let index = grader::site::files(&large).next().unwrap();
    let bytes = index.1.len();
    in_browser(&[index], async |browser| {
        let mut taken = Vec::new();
        for _ in 0..5 {
            browser.open("index.html").await;
            let loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd";
            taken.push(browser.value(loaded).await.as_f64().unwrap().round());
        }
        let words =
            format!("{bytes} bytes; from the request to the end of loading, ms: {taken:?}\n");
        std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()).unwrap();
        assert_sound(&browser).await;
        browser.close().await;
    });
}
