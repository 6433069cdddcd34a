//! Hostile texts in every field, read again as their readers do.

use pulldown_cmark::{Event, Options, Parser, Tag};
use verdict::{Finding, Place, Step, Visibility};

use super::*;

/// What would be markup, a command or the end of something, everywhere.
const HOSTILE: &str = "a|b `c` ```\n~~~\n::error::x\n::stop-commands::y\n##[error]z\r%0A,:\n\
    <img src=x onerror=y></details><!-- ]]> &lt; [l](https://e.example) ![i](j) www.e.example \
    https://e.example *s* _t_ ~~u~~ $v$ @w #1 \\ \x1b[31m\u{0}\u{8}\u{202e}\u{fffe}\u{ffff}\n# h\n- l\n> q\n---";

fn check(id: &str, outcome: CheckOutcome, text: &str) -> Check {
    let step = |file: &str, line| Step {
        step: 1,
        thread: 1,
        name: text.to_owned(),
        action: format!("panics: {text}"),
        place: Some(Place {
            file: file.to_owned(),
            line,
            column: 3,
        }),
        value: Some(text.to_owned()),
        switch: Some(text.to_owned()),
        own: false,
        left_out: Vec::new(),
    };
    Check {
        id: id.to_owned(),
        title: format!("{id} {text}"),
        outcome,
        points: u32::from(outcome == CheckOutcome::Passed),
        max_points: 1,
        visibility: Visibility::Hidden,
        coverage: None,
        finding: (outcome == CheckOutcome::Failed).then(|| Finding {
            kind: FindingKind::Panic,
            message: text.to_owned(),
            contract: text.to_owned(),
            schedule: text.to_owned(),
            timeline: vec![step("check/driver.rs", 1), step("src/lib.rs", 7)],
        }),
    }
}

fn graded(folder: &str, outcome: verdict::Outcome, message: &str, checks: Vec<Check>) -> Graded {
    let sources = tempfile::tempdir().unwrap();
    std::fs::create_dir(sources.path().join("src")).unwrap();
    std::fs::write(sources.path().join("src/lib.rs"), "").unwrap();
    let sources = Sources::read(sources.path(), crate::course::Kind::Library).unwrap();
    Graded {
        verdict: Verdict {
            exercise: "bank".to_owned(),
            submission: folder.to_owned(),
            outcome,
            score: checks.iter().map(|check| check.points).sum(),
            max_score: checks.iter().map(|check| check.max_points).sum(),
            message: message.to_owned(),
            checks,
        },
        folder: folder.to_owned(),
        sources: sources.ok(),
        again: Again::new(&["grader".to_owned()], folder, &[]),
        least: 1,
    }
}

fn hostile() -> Vec<Graded> {
    let checks = |text| {
        vec![
            check("one", CheckOutcome::Failed, text),
            check("two", CheckOutcome::NotRun, text),
        ]
    };
    use verdict::Outcome::{DoesNotCompile, Graded, InfrastructureError, Refused};
    let all = [Graded, DoesNotCompile, Refused, InfrastructureError];
    all.map(|outcome| graded(&format!("x{HOSTILE}"), outcome, HOSTILE, checks(HOSTILE)))
        .into()
}

#[test]
fn an_annotation_is_one_command_on_one_line() {
    let of = |checks| annotations(&[graded("a,b:c%", verdict::Outcome::Graded, "", checks)]);
    let shown = of(vec![
        check("one", CheckOutcome::Failed, "50%\nof it: a, b"),
        check("two", CheckOutcome::Passed, ""),
    ]);
    insta::assert_snapshot!(shown.commands, @r"
    ::warning file=a%2Cb%3Ac%25/src/lib.rs,line=7,col=3,title=bank%3A one 50%25\nof it%3A a%2C b::panic: 50%25%0Aof it: a, b%0A%0Athe contract says: 50%25%0Aof it: a, b%0A%0Aagain: grader replay a,b:c%25 --check one --schedule $'50%25\U0000000aof it: a, b'
    ::notice title=bank::1 of 2 points
    ");
    // One point is asked for.
    let shown = of(vec![check("one", CheckOutcome::Failed, "m")]);
    assert!(shown.commands.starts_with("::error file="), "{shown:?}");
    assert!(
        shown
            .commands
            .contains("::0 of 1 point; at least 1 are asked for\n")
    );
}

#[test]
fn nothing_of_a_submission_is_a_command_of_its_own() {
    let shown = annotations(&hostile());
    assert!(shown.commands.lines().count() >= 7, "{}", shown.commands);
    for line in shown.commands.lines() {
        let kinds = ["::error ", "::warning ", "::notice "];
        assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        // The properties end at the first `::` and hold none of their signs.
        let (_, rest) = line.split_once(' ').unwrap();
        let (properties, _) = rest.split_once("::").unwrap();
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "col", "title"].contains(&name), "{line}");
            assert!(!value.contains(':'), "{line}");
        }
    }
    assert_eq!(stop("t"), "::stop-commands::t\n");
    assert_eq!(resume("t"), "::t::\n");
    assert!(complaint(HOSTILE).lines().count() == 1);
}

