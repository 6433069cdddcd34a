//! The program `grader`; see the library of this name.

fn main() -> impl std::process::Termination {
    grader::main()
}
