//! What a run made up, by the names that the scenario has for it: addresses,
//! and the folder that the programs ran in.

use verdict::{Execution, placeholder};

use crate::marks;

/// What each name in braces stood for in an execution, as far as it came to be
/// known: `(name, text)`.
pub fn addresses(execution: &Execution) -> Vec<(&str, &str)> {
    marks(execution, placeholder::ADDRESS)
        .into_iter()
        .filter_map(|(_, value)| match value.as_list()? {
            [name, text] => Some((name.as_text()?, text.as_text()?)),
            _ => None,
        })
        .collect()
}

/// A text in which each address of this execution reads `{NAME}`, so that it is
/// the same in every run.
pub fn named(execution: &Execution, text: &str) -> String {
    namer(execution)(text)
}

/// [`named`] for many texts of an execution, which is looked through once.
pub fn namer(execution: &Execution) -> impl Fn(&str) -> String {
    let addresses = addresses(execution);
    move |text| {
        let mut text = text.to_owned();
        for (name, address) in &addresses {
            text = replaced(&text, address, &format!("{{{name}}}"));
        }
        text
    }
}

/// Replaces an address, but not the beginning of a longer one.
fn replaced(text: &str, address: &str, by: &str) -> String {
    if address.is_empty() {
        return text.to_owned();
    }
    let mut parts = text.split(address);
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let longer = address.ends_with(|c: char| c.is_ascii_digit())
            && part.starts_with(|c: char| c.is_ascii_digit());
        all.push_str(if longer { address } else { by });
        all.push_str(part);
    }
    all
}

#[cfg(test)]
mod tests {
    use verdict::{Value, What};

    use super::*;
    use crate::testing::{event, finished};

    #[test]
    fn an_address_is_shown_by_its_name_and_a_longer_one_is_another() {
        let mark = |name: &str, address: &str| What::Mark {
            name: placeholder::ADDRESS.to_owned(),
            value: Value::from(vec![name, address]),
        };
        let execution = finished(vec![
            event(0, mark("server", "127.0.0.1:400")),
            event(0, mark("out", "/scratch")),
        ]);
        let text = "at 127.0.0.1:400 and 127.0.0.1:4000 in /scratch/a";
        assert_eq!(
            named(&execution, text),
            "at {server} and 127.0.0.1:4000 in {out}/a"
        );
    }
}
