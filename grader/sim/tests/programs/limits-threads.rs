//! Who has more threads than it may is stopped, with the number.
//! outputs: [""]
//! always: too-much
//! says: it had more than 4 threads at once
//! limits: {"processes": 4}
//! search: {"preemptions": 0, "random": 5}

fn main() {
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(std::thread::park)).collect();
    for thread in threads {
        thread.thread().unpark();
        thread.join().unwrap();
    }
}
