//! What the system tells of itself cannot be read, least of all the way to the
//! record; the device that swallows everything can be written.
//! outputs: ["PermissionDenied PermissionDenied Ok(())\n"]

fn main() {
    let kind = |path| {
        std::fs::File::options()
            .write(true)
            .open(path)
            .map(drop)
            .unwrap_err()
            .kind()
    };
    println!(
        "{:?} {:?} {:?}",
        kind("/proc/self/mem"),
        kind("/proc/self/fd/3"),
        std::fs::write("/dev/null", "x")
    );
}
