//! `TcpStream`.

use std::fmt;
use std::io::{IoSlice, IoSliceMut, Read, Result, Write};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::panic::Location;
use std::time::Duration;

use super::{descriptor, noted};
use crate::host::Here;

/// See [`std::net::TcpStream`].
pub struct TcpStream(std::net::TcpStream);

impl From<std::net::TcpStream> for TcpStream {
    fn from(stream: std::net::TcpStream) -> TcpStream {
        TcpStream(stream)
    }
}

impl TcpStream {
    /// See [`std::net::TcpStream::connect`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(address: A) -> Result<TcpStream> {
        let _here = Here::new();
        std::net::TcpStream::connect(address).map(TcpStream)
    }

    /// See [`std::net::TcpStream::connect_timeout`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn connect_timeout(address: &SocketAddr, timeout: Duration) -> Result<TcpStream> {
        let _here = Here::new();
        std::net::TcpStream::connect_timeout(address, timeout).map(TcpStream)
    }

    /// See [`std::net::TcpStream::try_clone`].
    ///
    /// # Errors
    /// When there are too many open descriptors.
    #[track_caller]
    pub fn try_clone(&self) -> Result<TcpStream> {
        let _here = Here::new();
        self.0.try_clone().map(TcpStream)
    }

    noted! {
        peer_addr() -> SocketAddr;
        local_addr() -> SocketAddr;
        shutdown(how: Shutdown) -> ();
        set_read_timeout(time: Option<Duration>) -> ();
        set_write_timeout(time: Option<Duration>) -> ();
        read_timeout() -> Option<Duration>;
        write_timeout() -> Option<Duration>;
        peek(buffer: &mut [u8]) -> usize;
        set_nodelay(nodelay: bool) -> ();
        nodelay() -> bool;
        set_ttl(ttl: u32) -> ();
        ttl() -> u32;
        take_error() -> Option<std::io::Error>;
        set_nonblocking(nonblocking: bool) -> ();
    }
}

/// Methods of a trait that note their caller's place, and go on to std's.
macro_rules! methods {
    ($($name:ident($($argument:ident: $Type:ty),*) -> $Result:ty;)*) => {
        $(
            #[track_caller]
            fn $name(&mut self, $($argument: $Type),*) -> Result<$Result> {
                let _here = Here::new();
                (&self.0).$name($($argument),*)
            }
        )*
    };
}

macro_rules! streams {
    ($($Type:ty),*) => {
        $(
            impl Read for $Type {
                methods! {
                    read(buffer: &mut [u8]) -> usize;
                    read_vectored(buffers: &mut [IoSliceMut<'_>]) -> usize;
                    read_to_end(buffer: &mut Vec<u8>) -> usize;
                    read_to_string(buffer: &mut String) -> usize;
                    read_exact(buffer: &mut [u8]) -> ();
                }
            }

            impl Write for $Type {
                methods! {
                    write(bytes: &[u8]) -> usize;
                    write_vectored(buffers: &[IoSlice<'_>]) -> usize;
                    write_all(bytes: &[u8]) -> ();
                }

                #[track_caller]
                fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> Result<()> {
                    let place = Location::caller();
                    Pieces(&self.0, place).write_fmt(args)
                }

                fn flush(&mut self) -> Result<()> {
                    Ok(())
                }
            }
        )*
    };
}

streams!(TcpStream, &TcpStream);

/// What is formatted, piece by piece: between two of them, the `Display` of a
/// submission runs, whose place is another one.
struct Pieces<'a>(&'a std::net::TcpStream, &'static Location<'static>);

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let _here = Here::at(self.1);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

descriptor!(TcpStream);
