//! What came of all programs.

use crate::check::{Checked, Compared};

/// The figures of a run.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    /// Programs that were checked.
    pub programs: u64,
    /// Programs whose every schedule was run.
    pub complete: u64,
    /// Programs whose search with reduction was compared with a complete one
    /// without.
    pub whole: u64,
    /// Programs for which they were compared up to some number of deviations.
    pub bounded: u64,
    /// Outcomes that the simulation found.
    pub found: u64,
    /// Outcomes that were seen on the real std.
    pub seen: u64,
    /// Programs with an outcome that an exploration did not find that was not
    /// complete.
    pub open: u64,
    /// Programs that show a fault.
    pub faults: u64,
    /// Schedules with and without reduction, where both searches were complete.
    pub schedules: (u64, u64),
}

impl Summary {
    pub(crate) fn add(&mut self, checked: &Checked) {
        self.programs += 1;
        self.complete += u64::from(checked.complete);
        self.whole += u64::from(checked.compared == Compared::Whole);
        self.bounded += u64::from(checked.compared == Compared::Bounded);
        self.found += checked.outcomes.0 as u64;
        self.seen += checked.outcomes.1 as u64;
        self.open += u64::from(checked.open.is_some());
        self.faults += u64::from(checked.fault.is_some());
        self.schedules.0 += checked.schedules.0;
        self.schedules.1 += checked.schedules.1;
    }

    /// The figures, in a line.
    pub fn line(&self) -> String {
        format!(
            "{} programs: {} explored completely; {} outcomes found, {} of them seen on the real \
             std; reduction compared completely in {} ({} schedules for {}) and up to a bound in \
             {}; {} open, {} counterexamples",
            self.programs,
            self.complete,
            self.found,
            self.seen,
            self.whole,
            self.schedules.0,
            self.schedules.1,
            self.bounded,
            self.open,
            self.faults
        )
    }
}
