//! outputs: ["1 4 9\n"]
//!
//! Workers that share one receiver under a mutex, each job done once.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

type Job = Box<dyn FnOnce() -> u32 + Send>;

fn main() {
    let (jobs, queue) = mpsc::channel::<Job>();
    let (results, done) = mpsc::sync_channel(1);
    let queue = Arc::new(Mutex::new(queue));
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let (queue, results) = (queue.clone(), results.clone());
            thread::spawn(move || {
                loop {
                    let job = queue.lock().unwrap().recv();
                    match job {
                        Ok(job) => results.send(job()).unwrap(),
                        Err(_) => return,
                    }
                }
            })
        })
        .collect();
    for number in 1..=3 {
        jobs.send(Box::new(move || number * number)).unwrap();
    }
    drop((jobs, results));
    let mut got: Vec<_> = done.iter().collect();
    for worker in workers {
        worker.join().unwrap();
    }
    got.sort_unstable();
    println!("{} {} {}", got[0], got[1], got[2]);
}
