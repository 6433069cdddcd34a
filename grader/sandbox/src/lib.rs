//! Runs a command, confined, and tells how it ended.
