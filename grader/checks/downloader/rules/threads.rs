//! Threads after the call.

use judge::{Fault, FindingKind};

use crate::asked::Asked;
use crate::run::Run;

/// Only the thread that called is left.
pub(crate) fn ended(asked: &Asked, run: &Run) -> Result<(), Fault> {
    run.all_saved(asked)?;
    match run.threads {
        1 => Ok(()),
        alive => {
            let left = alive.saturating_sub(1);
            let threads = if left == 1 {
                "one thread that it started was"
            } else {
                "threads that it started were"
            };
            let message =
                format!("when download_all had returned, {threads} still alive ({left} in all)");
            Err(Fault::new(FindingKind::ThreadLeft, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ask, saved};

    #[test]
    fn a_thread_that_outlives_the_call_is_a_fault() {
        let asked = ask(1, &["http://h/a"]);
        let mut run = saved(&asked, &["a"]);
        run.threads = 1;
        assert_eq!(ended(&asked, &run), Ok(()));
        run.threads = 3;
        let fault = ended(&asked, &run).unwrap_err();
        assert_eq!(fault.kind, FindingKind::ThreadLeft);
        assert!(fault.message.ends_with("(2 in all)"), "{}", fault.message);
    }
}
