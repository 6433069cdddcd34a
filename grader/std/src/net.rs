//! `std::net`: TCP and UDP are those of the simulated network.

pub use ::std::net::*;
pub use sim::net::{Incoming, TcpListener, TcpStream, UdpSocket};
