//! The simulation: threads, clock, choices, search, replay, trace.
