//! A library crate without std is one more way to the atomics.
//! outputs: ["1\n", "2\n"]

mod counter {
    use ::core::{convert::Infallible, sync::atomic};

    pub struct Counter(pub atomic::AtomicUsize);

    impl ::core::str::FromStr for Counter {
        type Err = Infallible;
        fn from_str(_: &str) -> ::core::result::Result<Self, Infallible> {
            ::core::result::Result::Ok(Counter(atomic::AtomicUsize::new(0)))
        }
    }
}

fn main() {
    let counter: counter::Counter = "".parse().unwrap();
    let add = || {
        let seen = counter.0.load(std::sync::atomic::Ordering::SeqCst);
        counter
            .0
            .store(seen + 1, core::sync::atomic::Ordering::SeqCst);
    };
    std::thread::scope(|scope| {
        scope.spawn(add);
        scope.spawn(add);
    });
    println!("{}", counter.0.into_inner());
}
