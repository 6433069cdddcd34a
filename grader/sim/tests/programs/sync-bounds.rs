//! outputs: ["same bounds\n"]
//!
//! The types have the bounds and auto traits of std's: this compiles, and so
//! it does with the real std.

#![allow(deprecated)]

use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::mpsc::{self, IntoIter, Iter, Receiver, Sender, SyncSender, TryIter};
use std::sync::{
    Barrier, BarrierWaitResult, Condvar, LazyLock, LockResult, Mutex, MutexGuard, ONCE_INIT, Once,
    OnceLock, OnceState, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
    TryLockResult, WaitTimeoutResult,
};

fn send<T: Send + ?Sized>() {}
fn sync<T: Sync + ?Sized>() {}
fn safe<T: UnwindSafe + RefUnwindSafe + ?Sized>() {}
fn unwind<T: UnwindSafe + ?Sized>() {}
fn debug<T: Debug + ?Sized>() {}
fn display<T: Display + ?Sized>() {}

/// `<T as Lacks<_>>::lacks` is ambiguous, and does not compile, where `T` has
/// the trait.
macro_rules! lacks {
    ($trait:path: $($type:ty),+ $(,)?) => {{
        trait Lacks<A> {
            fn lacks() {}
        }
        struct Has;
        impl<T: ?Sized> Lacks<()> for T {}
        impl<T: ?Sized + $trait> Lacks<Has> for T {}
        $(<$type as Lacks<_>>::lacks();)+
    }};
}

static MUTEX: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static CONDVAR: Condvar = Condvar::new();
static LOCK: RwLock<Option<String>> = RwLock::new(None);
static ONCE: Once = Once::new();
static OLD: Once = ONCE_INIT;
static CELL: OnceLock<String> = OnceLock::new();
static LAZY: LazyLock<String> = LazyLock::new(|| String::from("lazy"));
static CELLS: [OnceLock<Vec<u32>>; 2] = [const { OnceLock::new() }; 2];
static BARRIER: Barrier = Barrier::new(1);

// Guards are covariant in their value, as std's.
fn shorter<'a>(guard: RwLockReadGuard<'a, &'static str>) -> RwLockReadGuard<'a, &'a str> {
    guard
}

fn shared<T: ?Sized>(lock: &RwLock<T>) -> LockResult<RwLockReadGuard<'_, T>> {
    lock.read()
}

fn tried<T: ?Sized>(lock: &RwLock<T>) -> TryLockResult<RwLockWriteGuard<'_, T>> {
    lock.try_write()
}

fn main() {
    send::<RwLock<Cell<u32>>>();
    sync::<RwLock<u32>>();
    safe::<RwLock<Cell<u32>>>();
    send::<RwLock<dyn Debug + Send>>();
    lacks!(Send: RwLock<Rc<u32>>, RwLockReadGuard<'static, u32>, RwLockWriteGuard<'static, u32>, MutexGuard<'static, u32>);
    lacks!(Sync: RwLock<Cell<u32>>, RwLockReadGuard<'static, Cell<u32>>, RwLockWriteGuard<'static, Cell<u32>>);
    sync::<RwLockReadGuard<'static, u32>>();
    sync::<RwLockWriteGuard<'static, u32>>();
    sync::<MutexGuard<'static, u32>>();
    unwind::<RwLockReadGuard<'static, u32>>();
    unwind::<RwLockWriteGuard<'static, u32>>();
    debug::<RwLock<u32>>();
    debug::<RwLockReadGuard<'static, u32>>();
    display::<RwLockReadGuard<'static, u32>>();
    debug::<RwLockWriteGuard<'static, u32>>();
    display::<RwLockWriteGuard<'static, u32>>();

    send::<Mutex<Cell<u32>>>();
    sync::<Mutex<Cell<u32>>>();
    safe::<Mutex<Cell<u32>>>();
    lacks!(Send: Mutex<Rc<u32>>);
    lacks!(Sync: Mutex<Rc<u32>>);

    send::<Once>();
    sync::<Once>();
    safe::<Once>();
    debug::<Once>();
    debug::<OnceState>();
    lacks!(Sync: OnceState);

    send::<OnceLock<Cell<u32>>>();
    lacks!(Sync: OnceLock<Cell<u32>>, OnceLock<Rc<u32>>);
    lacks!(Send: OnceLock<Rc<u32>>);
    sync::<OnceLock<u32>>();
    safe::<OnceLock<u32>>();
    lacks!(UnwindSafe: OnceLock<&'static mut u32>);

    sync::<LazyLock<u32, Box<dyn FnOnce() -> u32 + Send>>>();
    send::<LazyLock<u32, Box<dyn FnOnce() -> u32 + Send>>>();
    lacks!(Sync: LazyLock<Cell<u32>>, LazyLock<u32, Rc<u32>>);
    lacks!(Send: LazyLock<u32, Rc<u32>>);
    safe::<LazyLock<u32>>();

    send::<Barrier>();
    sync::<Barrier>();
    safe::<Barrier>();
    debug::<BarrierWaitResult>();
    safe::<Condvar>();
    debug::<WaitTimeoutResult>();

    send::<Sender<Cell<u32>>>();
    sync::<Sender<Cell<u32>>>();
    send::<SyncSender<Cell<u32>>>();
    sync::<SyncSender<Cell<u32>>>();
    send::<Receiver<Cell<u32>>>();
    send::<IntoIter<Cell<u32>>>();
    lacks!(Sync: Receiver<u32>, IntoIter<u32>, Sender<Rc<u32>>, SyncSender<Rc<u32>>);
    lacks!(Send: Sender<Rc<u32>>, SyncSender<Rc<u32>>, Receiver<Rc<u32>>, Iter<'static, u32>, TryIter<'static, u32>);
    safe::<Sender<Cell<u32>>>();
    safe::<SyncSender<Cell<u32>>>();
    safe::<Receiver<Cell<u32>>>();
    debug::<Sender<Rc<u32>>>();

    // Values that borrow may be declared in either order.
    let text = String::from("borrowed");
    let (sender, receiver): (Sender<&str>, _) = mpsc::channel();
    sender.send(&text).unwrap();
    assert_eq!(receiver.recv(), Ok("borrowed"));
    let cell = OnceLock::new();
    cell.set(&text).unwrap();
    let lock = RwLock::new("text");
    assert_eq!(*shorter(lock.read().unwrap()), "text");
    let unsized_lock: &RwLock<[u32]> = &RwLock::new([1, 2, 3]);
    assert_eq!(shared(unsized_lock).unwrap().len(), 3);
    assert!(tried(unsized_lock).is_ok());
    let _: Option<PoisonError<RwLockReadGuard<'_, u32>>> = None;
    let _: Option<TryLockError<RwLockReadGuard<'_, u32>>> = None;

    MUTEX.lock().unwrap().push(1);
    CONDVAR.notify_all();
    *LOCK.write().unwrap() = Some(LAZY.clone());
    ONCE.call_once(|| CELL.set("set".to_owned()).unwrap());
    OLD.call_once(|| ());
    CELLS[1].set(vec![1]).unwrap();
    assert!(CELLS[0].get().is_none() && CELLS[1].get() == Some(&vec![1]));
    assert!(BARRIER.wait().is_leader());
    println!("same bounds");
}
