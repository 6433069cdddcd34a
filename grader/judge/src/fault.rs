//! What a rule gives when it does not give its blessing.

use verdict::{FindingKind, Question};

/// What is wrong with an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of fault.
    pub kind: FindingKind,
    /// What is wrong, in words for a student: one to three sentences.
    pub message: String,
    /// The id of the sentence of the contract that it breaks (`C3`), where the
    /// rule knows it better than the rubric.
    pub sentence: Option<String>,
}

impl Fault {
    /// A fault whose sentence the rubric knows.
    pub fn new(kind: FindingKind, message: impl Into<String>) -> Fault {
        Fault {
            kind,
            message: message.into(),
            sentence: None,
        }
    }

    /// The same fault, of this sentence of the contract.
    #[must_use]
    pub fn sentence(self, id: impl Into<String>) -> Fault {
        Fault {
            sentence: Some(id.into()),
            ..self
        }
    }
}

/// Why the judge is at a loss: a rule that it does not know, parameters that
/// make no sense, a record that cannot be. Never the student's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Lost(pub String);

impl Lost {
    /// No rule has the name that the question asks for.
    pub fn unknown_rule(question: &Question) -> Lost {
        Lost(format!(
            "no rule is called {:?}: correct the scenario {:?} of the check {:?} in rubric.toml",
            question.rule, question.scenario, question.check
        ))
    }
}
