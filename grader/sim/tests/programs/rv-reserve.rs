//! outputs: ["true\n"]
fn main() {
    let mut v: Vec<u8> = Vec::new();
    println!("{}", v.try_reserve(1 << 45).is_err());
}
