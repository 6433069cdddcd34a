//! An answer tells the time at which it was asked for.

use judge::world::Seen;
use judge::{Bytes, Fault, FindingKind};

use crate::evidence::Shown;
use crate::line::{Moment, moment, show_date, show_time, told};
use crate::peers::{Answer, SECOND, answers, asking, no_answer};

/// The time of day; the date is the other rule's matter.
pub(crate) fn time_of_day(seen: &Seen) -> Result<Shown, Fault> {
    each_answer(seen, |moments, told| {
        if moments.iter().any(|moment| moment.second == told.second) {
            return None;
        }
        let [first, .., last] = moments else {
            return None;
        };
        Some(format!(
            "its time is {}, and it was asked for and came between {} and {}, a second on each \
             side included",
            show_time(told.second),
            show_time(first.second),
            show_time(last.second),
        ))
    })
}

/// The date; the time of day is the other rule's matter.
pub(crate) fn date(seen: &Seen) -> Result<Shown, Fault> {
    each_answer(seen, |moments, told| {
        if moments.iter().any(|moment| moment.date == told.date) {
            return None;
        }
        let date = moments.get(moments.len() / 2)?.date;
        Some(format!(
            "its date is {}, and the date was {}",
            show_date(told.date),
            show_date(date)
        ))
    })
}

/// Calls `wrong` with the moments that an answer may tell of and the one that
/// it does tell of. An answer that tells of none is the matter of the rule on
/// its form.
fn each_answer(
    seen: &Seen,
    wrong: impl Fn(&[Moment], Moment) -> Option<String>,
) -> Result<Shown, Fault> {
    let mut shown = Shown::Right;
    for peer in asking(seen) {
        let answers = answers(&peer);
        if answers.is_empty() {
            shown = Shown::Nothing(no_answer(seen, &peer));
        }
        for answer in answers {
            let got = format!(
                "{} received {}",
                peer.name(),
                Bytes::from(answer.bytes.as_slice())
            );
            let Some(told) = told(&answer.bytes) else {
                let message = format!("{got}, which tells no time");
                let fault = Fault::new(FindingKind::WrongAnswer, message);
                shown = Shown::Nothing(fault);
                continue;
            };
            if let Some(wrong) = wrong(&moments(seen, &answer), told) {
                let message = format!("{got}: {wrong}");
                return Err(Fault::new(FindingKind::WrongAnswer, message));
            }
        }
    }
    Ok(shown)
}

/// The moments that an answer may tell of: from a second before it was asked
/// for to a second after it was there.
fn moments(seen: &Seen, answer: &Answer) -> Vec<Moment> {
    let second = i128::from(SECOND);
    let Ok(began) = i128::try_from(seen.execution().began) else {
        return Vec::new();
    };
    let from = began + i128::from(answer.asked) - second;
    let to = began + i128::from(answer.last) + second;
    // An answer tells of whole seconds: those that lie in between.
    let whole = |nanoseconds: i128| i64::try_from(nanoseconds.div_euclid(second));
    let (Ok(first), Ok(last)) = (whole(from + second - 1), whole(to)) else {
        return Vec::new();
    };
    (first..=last).map(moment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Made, question, server};

    /// 1983-05-31 10:00:00.
    const BEGAN: u64 = 423_223_200;

    fn judged(
        rule: fn(&Seen) -> Result<Shown, Fault>,
        times: (u64, u64),
        text: &str,
    ) -> Result<Shown, Fault> {
        let question = question(server(), &[("ann", "connect server\nread end")]);
        let execution = Made::server(&["ann"])
            .began(BEGAN)
            .connected("ann", times.0)
            .received("ann", times.1, text)
            .over();
        rule(&Seen::new(&question.world, &execution))
    }

    #[test]
    fn a_second_on_each_side_is_right() {
        let at = |text: &str| judged(time_of_day, (0, 0), text);
        for right in ["09:59:59", "10:00:00", "10:00:01"] {
            assert_eq!(at(&format!("1983-05-31 {right}\r\n")), Ok(Shown::Right));
        }
        for wrong in ["09:59:58", "10:00:02", "22:00:00", "10:00:61"] {
            assert!(at(&format!("1983-05-31 {wrong}\r\n")).is_err(), "{wrong}");
        }
        // A whole second belongs to it only where it lies within.
        let later = |text| judged(time_of_day, (SECOND / 2, SECOND / 2), text);
        assert!(later("1983-05-31 09:59:59\r\n").is_err());
        assert_eq!(later("1983-05-31 10:00:01\r\n"), Ok(Shown::Right));
    }

    #[test]
    fn any_moment_while_the_question_was_open_is_right() {
        let while_open = |text| judged(time_of_day, (0, 3_600 * SECOND), text);
        assert_eq!(while_open("1983-05-31 10:30:00\r\n"), Ok(Shown::Right));
        assert!(while_open("1983-05-31 11:30:00\r\n").is_err());
    }

    #[test]
    fn a_stale_time_is_told() {
        let times = (5 * SECOND, 5 * SECOND);
        let fault = judged(time_of_day, times, "1983-05-31 10:00:00\r\n").unwrap_err();
        assert_eq!(
            fault.message,
            "ann received \"1983-05-31 10:00:00\\r\\n\": its time is 10:00:00, and it was asked \
             for and came between 10:00:04 and 10:00:06, a second on each side included"
        );
    }

    #[test]
    fn each_rule_looks_at_its_own_half() {
        let wrong_date = "1983-06-01 10:00:00\r\n";
        assert_eq!(judged(time_of_day, (0, 0), wrong_date), Ok(Shown::Right));
        assert_eq!(
            judged(date, (0, 0), wrong_date).unwrap_err().message,
            "ann received \"1983-06-01 10:00:00\\r\\n\": its date is 1983-06-01, and the date was \
             1983-05-31"
        );
        let wrong_time = "1983-5-31 22:00:00\r\n";
        assert_eq!(judged(date, (0, 0), wrong_time), Ok(Shown::Right));
    }

    #[test]
    fn at_midnight_both_days_are_right() {
        let until_midnight = 14 * 3_600 * SECOND;
        for right in ["1983-05-31 23:59:59\r\n", "1983-06-01 00:00:00\r\n"] {
            let times = (until_midnight, until_midnight);
            assert_eq!(judged(date, times, right), Ok(Shown::Right));
        }
    }

    #[test]
    fn dates_beyond_the_nanoseconds_of_64_bits_are_judged() {
        let question = question(server(), &[("ann", "connect server\nread end")]);
        let judged = |text| {
            let made = Made::server(&["ann"]).began(253_402_300_790);
            let made = made.connected("ann", 0).received("ann", 0, text);
            let execution = made.over();
            let seen = Seen::new(&question.world, &execution);
            date(&seen).and(time_of_day(&seen))
        };
        assert_eq!(judged("9999-12-31 23:59:50\r\n"), Ok(Shown::Right));
        assert!(judged("1970-01-01 00:00:00\r\n").is_err());
    }

    #[test]
    fn what_tells_no_time_is_another_rules_matter() {
        let shown = judged(date, (0, 0), "noon\r\n");
        assert!(matches!(shown, Ok(Shown::Nothing(_))), "{shown:?}");
    }
}
