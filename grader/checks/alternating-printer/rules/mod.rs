//! The rules, one a module.

pub(crate) mod blocked;
pub(crate) mod done;
pub(crate) mod limit;
pub(crate) mod order;
pub(crate) mod stuck;
pub(crate) mod threads;
pub(crate) mod usage;
