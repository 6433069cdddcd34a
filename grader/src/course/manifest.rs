//! `exercise.toml`: what students are told of an exercise.

use serde::Deserialize;

/// The manifest of an exercise.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Its title.
    pub(crate) title: String,
    /// What the rubric's checks add up to.
    pub(crate) points: u32,
    /// From gentle to plain.
    #[serde(default)]
    pub(crate) hints: Vec<String>,
    /// The checks that students may see.
    #[serde(default)]
    pub(crate) visible: Vec<String>,
}
