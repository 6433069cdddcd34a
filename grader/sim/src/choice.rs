//! Choices: the points at which an execution can go on in several ways.
//!
//! Everything that is not determined by the source is a choice: which thread
//! takes the next step, which waiter is notified, whether a weak
//! compare-exchange fails. An execution is a function of its choices, and a
//! [`Schedule`] is a list of them.

use std::fmt;
use std::panic::Location;
use std::str::FromStr;

use crate::op::Kind;

/// The most options that a choice can have. (More threads than this can live;
/// those beyond are offered later.)
pub(crate) const MOST: usize = 128;

/// A choice point: a number of options of which some cost a deviation. Option
/// 0 is the default and never costs anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    /// Number of options, 2 to [`MOST`].
    pub(crate) options: u8,
    /// Bit i is set when option i costs a deviation (a preemption, an early
    /// timeout, a spurious wake-up).
    pub(crate) costly: u128,
    /// Bit i is set when option i is a thread that waits for nothing: no time
    /// comes early for it, and it does not wake without a reason.
    pub(crate) ready: u128,
}

impl Point {
    pub(crate) fn cost(self, option: u8) -> u32 {
        (self.costly >> option & 1) as u32
    }
}

/// What is about to be done at a choice point: the next step of the thread that
/// ran last, or the one that it is taking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Site {
    /// Where in the source.
    pub(crate) place: &'static Location<'static>,
    /// To what: where that was made, or else what tells it from others now.
    pub(crate) thing: Thing,
}

/// What steps are taken on, so that things of one origin are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Thing {
    Made(&'static Location<'static>),
    Other(Kind, usize),
}

/// How choices are made. `threads` names the thread of each option where the
/// options are threads, and is empty where they are something else.
pub(crate) trait Chooser {
    /// Makes a choice.
    fn choose(&mut self, point: Point, threads: &[u32]) -> u8;

    /// Whether nothing but the default is wanted any more.
    fn takes_defaults(&self) -> bool {
        false
    }

    /// This thread offers to let others run: it yields, has run for long, or
    /// goes on because its time has come.
    fn give_way(&mut self, _thread: u32) {}

    /// Whether it is of interest what the threads are about to do.
    fn asks_for_places(&self) -> bool {
        false
    }

    /// The next step of this thread is at this place of the source. Told of
    /// each thread of a choice before it is made.
    fn is_at(&mut self, _thread: u32, _place: &'static Location<'static>) {}

    /// A step of this thread is being taken.
    fn stepped(&mut self, _thread: u32) {}

    /// Whether it is of interest which threads are about to do something to
    /// the thing that a step was taken on.
    fn asks_for_races(&self) -> bool {
        false
    }

    /// The next step of this thread is on the same thing as the step that was
    /// just taken, and the two do not commute.
    fn races(&mut self, _thread: u32) {}
}

/// What is a step of its own in a search, beside what always is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Grain {
    /// The release of a lock, and what else matters to who looks at locks.
    pub(crate) releases: bool,
    /// What is set of a socket, and a look at that.
    pub(crate) sockets: bool,
}

impl Grain {
    /// Each with the letter that schedules in it begin with.
    const ALL: [(char, Grain); 4] = [
        ('a', Grain::of(false, false)),
        ('b', Grain::of(true, false)),
        ('c', Grain::of(false, true)),
        ('d', Grain::of(true, true)),
    ];

    const fn of(releases: bool, sockets: bool) -> Grain {
        Grain { releases, sockets }
    }

    /// What is a step in either.
    pub(crate) fn and(self, other: Grain) -> Grain {
        Grain::of(
            self.releases || other.releases,
            self.sockets || other.sockets,
        )
    }

    fn letter(self) -> char {
        let own = Grain::ALL.into_iter().find(|(_, grain)| *grain == self);
        own.map_or('a', |(letter, _)| letter)
    }

    /// The one that a schedule begins with, and the rest of it.
    fn read(schedule: &str) -> Option<(Grain, &str)> {
        let begins = |(letter, grain)| Some((grain, schedule.strip_prefix(letter)?));
        Grain::ALL.into_iter().find_map(begins)
    }
}

/// The choices of an execution, in order. Written as a letter for what is a step
/// (`a`, or `b` where the release of locks is one) and the choices that are not the
/// default: `a12.1-30.2` is option 1 at choice 12 and option 2 at choice 30.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// What is a step.
    pub(crate) grain: Grain,
    /// The choices; those after the last one are the default.
    pub(crate) choices: Vec<u8>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.grain.letter())?;
        let deviations = self
            .choices
            .iter()
            .enumerate()
            .filter(|(_, option)| **option != 0);
        for (count, (index, option)) in deviations.enumerate() {
            write!(f, "{}{index}.{option}", if count == 0 { "" } else { "-" })?;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a schedule: it should look like `a12.1-30.2`");
        let (grain, rest) = Grain::read(text).ok_or_else(wrong)?;
        let mut choices = Vec::new();
        for entry in rest.split('-').filter(|_| !rest.is_empty()) {
            let (index, option) = entry.split_once('.').ok_or_else(wrong)?;
            let index: usize = index.parse().map_err(|_| wrong())?;
            let option: u8 = option.parse().map_err(|_| wrong())?;
            if index < choices.len() || index > 10_000_000 || usize::from(option) >= MOST {
                return Err(wrong());
            }
            choices.resize(index, 0);
            choices.push(option);
        }
        Ok(Schedule { grain, choices })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_written_and_read() {
        let schedule = Schedule {
            grain: Grain::default(),
            choices: vec![0, 0, 1, 0, 2],
        };
        assert_eq!(schedule.to_string(), "a2.1-4.2");
        assert_eq!("a2.1-4.2".parse(), Ok(schedule));
        for (letter, grain) in Grain::ALL {
            let choices = vec![];
            assert_eq!(letter.to_string().parse(), Ok(Schedule { grain, choices }));
        }
    }

    #[test]
    fn what_is_not_a_schedule_is_refused() {
        for text in [
            "",
            "x",
            "a1",
            "a1.x",
            "a3.1-2.1",
            "a1.1-",
            "a99999999999.1",
            "a1.200",
            "ä",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
