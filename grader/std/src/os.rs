//! `std::os`: std's own, but for what it has for `TcpStream`.

pub use ::std::os::*;

pub mod linux {
    //! See [`std::os::linux`].

    pub use ::std::os::linux::*;

    pub mod net {
        //! See [`std::os::linux::net`].

        pub use ::std::os::linux::net::*;
        pub use sim::net::TcpStreamExt;
    }
}
