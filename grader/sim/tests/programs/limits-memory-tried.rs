//! Who asks for more memory than there is, and goes on without, is heard.
//! outputs: ["no room\n"]
//! stderr: ["Error: \"went on\"\n"]
//! always: exit 1

fn main() -> Result<(), &'static str> {
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(1 << 40).is_err() {
        println!("no room");
        return Err("went on");
    }
    Ok(())
}
