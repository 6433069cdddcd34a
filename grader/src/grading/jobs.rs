//! Many submissions at once, told in the order in which they were given.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use verdict::{Check, Verdict};

use super::{Prepared, Tools, grade};
use crate::submission::Found;

/// What happens while submissions are graded. Events of one submission come
/// together, and submissions come in their order; only [`Event::Progress`]
/// comes when it happens.
pub(crate) enum Event<'a> {
    /// A check was decided somewhere.
    Progress,
    /// The telling of a submission begins.
    Began(usize),
    /// A check of it was decided.
    Decided(usize, &'a Check),
    /// It is graded.
    Done(usize, &'a Verdict),
}

/// What a worker sends.
enum News {
    Decided(Box<Check>),
    Done(Box<Verdict>),
}

/// Grades submissions, as many at once as may run on the real system, and gives
/// their verdicts in the order given. An error of the observer's ends it early.
pub(crate) fn grade_all<E>(
    tools: &Tools,
    submissions: &[(&Prepared, Found)],
    mut observe: impl FnMut(Event<'_>) -> Result<(), E>,
) -> Result<Vec<Verdict>, E> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..tools.runs.count().min(submissions.len()) {
            let sender = sender.clone();
            scope.spawn(|| {
                let sender = sender;
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((prepared, found)) = submissions.get(index) else {
                        break;
                    };
                    let told = |check: &Check| {
                        // The receiver goes away only when nobody looks any more.
                        let _ = sender.send((index, News::Decided(Box::new(check.clone()))));
                    };
                    let verdict = grade(tools, prepared, found, told);
                    if sender.send((index, News::Done(Box::new(verdict)))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let told = tell_in_order(&receiver, submissions.len(), &mut observe);
        if told.is_err() {
            // No worker begins another submission.
            next.store(submissions.len(), Ordering::Relaxed);
        }
        told
    })
}

fn tell_in_order<E>(
    receiver: &mpsc::Receiver<(usize, News)>,
    count: usize,
    observe: &mut impl FnMut(Event<'_>) -> Result<(), E>,
) -> Result<Vec<Verdict>, E> {
    let mut waiting: Vec<Vec<News>> = (0..count).map(|_| Vec::new()).collect();
    let mut verdicts = Vec::new();
    while verdicts.len() < count {
        let current = verdicts.len();
        observe(Event::Began(current))?;
        while verdicts.len() == current {
            for news in std::mem::take(&mut waiting[current]) {
                match news {
                    News::Decided(check) => observe(Event::Decided(current, &check))?,
                    News::Done(verdict) => {
                        observe(Event::Done(current, &verdict))?;
                        verdicts.push(*verdict);
                    }
                }
            }
            if verdicts.len() == current {
                let Ok((index, news)) = receiver.recv() else {
                    unreachable!("a worker ends only after it has sent every verdict");
                };
                if matches!(news, News::Decided(_)) {
                    observe(Event::Progress)?;
                }
                waiting[index].push(news);
            }
        }
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use verdict::Outcome;

    use super::*;

    fn verdict(name: &str) -> News {
        News::Done(Box::new(Verdict {
            exercise: String::new(),
            submission: name.to_owned(),
            outcome: Outcome::Graded,
            score: 0,
            max_score: 0,
            message: String::new(),
            checks: Vec::new(),
        }))
    }

    #[test]
    fn submissions_are_told_in_their_order_whichever_is_done_first() {
        let (sender, receiver) = mpsc::channel();
        for (index, name) in [(2, "c"), (0, "a"), (1, "b")] {
            sender.send((index, verdict(name))).unwrap();
        }
        let mut seen = Vec::new();
        let verdicts = tell_in_order::<()>(&receiver, 3, &mut |event| {
            match event {
                Event::Began(index) => seen.push(format!("began {index}")),
                Event::Done(index, verdict) => seen.push(format!("{index} {}", verdict.submission)),
                Event::Decided(..) | Event::Progress => {}
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(seen, ["began 0", "0 a", "began 1", "1 b", "began 2", "2 c"]);
        assert_eq!(verdicts.len(), 3);
    }
}
