// The head of every program of tests; below it are the tests' modules and a
// function that knows them by name.

extern crate alloc;

#[allow(unused)]
struct Test {
    run: fn() -> std::process::ExitCode,
    ignored: bool,
    /// That it must panic, and with what in its message.
    panics: Option<&'static str>,
}

#[allow(unused)]
fn code(outcome: impl std::process::Termination) -> std::process::ExitCode {
    outcome.report()
}

fn main() -> std::process::ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    if name == "--list" {
        for name in NAMES {
            if let Some(test) = find(name) {
                println!("{name} {}", if test.ignored { "ignored" } else { "run" });
            }
        }
        return std::process::ExitCode::SUCCESS;
    }
    let Some(test) = find(&name) else {
        eprintln!("there is no test of this name");
        return std::process::ExitCode::from(90);
    };
    // Examples are the main thread's; tests have a thread of their own, which
    // has their name, as where std's own harness runs them.
    let outcome = if ON_MAIN_THREAD {
        std::panic::catch_unwind(test.run)
    } else {
        let builder = std::thread::Builder::new().name(name);
        builder.spawn(test.run).expect("a thread can be spawned").join()
    };
    match (outcome, test.panics) {
        (Ok(code), None) => code,
        (Ok(_), Some(_)) => {
            eprintln!("the test did not panic, and must");
            std::process::ExitCode::from(91)
        }
        (Err(_), None) => std::process::ExitCode::from(101),
        (Err(payload), Some(expected)) => {
            let message = match payload.downcast_ref::<String>() {
                Some(message) => message,
                None => payload.downcast_ref::<&str>().copied().unwrap_or_default(),
            };
            if message.contains(expected) {
                return std::process::ExitCode::SUCCESS;
            }
            eprintln!("the test must panic with `{expected}`");
            std::process::ExitCode::from(92)
        }
    }
}

/// What the tests of the locks call to unwrap results, by the name of `super`.
#[allow(unused)]
#[track_caller]
fn result_unwrap<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap()
}

/// Those tests are written once for locks that poison, which are stable, and
/// once for locks that do not. The macro that does that needs an unstable
/// feature of the language; this one gives the stable half.
#[allow(unused)]
macro_rules! nonpoison_and_poison_unwrap_test {
    (name: $name:ident, test_body: {$($test_body:tt)*}) => {
        pub(crate) mod $name {
            #[allow(unused_imports)]
            use super::*;

            pub(crate) fn poison() {
                #[allow(unused_imports)]
                use crate::result_unwrap as maybe_unwrap;
                #[allow(unused_imports)]
                use ::std::sync::poison as locks;

                $($test_body)*
            }
        }
    };
}
#[allow(unused)]
use nonpoison_and_poison_unwrap_test;
