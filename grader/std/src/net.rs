//! `std::net`: TCP is that of the simulated network.

pub use ::std::net::*;
pub use sim::net::{Incoming, TcpListener, TcpStream};
