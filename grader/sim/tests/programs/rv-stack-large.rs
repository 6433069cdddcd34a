//! A thread has the stack that it asks for; what is usual is enough for an
//! array of 256 KiB and a quicksort that goes as deep as its input is long.
//! search: {"preemptions": 0, "executions": 3, "random": 2}
//! outputs: ["main 262144 sorted\nusual 262144 sorted\nlarge 1000000 sorted\nscoped 1000000 sorted\nrefused\n"]

use std::hint::black_box;
use std::thread;

fn array() -> usize {
    let array = black_box([1u8; 256 << 10]);
    array.iter().map(|one| usize::from(*one)).sum()
}

/// Sorted input is the worst case: it goes as deep as it is long.
fn quicksort(items: &mut [u32]) {
    let Some((pivot, rest)) = items.split_first_mut() else {
        return;
    };
    let below = rest.iter().filter(|item| **item < *pivot).count();
    let (low, high) = rest.split_at_mut(below);
    quicksort(low);
    quicksort(high);
}

fn sorted(length: u32) -> &'static str {
    let mut items: Vec<u32> = (0..length).collect();
    quicksort(&mut items);
    if items.is_sorted() { "sorted" } else { "wrong" }
}

/// As deep as it is told, with a frame of some size.
fn deep(depth: usize) -> usize {
    let frame = black_box([depth; 8]);
    match depth {
        0 => 0,
        _ => deep(depth - 1) + usize::from(frame[7] == depth),
    }
}

fn main() {
    println!("main {} {}", array(), sorted(2_000));
    let usual = thread::spawn(|| println!("usual {} {}", array(), sorted(2_000)));
    usual.join().unwrap();
    let large = thread::Builder::new().stack_size(240 << 20);
    let large = large.spawn(|| println!("large {} {}", deep(1_000_000), sorted(5_000)));
    large.unwrap().join().unwrap();
    thread::scope(|scope| {
        // The memory of all of them together is not there, and not needed.
        let threads: Vec<_> = (0..20)
            .map(|number| {
                let builder = thread::Builder::new().stack_size(1 << 30);
                let body = move || (number == 0).then(|| deep(1_000_000));
                builder.spawn_scoped(scope, body).unwrap()
            })
            .collect();
        for thread in threads {
            if let Some(depth) = thread.join().unwrap() {
                println!("scoped {depth} sorted");
            }
        }
    });
    let absurd = thread::Builder::new().stack_size(1 << 50);
    if absurd.spawn(|| ()).is_err() {
        println!("refused");
    }
}
