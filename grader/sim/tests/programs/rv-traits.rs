//! Every public type that is the simulation's has the traits of std's, whatever
//! its parameters are: the table below is the same with both.
//! real: the same

#![allow(deprecated)]
#![recursion_limit = "1024"]

use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::io::{BufRead, IsTerminal, Read, Seek, Write};
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::os::fd::{AsFd, AsRawFd};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::process::{Stdio, Termination};
use std::rc::Rc;

/// What holds where the question below does not apply.
trait Otherwise {
    const IS: bool = false;
}
impl<T: ?Sized> Otherwise for T {}

/// Asks whether a type has a trait: an associated constant of its own comes
/// before one of a trait.
macro_rules! questions {
    ($($name:ident $(($($bound:tt)+))?),* $(,)?) => {
        #[allow(non_snake_case)]
        mod asks {
            $( question!($name $(($($bound)+))?); )*
        }

        macro_rules! row {
            ($type:ty) => {
                show(
                    stringify!($type),
                    &[$((stringify!($name), <asks::$name::Asks<$type>>::IS)),*],
                )
            };
        }
    };
}

macro_rules! question {
    ($name:ident) => { question!($name ($name)); };
    ($name:ident ($($bound:tt)+)) => {
        pub mod $name {
            use super::super::*;
            pub struct Asks<T: ?Sized>(PhantomData<T>);
            impl<T: ?Sized + $($bound)+> Asks<T> {
                pub const IS: bool = true;
            }
        }
    };
}

questions! {
    Send, Sync, UnwindSafe, RefUnwindSafe, Unpin, Copy, Clone, Debug, Display, Error, Default,
    PartialEq, Eq, PartialOrd, Ord, Hash, Iterator, DoubleEndedIterator, ExactSizeIterator,
    FusedIterator, IntoIterator, Deref, DerefMut, Read, Write, BufRead, Seek, IsTerminal, AsFd,
    AsRawFd, Termination, ToString, FromI32(From<i32>), FromBool(From<bool>), FromUnit(From<()>),
    FromPointer(From<*mut i32>), FromRc(From<Rc<()>>), FromCell(From<Cell<i32>>),
    IntoStdio(Into<Stdio>), Fn(Fn() -> i32),
}

fn show(name: &str, traits: &[(&str, bool)]) {
    let has = traits.iter().filter(|(_, has)| *has);
    let has: Vec<&str> = has.map(|(name, _)| *name).collect();
    println!("{name}: {}", has.join(" "));
}

macro_rules! table {
    ($($type:ty),* $(,)?) => {
        $( row!($type); )*
    };
}

/// The types that have a parameter.
macro_rules! generic {
    ($T:ty) => {
        println!("-- {}", stringify!($T));
        table! {
            std::sync::Mutex<$T>,
            std::sync::MutexGuard<'static, $T>,
            std::sync::RwLock<$T>,
            std::sync::RwLockReadGuard<'static, $T>,
            std::sync::RwLockWriteGuard<'static, $T>,
            std::sync::PoisonError<$T>,
            std::sync::PoisonError<std::sync::MutexGuard<'static, $T>>,
            std::sync::TryLockError<$T>,
            std::sync::TryLockError<std::sync::RwLockReadGuard<'static, $T>>,
            std::sync::OnceLock<$T>,
            std::sync::LazyLock<$T>,
            std::sync::LazyLock<i32, $T>,
            std::sync::LazyLock<$T, Box<dyn FnOnce() -> $T + Send>>,
            std::sync::LazyLock<$T, Box<dyn FnOnce() -> $T>>,
            std::sync::Arc<$T>,
            std::sync::Weak<$T>,
            std::sync::Arc<std::sync::Mutex<$T>>,
            &'static std::sync::Mutex<$T>,
            &'static mut std::sync::Mutex<$T>,
            std::sync::mpsc::Sender<$T>,
            std::sync::mpsc::SyncSender<$T>,
            std::sync::mpsc::Receiver<$T>,
            &'static std::sync::mpsc::Receiver<$T>,
            std::sync::mpsc::Iter<'static, $T>,
            std::sync::mpsc::TryIter<'static, $T>,
            std::sync::mpsc::IntoIter<$T>,
            std::sync::mpsc::SendError<$T>,
            std::sync::mpsc::TrySendError<$T>,
            std::sync::atomic::AtomicPtr<$T>,
            std::thread::JoinHandle<$T>,
            std::thread::ScopedJoinHandle<'static, $T>,
            std::thread::LocalKey<$T>,
            std::thread::Result<$T>,
            std::panic::AssertUnwindSafe<$T>,
        }
    };
}