#[test]
fn errors_of_a_compiler_stand_at_their_lines() {
    let words = "error[E0308]: mismatched types\n --> src/lib.rs:3:5\n  |\n3 |     1\n  |     ^\n\
         note: there\n --> src/lib.rs:9:1\nwarning: odd\n --> src/lib.rs:8:1\n\
         error: cannot find `x`\n  --> src/lib.rs:12:9\nerror: aborting\n";
    let outcome = verdict::Outcome::DoesNotCompile;
    let shown = annotations(&[graded("", outcome, words, Vec::new())]);
    insta::assert_snapshot!(shown.commands, @r"
    ::error file=src/lib.rs,line=3,col=5,title=bank%3A does not compile::error[E0308]: mismatched types
    ::error file=src/lib.rs,line=12,col=9,title=bank%3A does not compile::error: cannot find `x`
    ::notice title=bank::0 of 0 points; at least 1 are asked for
    ");
}

#[test]
fn of_each_kind_there_are_ten_at_most_and_every_exercise_has_its_share() {
    let fails = |count: usize| {
        let check = |n| check(&format!("c{n}"), CheckOutcome::Failed, "");
        (0..count).map(check).collect::<Vec<_>>()
    };
    let of = |folder, count| graded(folder, verdict::Outcome::Graded, "", fails(count));
    let shown = annotations(&[of("a", 20), of("b", 2)]);
    let count = |start: &str| {
        let lines = shown.commands.lines();
        lines.filter(|line| line.starts_with(start)).count()
    };
    assert_eq!(count("::error file=a/"), 8);
    assert_eq!(count("::error file=b/"), 2);
    assert_eq!(count("::notice"), 2);
    assert_eq!(shown.left_out, 12);
}

#[test]
fn a_summary_is_no_markup_but_its_own() {
    let notes = [HOSTILE.to_owned()];
    let text = summary(&hostile(), &notes, 3, 1 << 20);
    let mut events = Vec::new();
    for event in Parser::new_ext(&text, Options::all()) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let ours = html.starts_with("<details><summary>❌ one&#32;")
                    || html.starts_with("<details><summary>❌ one")
                    || html.trim() == "</details>";
                assert!(ours && html.matches('<').count() <= 3, "{html}");
            }
            Event::Start(tag) => {
                let plain = matches!(
                    tag,
                    Tag::Paragraph
                        | Tag::Heading { .. }
                        | Tag::Table(_)
                        | Tag::TableHead
                        | Tag::TableRow
                        | Tag::TableCell
                        | Tag::CodeBlock(_)
                        | Tag::HtmlBlock
                );
                assert!(plain, "{tag:?} in\n{text}");
                events.push(tag);
            }
            Event::Code(code) => panic!("{code} in\n{text}"),
            Event::InlineMath(math) | Event::DisplayMath(math) => panic!("{math}"),
            _ => {}
        }
    }
    let headings = events
        .iter()
        .filter(|tag| matches!(tag, Tag::Heading { .. }));
    assert_eq!(headings.count(), 1 + 4);
    let rows = events.iter().filter(|tag| matches!(tag, Tag::TableRow));
    assert_eq!(rows.count(), 4 + 2);
    assert!(!text.contains(['\x1b', '\0', '\u{202e}', '\r']));
    assert!(text.contains("3 annotations more"));
}

#[test]
fn a_summary_has_room_for_what_matters_first() {
    let long = "word ".repeat(2000);
    let all: Vec<Graded> = (0..20)
        .map(|n| {
            let checks = vec![check("one", CheckOutcome::Failed, &long)];
            graded(&format!("c{n}"), verdict::Outcome::Graded, "", checks)
        })
        .collect();
    let text = summary(&all, &[], 0, 100_000);
    assert!(
        text.len() <= 100_000 && text.len() > 60_000,
        "{}",
        text.len()
    );
    assert!(text.contains("parts of this summary had no room: see the log"));
    assert_eq!(text.matches("| bank |").count(), 20);
    assert!(summary(&all, &[], 0, 0).contains("see the log"));
    let parser = Parser::new_ext(&text, Options::all());
    let open = parser.filter(|event| matches!(event, Event::Start(Tag::CodeBlock(_))));
    assert!(open.count() >= 2);
}

#[test]
fn outputs_are_numbers() {
    assert_eq!(outputs(&hostile()), "score=0\nmax-score=6\nexercises=4\n");
    assert_eq!(outputs(&[]), "score=0\nmax-score=0\nexercises=0\n");
}

#[test]
fn the_xml_is_well_formed_whatever_a_submission_says() {
    let text = junit(&hostile()).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("tests"), Some("11"));
    assert_eq!(root.attribute("failures"), Some("6"));
    assert_eq!(root.attribute("errors"), Some("1"));
    assert_eq!(root.attribute("skipped"), None);
    let cases: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    assert_eq!(cases.len(), 11);
    assert!(
        cases[0]
            .attribute("name")
            .unwrap()
            .contains("<img src=x onerror=y>")
    );
    let failure = cases[0].first_element_child().unwrap();
    assert_eq!(failure.attribute("type"), Some("panic"));
    assert!(failure.text().unwrap().contains("the contract says"));
}
