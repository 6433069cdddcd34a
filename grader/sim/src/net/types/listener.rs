//! `TcpListener`.

use std::io::Result;
use std::iter::FusedIterator;
use std::net::{SocketAddr, ToSocketAddrs};

use super::{TcpStream, descriptor, noted};
use crate::host::Here;

/// See [`std::net::TcpListener`].
pub struct TcpListener(std::net::TcpListener);

impl TcpListener {
    /// See [`std::net::TcpListener::bind`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn bind<A: ToSocketAddrs>(address: A) -> Result<TcpListener> {
        let _here = Here::new();
        std::net::TcpListener::bind(address).map(TcpListener)
    }

    /// See [`std::net::TcpListener::try_clone`].
    ///
    /// # Errors
    /// When there are too many open descriptors.
    #[track_caller]
    pub fn try_clone(&self) -> Result<TcpListener> {
        let _here = Here::new();
        self.0.try_clone().map(TcpListener)
    }

    /// See [`std::net::TcpListener::accept`].
    ///
    /// # Errors
    /// Those of the system.
    #[track_caller]
    pub fn accept(&self) -> Result<(TcpStream, SocketAddr)> {
        let _here = Here::new();
        let (stream, from) = self.0.accept()?;
        Ok((TcpStream::from(stream), from))
    }

    /// See [`std::net::TcpListener::incoming`].
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming { listener: self }
    }

    noted! {
        local_addr() -> SocketAddr;
        set_ttl(ttl: u32) -> ();
        ttl() -> u32;
        #[deprecated(since = "1.16.0", note = "this option can only be set before the socket is bound")]
        #[allow(missing_docs, deprecated)]
        set_only_v6(only_v6: bool) -> ();
        #[deprecated(since = "1.16.0", note = "this option can only be set before the socket is bound")]
        #[allow(missing_docs, deprecated)]
        only_v6() -> bool;
        take_error() -> Option<std::io::Error>;
        set_nonblocking(nonblocking: bool) -> ();
    }
}

descriptor!(TcpListener);

/// See [`std::net::Incoming`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
#[derive(Debug)]
pub struct Incoming<'a> {
    listener: &'a TcpListener,
}

impl Iterator for Incoming<'_> {
    type Item = Result<TcpStream>;

    #[track_caller]
    fn next(&mut self) -> Option<Result<TcpStream>> {
        Some(self.listener.accept().map(|(stream, _)| stream))
    }
}

impl FusedIterator for Incoming<'_> {}
