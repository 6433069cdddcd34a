//! `std::io::pipe`: std's own types, above descriptors that are simulated (see
//! `host`), with the line of the submission that they are used at.

use std::fmt;
use std::io::{IoSlice, IoSliceMut, Read, Result, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::Location;
use std::process::Stdio;

use crate::host::Here;

/// See [`std::io::PipeReader`].
pub struct PipeReader(std::io::PipeReader);

/// See [`std::io::PipeWriter`].
pub struct PipeWriter(std::io::PipeWriter);

/// See [`std::io::pipe`].
///
/// # Errors
/// When there are too many open descriptors.
#[track_caller]
pub fn pipe() -> Result<(PipeReader, PipeWriter)> {
    let _here = Here::new();
    let (reader, writer) = std::io::pipe()?;
    Ok((PipeReader(reader), PipeWriter(writer)))
}

/// Methods that note their caller's place, and go on to std's.
macro_rules! noted {
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

macro_rules! read {
    ($Type:ty) => {
        impl Read for $Type {
            noted! {
                read(buffer: &mut [u8]) -> usize;
                read_vectored(buffers: &mut [IoSliceMut<'_>]) -> usize;
                read_to_end(buffer: &mut Vec<u8>) -> usize;
                read_to_string(buffer: &mut String) -> usize;
                read_exact(buffer: &mut [u8]) -> ();
            }
        }
    };
}

macro_rules! write {
    ($Type:ty) => {
        impl Write for $Type {
            noted! {
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
    };
}

/// What is formatted, piece by piece: between two of them, the `Display` of a
/// submission runs, whose place is another one.
struct Pieces<'a>(&'a std::io::PipeWriter, &'static Location<'static>);

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let _here = Here::at(self.1);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

read!(PipeReader);
read!(&PipeReader);
write!(PipeWriter);
write!(&PipeWriter);

macro_rules! descriptor {
    ($($Type:ident),*) => {
        $(
            impl $Type {
                #[doc = concat!("See [`std::io::", stringify!($Type), "::try_clone`].")]
                ///
                /// # Errors
                /// When there are too many open descriptors.
                pub fn try_clone(&self) -> Result<$Type> {
                    self.0.try_clone().map($Type)
                }
            }

            impl fmt::Debug for $Type {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl AsFd for $Type {
                fn as_fd(&self) -> BorrowedFd<'_> {
                    self.0.as_fd()
                }
            }

            impl AsRawFd for $Type {
                fn as_raw_fd(&self) -> RawFd {
                    self.0.as_raw_fd()
                }
            }

            impl IntoRawFd for $Type {
                fn into_raw_fd(self) -> RawFd {
                    self.0.into_raw_fd()
                }
            }

            impl FromRawFd for $Type {
                unsafe fn from_raw_fd(descriptor: RawFd) -> $Type {
                    // SAFETY: the caller's promise.
                    $Type(unsafe { std::io::$Type::from_raw_fd(descriptor) })
                }
            }

            impl From<OwnedFd> for $Type {
                fn from(descriptor: OwnedFd) -> $Type {
                    $Type(descriptor.into())
                }
            }

            impl From<$Type> for OwnedFd {
                fn from(pipe: $Type) -> OwnedFd {
                    pipe.0.into()
                }
            }

            impl From<$Type> for Stdio {
                fn from(pipe: $Type) -> Stdio {
                    pipe.0.into()
                }
            }
        )*
    };
}

descriptor!(PipeReader, PipeWriter);
