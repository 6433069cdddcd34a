//! The process ends when `main` returns, before or after what others do.
//! outputs: ["", "other\n"]
//! always: exit 3

fn main() -> std::process::ExitCode {
    std::thread::spawn(|| println!("other"));
    std::process::ExitCode::from(3)
}
