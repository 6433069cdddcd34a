//! The parameters of a question, by the keys that the rubric gives them.

use serde_json::Value;
use verdict::Question;

use crate::Lost;

/// The whole number under `key`, not negative.
pub fn number(question: &Question, key: &str) -> Result<u64, Lost> {
    get(question, key, "a whole number", Value::as_u64)
}

/// The text under `key`.
pub fn text<'a>(question: &'a Question, key: &str) -> Result<&'a str, Lost> {
    get(question, key, "a text", Value::as_str)
}

/// The truth value under `key`.
pub fn flag(question: &Question, key: &str) -> Result<bool, Lost> {
    get(question, key, "true or false", Value::as_bool)
}

fn get<'a, T>(
    question: &'a Question,
    key: &str,
    what: &str,
    convert: impl Fn(&'a Value) -> Option<T>,
) -> Result<T, Lost> {
    question.params.get(key).and_then(convert).ok_or_else(|| {
        Lost(format!(
            "the scenario {:?} of the check {:?} needs a parameter {key:?} that is {what}: add it \
             to params in rubric.toml",
            question.scenario, question.check
        ))
    })
}
