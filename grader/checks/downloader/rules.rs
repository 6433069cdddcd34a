//! The judge's rules, by what they ask about.
//!
//! Of the library: what `download_all` does with a fetcher of the scenario's.

pub(crate) mod concurrency;
pub(crate) mod faults;
pub(crate) mod naming;
pub(crate) mod overwriting;
pub(crate) mod results;
pub(crate) mod temporaries;
pub(crate) mod threads;
pub(crate) mod visibility;

/// Of the program: what it prints, leaves and asks servers for.
pub(crate) mod program {
    pub(crate) mod ended;
    pub(crate) mod left;
    pub(crate) mod printed;
    pub(crate) mod under_way;
}
