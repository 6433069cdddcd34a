//! The part of the scenarios that does not depend on the submission. It is
//! compiled once, and not again with each submission.

pub mod script;

use sim::scenario::{self, Value};

/// What the name of a call begins with that is not made on the first account or
/// bank, but on the second one.
const SECOND: &str = "second.";

/// The line of a script at which a thread lets others run, and calls nothing.
const PAUSE: &str = "pause";

/// A call of the script: its name and its numbers.
pub struct Call<'a> {
    line: &'a str,
    op: &'a str,
    args: Vec<u64>,
}

impl Call<'_> {
    /// The name and the numbers.
    pub fn parts(&self) -> (&str, &[u64]) {
        let name = self.op.strip_prefix(SECOND).unwrap_or(self.op);
        (name, &self.args)
    }

    /// Whether it is a call of the second account or bank.
    pub fn of_second(&self) -> bool {
        self.op.starts_with(SECOND)
    }

    /// Makes the call and records it; `false` when it panicked.
    pub fn record(&self, make: &mut dyn FnMut() -> Value) -> bool {
        let args = self.args.iter().copied().map(Value::from).collect();
        record(self.op, args, make)
    }

    /// The rubric has a call that there is not.
    pub fn unknown(&self) -> ! {
        panic!("there is no call {:?}: correct the rubric", self.line)
    }
}

/// Records a call that `make` makes; `false` when it panicked.
pub fn record(op: &str, args: Vec<Value>, make: &mut dyn FnMut() -> Value) -> bool {
    scenario::call(op, args, make, Value::clone).is_some()
}

/// Makes the calls of the script, each by `perform`.
pub fn drive(perform: &(dyn Fn(&Call<'_>) -> bool + Sync)) {
    run(perform, &script::lines("before"));
    let threads = script::threads();
    if let Some((first, others)) = threads.split_first() {
        std::thread::scope(|scope| {
            let others: Vec<_> = others
                .iter()
                .map(|lines| scope.spawn(|| run(perform, lines)))
                .collect();
            run(perform, first);
            for other in others {
                other
                    .join()
                    .expect("a call that panics does not unwind into its thread");
            }
        });
    }
    run(perform, &script::lines("after"));
}

/// Makes calls one after another, up to the first that panics: whatever comes
/// after that says nothing new. It does after a `total`, which may panic where
/// the sum is too large, and then the other calls go on as before.
fn run(perform: &dyn Fn(&Call<'_>) -> bool, lines: &[&str]) {
    let _ = lines.iter().all(|line| {
        if *line == PAUSE {
            std::thread::yield_now();
            return true;
        }
        let call = script::call(line);
        perform(&call) || call.parts().0 == "total"
    });
}

/// Drops what the calls were made on, which is recorded as a call too.
pub fn end<T>(thing: T) {
    drop_as("drop", thing);
}

/// Makes the last calls of the script, on the second account or bank when the
/// first one is gone, and drops it too.
pub fn drive_last<T>(second: Option<T>, perform: &dyn Fn(&T, &Call<'_>) -> bool) {
    if let Some(second) = second {
        run(&|call| perform(&second, call), &script::lines("last"));
        drop_as("second.drop", second);
    }
}

fn drop_as<T>(op: &str, thing: T) {
    let mut thing = Some(thing);
    record(op, Vec::new(), &mut || {
        drop(thing.take());
        Value::Unit
    });
}

/// `Ok` with a value.
pub fn ok(value: Value) -> Value {
    Value::List(vec!["Ok".into(), value])
}

/// `Err` with an error.
pub fn err(error: Value) -> Value {
    Value::List(vec!["Err".into(), error])
}

/// An error with its fields: its name alone where it has none.
pub fn refused(name: &str, fields: &[u64]) -> Value {
    let fields = fields.iter().copied().map(Value::from);
    match fields.len() {
        0 => name.into(),
        _ => Value::List(std::iter::once(name.into()).chain(fields).collect()),
    }
}
