//! Views of verdicts. Everything here is a function from a verdict to a text;
//! nothing here decides or prints anything.

pub(crate) mod ci;
mod class;
mod exploration;
pub(crate) mod export;
mod frames;
pub(crate) mod html;
mod json;
mod text;
mod timeline;
mod words;

pub(crate) use class::{AlikeLine, ClassSummary, class_line, class_notes, class_summary};
pub(crate) use exploration::{exploration, shown};
pub(crate) use frames::frames;
pub(crate) use json::{gradebook, json};
pub(crate) use text::{Again, Layout, check_line, details, heading, replayed, score, table};
pub(crate) use words::{grouped, quoted, visible, visible_line};
