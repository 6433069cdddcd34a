//! A whole document: its head, which lets nothing in from anywhere, and what
//! stands in it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::escape::Shown;
use super::submission::{self, Submission};
use super::timeline::tips;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The pages of some submissions, as one document.
pub(crate) fn document(submissions: &[Submission]) -> String {
    match submissions {
        [one] => page(&submission::title(one), &submission::section(one, 0)),
        several => page("Submissions", &submission::sections(several)),
    }
}

/// A document with this in its body.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (Shown(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (tips())
                main { (body) }
                footer {
                    p { "Written by grader " (env!("CARGO_PKG_VERSION")) ". This page loads nothing from anywhere." }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    markup.into_string() + "\n"
}

/// Nothing may be loaded or sent, and no style or script but ours may be here.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}
