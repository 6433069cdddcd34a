//! The error that `main` returns is printed by std.
//! outputs: [""]
//! stderr: ["Error: Os { code: 2, kind: NotFound, message: \"No such file or directory\" }\n"]
//! always: exit 1

fn main() -> std::io::Result<()> {
    std::fs::read("missing").map(drop)
}
