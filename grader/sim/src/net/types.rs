//! `TcpListener`, `TcpStream` and `UdpSocket`: std's own types, above descriptors that are
//! simulated (see `host::socket`), with the line of the submission that they
//! are used at.

mod listener;
mod stream;
mod udp;

pub use listener::{Incoming, TcpListener};
pub use stream::TcpStream;
pub use udp::UdpSocket;

/// Methods that note their caller's place, and go on to std's.
macro_rules! noted {
    ($($(#[$attribute:meta])* $name:ident($($argument:ident: $Type:ty),*) -> $Result:ty;)*) => {
        $(
            #[doc = concat!("See the method of std, [`", stringify!($name), "`].")]
            ///
            #[doc = concat!("[`", stringify!($name), "`]: std::net")]
            ///
            /// # Errors
            /// Those of the system.
            $(#[$attribute])*
            #[track_caller]
            pub fn $name(&self, $($argument: $Type),*) -> std::io::Result<$Result> {
                let _here = crate::host::Here::new();
                self.0.$name($($argument),*)
            }
        )*
    };
}

/// What std's types with a descriptor have.
macro_rules! descriptor {
    ($Type:ident) => {
        impl std::fmt::Debug for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::os::fd::AsFd for $Type {
            fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
                self.0.as_fd()
            }
        }

        impl std::os::fd::AsRawFd for $Type {
            fn as_raw_fd(&self) -> std::os::fd::RawFd {
                self.0.as_raw_fd()
            }
        }

        impl std::os::fd::IntoRawFd for $Type {
            fn into_raw_fd(self) -> std::os::fd::RawFd {
                self.0.into_raw_fd()
            }
        }

        impl std::os::fd::FromRawFd for $Type {
            unsafe fn from_raw_fd(descriptor: std::os::fd::RawFd) -> $Type {
                // SAFETY: the caller's promise.
                $Type(unsafe { std::net::$Type::from_raw_fd(descriptor) })
            }
        }

        impl From<std::os::fd::OwnedFd> for $Type {
            fn from(descriptor: std::os::fd::OwnedFd) -> $Type {
                $Type(descriptor.into())
            }
        }

        impl From<$Type> for std::os::fd::OwnedFd {
            fn from(socket: $Type) -> std::os::fd::OwnedFd {
                socket.0.into()
            }
        }
    };
}

use {descriptor, noted};
