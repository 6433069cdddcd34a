//! The visible tests: they start the real program and talk to it over loopback.
//!
//! Every server listens on a port that the system chose, so the tests may run at the same time. The
//! time limits decide nothing about right or wrong; they end what would not end by itself.

mod client;
mod command_line;
mod server;
mod support;
