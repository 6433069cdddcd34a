//! What the grader asks a judge, and what it answers: lines of JSON on the
//! judge's standard input and output.
//!
//! A judge is given one [`Question`], then the [`Record`](crate::Record)s of
//! one scenario that belong to it (executions, then the end), and gives one
//! [`Answer`]. It may answer before it has read all.

use serde::{Deserialize, Serialize};

use crate::{FindingKind, World};

/// What is to be judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The check's id.
    pub check: String,
    /// The scenario's name.
    pub scenario: String,
    /// Which of the judge's rules applies.
    pub rule: String,
    /// The scenario's parameters.
    #[serde(default)]
    pub params: serde_json::Value,
    /// The programs that ran, and what was around them.
    #[serde(default)]
    pub world: World,
}

/// What a judge says of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Every execution keeps the contract.
    Kept {
        /// How many executions were judged.
        judged: u64,
    },
    /// An execution does not.
    Broken {
        /// Which of the executions told, from 0, in the order told.
        execution: u64,
        /// The kind of fault.
        kind: FindingKind,
        /// What is wrong, in words for a student: one to three sentences.
        message: String,
        /// The id of the sentence of the contract that it breaks (`C3`), where
        /// the judge knows it better than the rubric.
        sentence: Option<String>,
    },
    /// The record ended before its end, and nothing was broken until then.
    CutShort {
        /// How many executions were judged.
        judged: u64,
    },
    /// The judge itself is at a loss: the rubric or the record is not what it
    /// should be. Never the student's fault.
    Lost {
        /// Why.
        reason: String,
    },
}
