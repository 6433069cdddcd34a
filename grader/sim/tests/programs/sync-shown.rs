//! outputs: ["RwLock { data: 1, poisoned: false, .. }\nRwLock { data: 1, poisoned: false, .. }\nRwLock { data: <locked>, poisoned: false, .. }\n2 2\n2\nRwLock { data: 2, poisoned: true, .. }\nPoisonError { .. } poisoned lock: another task failed inside\n\"WouldBlock\" try_lock failed because the operation would block\nMutex { data: 1, poisoned: false, .. }\nMutex { data: \"<locked>\", poisoned: false, .. }\nMutex { data: 5, poisoned: true, .. }\nOnce { .. }\nOnceState { poisoned: false }\nOnceLock(<uninit>) OnceLock(\"a\")\nLazyLock(<uninit>) LazyLock(7)\nBarrier { .. } BarrierWaitResult { is_leader: true }\nCondvar { .. }\nSender { .. } SyncSender { .. } Receiver { .. }\nIter { rx: Receiver { .. } } TryIter { rx: Receiver { .. } }\nIntoIter { rx: Receiver { .. } }\nSendError { .. } sending on a closed channel\nTrySendError::Full(..) sending on a full channel\nTrySendError::Disconnected(..) sending on a closed channel\nEmpty receiving on an empty channel\nDisconnected receiving on a closed channel\nTimeout timed out waiting on channel\n"]
//!
//! What is shown of each type is what std shows, to the letter.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::time::Duration;

fn main() {
    let lock = RwLock::new(1);
    println!("{lock:?}");
    let reading = lock.read().unwrap();
    println!("{lock:?}");
    drop(reading);
    let mut writing = lock.write().unwrap();
    *writing = 2;
    println!("{lock:?}");
    println!("{writing} {writing:?}");
    drop(writing);
    println!("{}", lock.read().unwrap());
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _held = lock.write();
        panic!("on purpose");
    }));
    println!("{lock:?}");
    let error = lock.read().map(|_| ()).unwrap_err();
    println!("{error:?} {error}");
    drop(error);
    lock.clear_poison();
    let reading = lock.read().unwrap();
    let error = lock.try_write().map(|_| ()).unwrap_err();
    println!("{error:?} {error}");
    drop(reading);

    let mutex = Mutex::new(1);
    println!("{mutex:?}");
    let held = mutex.lock().unwrap();
    println!("{mutex:?}");
    drop(held);
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let mut held = mutex.lock().unwrap();
        *held = 5;
        panic!("on purpose");
    }));
    println!("{mutex:?}");

    let once = Once::new();
    println!("{once:?}");
    once.call_once_force(|state| println!("{state:?}"));
    let cell = OnceLock::new();
    print!("{cell:?} ");
    cell.set("a").unwrap();
    println!("{cell:?}");
    let lazy = LazyLock::new(|| 7);
    print!("{lazy:?} ");
    LazyLock::force(&lazy);
    println!("{lazy:?}");
    let barrier = Barrier::new(0);
    println!("{barrier:?} {:?}", barrier.wait());
    println!("{:?}", Condvar::new());

    let (sender, receiver) = channel::<u32>();
    let (bounded, other) = sync_channel::<u32>(1);
    println!("{sender:?} {bounded:?} {receiver:?}");
    println!("{:?} {:?}", receiver.iter(), receiver.try_iter());
    println!("{:?}", receiver.into_iter());
    let error = sender.send(1).unwrap_err();
    println!("{error:?} {error}");
    bounded.send(1).unwrap();
    let error = bounded.try_send(2).unwrap_err();
    println!("{error:?} {error}");
    drop(other);
    let error = bounded.try_send(2).unwrap_err();
    println!("{error:?} {error}");
    let (sender, receiver) = channel::<u32>();
    let error = receiver.try_recv().unwrap_err();
    println!("{error:?} {error}");
    let late = receiver.recv_timeout(Duration::from_millis(1)).unwrap_err();
    drop(sender);
    let error = receiver.try_recv().unwrap_err();
    println!("{error:?} {error}");
    println!("{late:?} {late}");
}