/// Those whose parameter may be of no known size.
macro_rules! without_size {
    ($T:ty) => {
        println!("-- {}", stringify!($T));
        table! {
            std::sync::Mutex<$T>,
            std::sync::MutexGuard<'static, $T>,
            std::sync::RwLock<$T>,
            std::sync::RwLockReadGuard<'static, $T>,
            std::sync::RwLockWriteGuard<'static, $T>,
            Box<std::sync::Mutex<$T>>,
        }
    };
}

fn main() {
    table! {
        std::sync::Barrier,
        std::sync::BarrierWaitResult,
        std::sync::Condvar,
        std::sync::WaitTimeoutResult,
        std::sync::Once,
        std::sync::OnceState,
        std::sync::mpsc::RecvError,
        std::sync::mpsc::TryRecvError,
        std::sync::mpsc::RecvTimeoutError,
        std::sync::atomic::Ordering,
        std::sync::atomic::AtomicBool,
        std::sync::atomic::AtomicI8,
        std::sync::atomic::AtomicI16,
        std::sync::atomic::AtomicI32,
        std::sync::atomic::AtomicI64,
        std::sync::atomic::AtomicIsize,
        std::sync::atomic::AtomicU8,
        std::sync::atomic::AtomicU16,
        std::sync::atomic::AtomicU32,
        std::sync::atomic::AtomicU64,
        std::sync::atomic::AtomicUsize,
        std::thread::AccessError,
        std::thread::Builder,
        std::thread::Scope<'static, 'static>,
        std::thread::Thread,
        std::thread::ThreadId,
        std::io::Stdin,
        std::io::StdinLock<'static>,
        std::io::Lines<std::io::StdinLock<'static>>,
        std::io::Stdout,
        std::io::StdoutLock<'static>,
        std::io::Stderr,
        std::io::StderrLock<'static>,
        &'static std::io::Stdin,
        &'static std::io::Stdout,
        &'static std::io::Stderr,
        &'static mut std::io::StdoutLock<'static>,
        std::io::Error,
        std::io::BufReader<std::io::Stdin>,
        std::io::BufWriter<std::io::StdoutLock<'static>>,
        std::env::Args,
        std::env::ArgsOs,
        std::env::Vars,
        std::fs::File,
        std::fs::ReadDir,
        std::fs::OpenOptions,
        std::time::Instant,
        std::time::SystemTime,
        std::process::Command,
        std::process::ExitCode,
        std::panic::PanicHookInfo<'static>,
        std::panic::Location<'static>,
        std::collections::HashMap<i32, i32>,
        std::hash::RandomState,
    }
    generic!(i32);
    generic!(String);
    generic!(Rc<()>);
    generic!(Cell<i32>);
    generic!(&'static Cell<i32>);
    generic!(&'static mut i32);
    generic!(*const u8);
    generic!(Box<dyn Debug>);
    generic!(Box<dyn Debug + Send>);
    generic!(std::marker::PhantomPinned);
    generic!(std::sync::MutexGuard<'static, i32>);
    generic!(fn() -> i32);
    without_size!(str);
    without_size!([Cell<i32>]);
    without_size!([Rc<()>]);
    without_size!(dyn Debug);
    without_size!(dyn Debug + Send);
    without_size!(dyn Fn() -> i32 + Send + Sync);
}
