//! A panic in a hook, or while unwinding, ends the process.
//! outputs: ["hook\n"]
//! always: crashed

fn main() {
    std::panic::set_hook(Box::new(|_| {
        println!("hook");
        panic!("in the hook");
    }));
    panic!("first");
}
