//! Sentences as paragraphs, with what stands in backticks as code.

use maud::{Markup, html};

use super::escape::Shown;

/// A message: each of its lines is a paragraph.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for line in text.lines().filter(|line| !line.trim().is_empty()) {
            p { (codes(line, false)) }
        }
    }
}

/// A title, or another line of words.
pub(super) fn line(text: &str) -> Markup {
    codes(text, false)
}

/// A sentence of a contract, in which words between asterisks are stressed.
pub(super) fn contract(text: &str) -> Markup {
    html! { p { (codes(text, true)) } }
}

/// Every other piece between backticks, where each has its other.
fn codes(text: &str, stresses: bool) -> Markup {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return html! { (Shown(text)) };
    }
    html! {
        @for (number, piece) in pieces.iter().enumerate() {
            @if number % 2 == 1 { code { (Shown(piece)) } }
            @else if stresses { (stressed(piece)) }
            @else { (Shown(piece)) }
        }
    }
}

fn stressed(text: &str) -> Markup {
    let pieces: Vec<&str> = text.split('*').collect();
    if pieces.len().is_multiple_of(2) {
        return html! { (Shown(text)) };
    }
    html! {
        @for (number, piece) in pieces.iter().enumerate() {
            @if number % 2 == 1 { em { (Shown(piece)) } } @else { (Shown(piece)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_are_code_and_asterisks_of_a_contract_stress() {
        assert_eq!(
            contract("C1: `a*b` goes to every *other* <client>").into_string(),
            "<p>C1: <code>a*b</code> goes to every <em>other</em> &lt;client&gt;</p>"
        );
        assert_eq!(
            prose("*a* `b`\n\n`open").into_string(),
            "<p>*a* <code>b</code></p><p>`open</p>"
        );
    }
}
