//! `anything` accepts everything: what is measured is the speed of the
//! simulation. `sound` does not accept what nobody could want, and says with
//! which execution of the search it came.

use judge::{Execution, Fault, Judge, Lost};

fn main() -> std::process::ExitCode {
    judge::serve(|question| match question.rule.as_str() {
        "anything" => Ok(Box::new(|_: &Execution| Ok(())) as Box<dyn Judge>),
        "sound" => Ok(Box::new(sound)),
        _ => Err(Lost::unknown_rule(question)),
    })
}

fn sound(execution: &Execution) -> Result<(), Fault> {
    // One that is replayed to make the counterexample simpler has no number.
    // That nothing is wrong with it keeps the one that the search came upon.
    if execution.number == 0 {
        return Ok(());
    }
    let kept = judge::exited(execution).and_then(|_| judge::no_panic(execution));
    kept.map_err(|fault| Fault {
        message: format!("{}: {}", execution.number, fault.message),
        ..fault
    })
}
