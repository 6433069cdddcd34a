//! The process ends with `process::exit`, before or after what others do.
//! outputs: ["", "other\n"]
//! always: exit 7

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        println!("dropped");
    }
}

fn main() {
    let _never = Loud;
    std::thread::spawn(|| println!("other"));
    std::process::exit(7);
}
