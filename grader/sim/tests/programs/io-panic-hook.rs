//! Hooks, payloads, and who is panicking.
//! outputs: ["hook: \"one\" 31\nOk(\"one\")\npanicking true\nOk(7)\nOk(\"again\")\nnew false\nhook: \"two\" 53\nold hook\ncaught true\nfalse\n"]
//! stderr: ["\nthread 'main' (1) panicked at src/main.rs:22:28:\nzero\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n\nthread 'main' (1) panicked at src/main.rs:37:9:\nBox<dyn Any>\n\nthread 'main' (1) panicked at src/main.rs:53:36:\ntwo\n\nthread '<unnamed>' (2) panicked at src/main.rs:55:35:\nlast\n"]

use std::any::Any;
use std::panic::{self, PanicHookInfo};
use std::thread;

fn hook(info: &PanicHookInfo<'_>) {
    println!(
        "hook: {:?} {}",
        info.payload().downcast_ref::<&str>().unwrap(),
        info.location().unwrap().line()
    );
}

fn text(payload: Box<dyn Any + Send>) -> Result<&'static str, Box<dyn Any + Send>> {
    payload.downcast::<&'static str>().map(|text| *text)
}

fn main() {
    panic::catch_unwind(|| panic!("zero")).unwrap_err();
    struct Dropped;
    impl Drop for Dropped {
        fn drop(&mut self) {
            println!("panicking {}", thread::panicking());
        }
    }

    panic::set_hook(Box::new(hook));
    let one = panic::catch_unwind(|| panic!("one")).unwrap_err();
    println!("{:?}", text(one));
    let _ = panic::take_hook();

    let seven = panic::catch_unwind(|| {
        let _dropped = Dropped;
        panic::panic_any(7)
    })
    .unwrap_err();
    println!("{:?}", seven.downcast::<i32>());
    println!(
        "{:?}",
        text(panic::catch_unwind(|| panic::resume_unwind(Box::new("again"))).unwrap_err())
    );

    println!("new {}", thread::panicking());
    let old = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        hook(info);
        old(info);
        println!("old hook")
    }));
    let _ = panic::catch_unwind(|| panic!("two"));
    let _ = panic::take_hook();
    let joined = thread::spawn(|| panic!("last")).join();
    println!(
        "caught {}",
        joined.is_err_and(|payload: Box<dyn Any + Send>| payload.is::<&str>())
    );
    println!("{}", thread::panicking());
}
