//! `std::fs`: types and functions are std's own; the system calls below them
//! are the simulation's. The functions here tell it the line they were called
//! from.

use std::io::Result;
use std::path::{Path, PathBuf};

pub use ::std::fs::*;

use sim::io::Here;

/// Functions of `std::fs` that note their caller's place, and go on to std's.
macro_rules! functions {
    ($($name:ident($($argument:ident: $Type:ident),*) -> $Result:ty;)*) => {
        $(
            #[doc = concat!("See [`std::fs::", stringify!($name), "`].")]
            ///
            /// # Errors
            /// Those of the system.
            #[track_caller]
            pub fn $name<$($Type: AsRef<Path>),*>($($argument: $Type),*) -> Result<$Result> {
                let _here = Here::new();
                ::std::fs::$name($($argument),*)
            }
        )*
    };
}

functions! {
    canonicalize(path: P) -> PathBuf;
    copy(from: P, to: Q) -> u64;
    create_dir(path: P) -> ();
    create_dir_all(path: P) -> ();
    exists(path: P) -> bool;
    hard_link(original: P, link: Q) -> ();
    metadata(path: P) -> Metadata;
    read(path: P) -> Vec<u8>;
    read_dir(path: P) -> ReadDir;
    read_link(path: P) -> PathBuf;
    read_to_string(path: P) -> String;
    remove_dir(path: P) -> ();
    remove_dir_all(path: P) -> ();
    remove_file(path: P) -> ();
    rename(from: P, to: Q) -> ();
    symlink_metadata(path: P) -> Metadata;
}

/// See [`std::fs::write`].
///
/// # Errors
/// Those of the system.
#[track_caller]
pub fn write<P: AsRef<Path>, C: AsRef<[u8]>>(path: P, contents: C) -> Result<()> {
    let _here = Here::new();
    ::std::fs::write(path, contents)
}

/// See [`std::fs::set_permissions`].
///
/// # Errors
/// Those of the system.
#[track_caller]
pub fn set_permissions<P: AsRef<Path>>(path: P, permissions: Permissions) -> Result<()> {
    let _here = Here::new();
    ::std::fs::set_permissions(path, permissions)
}
