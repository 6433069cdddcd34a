//! Tests of what the pages have in them; how they behave is tested in a browser
//! (`grader/tests/pages.rs`).

use std::collections::BTreeMap;

use verdict::timeline::LeftOut;
use verdict::{
    Check, CheckOutcome, Finding, FindingKind, Outcome, Place, Step, Verdict, Visibility,
};

use super::site::{Alike, Class, Entry, Exercise, Given, Lines, Side, Student, site};
use super::{Submission, document};

/// A text that would be markup, would end a script, and cannot all be seen.
const BAD: &str = "</script><b x='y' z=\"w\">&\x1b[2J\u{202e}\u{0}";

/// A submission that has this text wherever one can come from outside.
fn submission(text: &str) -> Submission {
    let step = |thread: u32| Step {
        step: u64::from(thread) + 1,
        thread,
        name: format!("T{thread} {text}"),
        action: format!("locks {text}"),
        place: Some(Place {
            file: text.to_owned(),
            line: 1,
            column: 1,
        }),
        value: Some(text.to_owned()),
        switch: Some(text.to_owned()),
        own: false,
        left_out: vec![LeftOut {
            thread,
            name: text.to_owned(),
            steps: 3,
        }],
    };
    let check = Check {
        id: format!("id {text}"),
        title: text.to_owned(),
        outcome: CheckOutcome::Failed,
        points: 0,
        max_points: 4,
        visibility: Visibility::Hidden,
        coverage: Some(text.to_owned()),
        finding: Some(Finding {
            kind: FindingKind::NoProgram,
            message: format!("{text}\n{text}"),
            contract: text.to_owned(),
            schedule: text.to_owned(),
            timeline: vec![step(1), step(2)],
        }),
    };
    let passed = Check {
        finding: None,
        outcome: CheckOutcome::Passed,
        ..check.clone()
    };
    Submission {
        title: text.to_owned(),
        hints: vec![text.to_owned()],
        sources: BTreeMap::from([(text.to_owned(), text.to_owned())]),
        again: BTreeMap::from([(check.id.clone(), text.to_owned())]),
        verdict: Verdict {
            exercise: text.to_owned(),
            submission: text.to_owned(),
            outcome: Outcome::Graded,
            score: 4,
            max_score: 8,
            message: text.to_owned(),
            checks: vec![check, passed],
        },
    }
}

fn class(text: &str) -> Class {
    let entry = Entry {
        graded: Some(submission(text)),
        late: true,
        trouble: Some(text.to_owned()),
        given: Some(Given {
            points: 3,
            reason: text.to_owned(),
        }),
    };
    let student = Student {
        name: text.to_owned(),
        entries: BTreeMap::from([(text.to_owned(), entry)]),
    };
    Class {
        title: text.to_owned(),
        exercises: vec![Exercise {
            name: text.to_owned(),
            title: text.to_owned(),
            points: 8,
        }],
        students: vec![student.clone(), student],
        alike: vec![Alike {
            exercise: text.to_owned(),
            sides: [text, text].map(|who| Side {
                who: who.to_owned(),
                share: 97,
                tokens: 120,
                sources: BTreeMap::from([(text.to_owned(), text.to_owned())]),
            }),
            regions: vec![[1, 1].map(|line| Lines {
                file: text.to_owned(),
                first: line,
                last: line,
            })],
        }],
        alike_left_out: 3,
        not_compared: 28,
    }
}

#[test]
fn a_page_of_a_class_tells_whose_it_is_and_what_counts() {
    let pages = site(&class("Ann"));
    let (_, page) = pages
        .iter()
        .find(|(path, _)| path.starts_with("pages/"))
        .unwrap();
    assert!(
        page.contains("<strong>Ann</strong>, handed in late"),
        "{page}"
    );
    assert!(page.contains("3 of 8 points by hand"), "{page}");
    assert!(page.contains("4</strong> of 8 points"), "{page}");
}

#[test]
fn no_text_from_outside_is_markup() {
    let mut compiles = submission(BAD);
    compiles.verdict.outcome = Outcome::DoesNotCompile;
    let mut refused = submission(BAD);
    refused.verdict.outcome = Outcome::Refused;
    let mut pages = vec![document(&[submission(BAD), compiles, refused])];
    pages.extend(site(&class(BAD)).into_iter().map(|(_, text)| text));
    for page in pages {
        assert!(!page.contains("<b x"), "{page}");
        assert!(!page.contains("z=\"w\""), "{page}");
        assert_eq!(page.matches("</script>").count(), 1);
        let odd = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!page.contains(odd));
        assert!(page.contains("&lt;/script&gt;"));
    }
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for (path, page) in site(&class("x")) {
        assert!(page.contains("content=\"default-src 'none'; style-src 'sha256-"));
        for word in [
            "http://", "https://", "src=", "url(/", "@import", "style=", "onclick",
        ] {
            assert!(!page.contains(word), "{path} has {word}");
        }
        // `url(#...)` is a part of the page itself.
        assert_eq!(page.matches("url(").count(), page.matches("url(#").count());
    }
}

#[test]
fn every_id_of_a_page_is_its_own_and_every_link_leads_somewhere() {
    let page = document(&[submission("a"), submission("b")]);
    let ids: Vec<&str> = page
        .split(" id=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let links: Vec<&str> = page
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(links.len() >= 6);
    for link in links {
        assert!(unique.contains(&link), "nothing is called {link}");
    }
}

#[test]
fn two_students_of_one_name_have_pages_of_their_own() {
    let paths: Vec<String> = site(&class("Ann"))
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        paths,
        [
            "index.html",
            "pages/ann--ann.html",
            "pages/ann--ann-2.html",
            "alike/ann-1.html"
        ]
    );
}

#[test]
fn what_was_not_graded_has_no_score() {
    let mut one = submission("x");
    one.verdict.outcome = Outcome::InfrastructureError;
    one.verdict.checks.clear();
    let page = document(std::slice::from_ref(&one));
    assert!(page.contains("Could not be graded. This is no score."));
    assert!(!page.contains("of 8 points"), "{page}");
}

#[test]
fn what_a_compiler_said_of_a_program_is_told_once() {
    let mut one = submission("x");
    let checks = &mut one.verdict.checks;
    let finding = checks[0].finding.as_mut().unwrap();
    finding.message = "it does not compile\nerror[E0425]".to_owned();
    let mut again = checks[0].clone();
    again.id = "other".to_owned();
    checks.push(again);
    let page = document(std::slice::from_ref(&one));
    assert_eq!(page.matches("it does not compile").count(), 2);
    assert_eq!(page.matches("error[E0425]").count(), 1);
}

#[test]
fn the_matrix_says_what_a_number_hides() {
    let mut class = class("x");
    class.students[1].entries.clear();
    let (_, index) = super::site::files(&class).next().unwrap();
    let row = index.split("<tr data-tags=\"").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    insta::assert_snapshot!(row.replace("<td", "\n<td"), @r#"
    short trouble hand late"><th scope="row">x</th>
    <td class="number low" data-value="3"><a href="pages/x--x.html">3/8</a> <span class="note">by hand</span> <span class="note">late</span> <span class="note bad">not graded</span></td>
    <td class="number" data-value="3">3/8</td>
    "#);
    // What was not handed in is no zero, and sorts behind all numbers.
    assert!(index.contains("<td class=\"number\" data-value=\"\">–</td>"));
    assert!(
        index.contains("<tr data-tags=\"short missing\">"),
        "{index}"
    );
}
