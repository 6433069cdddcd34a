//! The document of `grader grade --format json`.

use verdict::{SCHEMA, Verdict, Verdicts};

/// The verdicts as one document.
pub(crate) fn json(verdicts: Vec<Verdict>) -> Result<String, serde_json::Error> {
    let document = Verdicts {
        schema: SCHEMA.to_owned(),
        verdicts,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
