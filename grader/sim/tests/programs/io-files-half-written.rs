//! A file that is written in place can be seen empty; one that is renamed into
//! its place cannot. A file left open, and an early end, harm nobody.
//! outputs: ["in-place: Ok(\"\")\n", "in-place: Ok(\"all\")\n", "in-place: Err(NotFound)\n", "renamed: Ok(\"all\")\n", "renamed: Err(NotFound)\n"]
//! search: {"preemptions": 2}

use std::fs;
use std::thread;

fn main() {
    let rename = thread::spawn(|| {
        let _open = fs::File::create("left-open").unwrap();
        std::mem::forget(fs::File::create("left-open").unwrap());
        fs::write("in-place", "all").unwrap();
        fs::write(".part", "all").unwrap();
        fs::rename(".part", "renamed").unwrap();
    });
    let late = fs::exists("left-open").unwrap();
    let name = if late { "in-place" } else { "renamed" };
    let text = fs::read_to_string(name).map_err(|error| error.kind());
    println!("{name}: {text:?}");
    std::process::exit(0);
    #[expect(unreachable_code, reason = "the other thread is abandoned")]
    rename.join().unwrap();
}
