//! The judge's rules, by what they ask about.

pub(crate) mod concurrency;
pub(crate) mod faults;
pub(crate) mod naming;
pub(crate) mod overwriting;
pub(crate) mod results;
pub(crate) mod temporaries;
pub(crate) mod threads;
pub(crate) mod visibility;
