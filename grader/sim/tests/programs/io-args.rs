//! The arguments are the plan's; the process's number is always the same.
//! outputs: ["Args { inner: [\"program\", \"-n\", \"ü\"] }\nprogram 2\n[\"ü\", \"-n\"]\n3 ArgsOs { inner: [\"-n\", \"ü\"] }\nfalse 0\n4242\n"]
//! args: ["-n", "ü"]

fn main() {
    println!("{:?}", std::env::args());
    let mut args = std::env::args();
    println!("{} {}", args.next().unwrap(), args.len());
    println!("{:?}", args.rev().collect::<Vec<_>>());
    let mut args: std::env::ArgsOs = std::env::args_os();
    let len = args.len();
    args.next();
    println!("{len} {args:?}");
    println!(
        "{} {}",
        std::env::var("HOME").is_ok(),
        std::env::vars().count()
    );
    println!("{}", std::process::id());
}
