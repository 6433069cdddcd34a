//! A panic that leaves a destructor while another one unwinds.
//! outputs: [""]
//! always: crashed
//! says: a panic inside of a panic

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("again");
    }
}

fn main() {
    let _panics = Panics;
    panic!("first");
}
