//! A panic in the destructor of a thread-local ends the process.
//! outputs: [""]
//! always: crashed

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("in the destructor");
    }
}

thread_local! {
    static PANICS: Panics = const { Panics };
}

fn main() {
    let thread = std::thread::spawn(|| PANICS.with(|_| ()));
    let _ = thread.join();
    println!("never");
}
