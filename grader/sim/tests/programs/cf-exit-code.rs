//! outputs: [""]
//! always: exit 1
//! A process can tell only eight bits of its exit code.

fn main() {
    std::process::exit(0x201);
}
