//! What is told of threads that wait at the end.

use verdict::record::Wait;

use super::Run;
use super::pick::pending;

impl Run {
    /// What each live thread of a program waits for.
    pub(super) fn waits(&mut self) -> Vec<Wait> {
        let waiting: Vec<_> = (0..self.threads.len())
            .filter(|number| self.threads[*number].alive && !self.is_peer(*number))
            .collect();
        waiting
            .into_iter()
            .map(|number| {
                let op = *pending(self.threads[number].pending);
                let object = self.name_of(op.object);
                self.trace_stuck(number, &op);
                Wait {
                    thread: number as u32,
                    call: op.call.to_owned(),
                    object,
                    made: op.object.made.and_then(Run::place_of),
                    place: Run::place_of(op.place),
                    holders: op.holders.map(|holders| holders()).unwrap_or_default(),
                    missed: op.missed.and_then(|missed| missed()),
                }
            })
            .collect()
    }
}
