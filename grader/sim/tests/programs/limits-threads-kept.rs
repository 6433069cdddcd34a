//! As many threads as there may be are no fault, and those that have ended do not
//! count.
//! outputs: ["done\n"]
//! limits: {"processes": 4}
//! search: {"preemptions": 0, "random": 5}

fn main() {
    for _ in 0..3 {
        let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(std::thread::park)).collect();
        for thread in threads {
            thread.thread().unpark();
            thread.join().unwrap();
        }
    }
    println!("done");
}
