//! The rules, each of which asks one thing.

pub(crate) mod announces;
pub(crate) mod client;
pub(crate) mod closing;
pub(crate) mod command;
pub(crate) mod datagrams;
pub(crate) mod form;
pub(crate) mod served;
pub(crate) mod time;
