//! The contract of an exercise, read from its README.
//!
//! A sentence is a list item with an id, `- **C3** Calls never deadlock.`; it
//! may go on over indented lines. `C` sentences can be broken and are held by
//! checks, `O` sentences say what is open.

/// The sentences of a contract, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contract {
    sentences: Vec<Sentence>,
}

/// A sentence of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Its id, as `C3`.
    pub(crate) id: String,
    /// What it says, on one line.
    pub(crate) text: String,
}

impl Contract {
    /// Reads the section `## The contract` of a README.
    pub(crate) fn parse(readme: &str) -> Result<Contract, String> {
        let mut lines = readme
            .lines()
            .skip_while(|line| line.trim_end() != "## The contract");
        if lines.next().is_none() {
            return Err("README.md has no section `## The contract`".to_owned());
        }
        let mut sentences: Vec<Sentence> = Vec::new();
        let mut inside = false;
        let mut fenced = false;
        for line in lines.take_while(|line| !line.starts_with("## ")) {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if fenced {
                // Code beside a sentence is no part of it.
            } else if let Some(item) = line.strip_prefix("- **") {
                let (id, text) = item
                    .split_once("**")
                    .filter(|(id, _)| is_id(id))
                    .ok_or_else(|| format!("`{line}` has no id of the form `C3` or `O3`"))?;
                if sentences.iter().any(|known| known.id == id) {
                    return Err(format!("the sentence {id} is there twice"));
                }
                sentences.push(Sentence {
                    id: id.to_owned(),
                    text: text.trim().to_owned(),
                });
                inside = true;
            } else if line.trim().is_empty() {
                // A paragraph may follow in the same item, if it is indented.
            } else if let Some(sentence) = sentences
                .last_mut()
                .filter(|_| inside && line.starts_with(' '))
            {
                sentence.text.push(' ');
                sentence.text.push_str(line.trim());
            } else {
                inside = false;
            }
        }
        match sentences
            .iter()
            .find(|sentence| sentence.text.trim().is_empty())
        {
            Some(sentence) => Err(format!("the sentence {} says nothing", sentence.id)),
            None if sentences.is_empty() => {
                Err("`## The contract` has no item `- **C1** ...`".to_owned())
            }
            None => Ok(Contract { sentences }),
        }
    }

    /// The text of a sentence.
    pub(crate) fn text(&self, id: &str) -> Option<&str> {
        self.sentences
            .iter()
            .find(|sentence| sentence.id == id)
            .map(|sentence| sentence.text.as_str())
    }

    /// The sentences that can be broken.
    pub(crate) fn claims(&self) -> impl Iterator<Item = &Sentence> {
        self.sentences
            .iter()
            .filter(|sentence| !sentence.id.starts_with('O'))
    }

    /// A sentence as a finding quotes it.
    pub(crate) fn quote(&self, id: &str) -> String {
        self.text(id)
            .map(|text| format!("{id}: {text}"))
            .unwrap_or_default()
    }
}

/// Whether a text is an id: a capital letter and a number. `O` is for what is
/// open; any other letter for a part of what can be broken.
fn is_id(text: &str) -> bool {
    text.strip_prefix(|letter: char| letter.is_ascii_uppercase())
        .is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_wrap_onto_indented_lines_and_leave_code_out() {
        let contract = Contract::parse(
            "# Title\n- **C9** not of the contract\n\n## The contract\n\nWords before.\n\n\
             - **C1** One line.\n- **C2** Two\n  lines:\n\n  ```rust\n  fn code() {}\n  ```\n\n\
             - **O1** Open: a thing.\nWords after.\n  more words\n\n## Next\n- **C3** no longer\n",
        )
        .unwrap();
        let read: Vec<_> = contract
            .sentences
            .iter()
            .map(|s| (s.id.as_str(), s.text.as_str()))
            .collect();
        assert_eq!(
            read,
            [
                ("C1", "One line."),
                ("C2", "Two lines:"),
                ("O1", "Open: a thing.")
            ]
        );
        assert_eq!(contract.claims().count(), 2);
        assert_eq!(contract.quote("C2"), "C2: Two lines:");
    }

    #[test]
    fn a_contract_that_is_not_one_says_why() {
        let fails = |readme: &str| Contract::parse(readme).unwrap_err();
        assert!(fails("# Title\n").contains("no section"));
        assert!(fails("## The contract\nWords.\n").contains("no item"));
        assert!(fails("## The contract\n- **C1** a\n- **C1** b\n").contains("twice"));
        assert!(fails("## The contract\n- **C1:** a\n").contains("no id"));
        assert!(fails("## The contract\n- **C1**\n").contains("says nothing"));
    }
}
