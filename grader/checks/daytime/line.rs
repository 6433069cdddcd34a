//! The line of the protocol, and the calendar.

use judge::Bytes;

/// The line's bytes, with a `d` where a digit belongs.
const FORM: &[u8] = b"dddd-dd-dd dd:dd:dd\r\n";

const SECONDS_PER_DAY: i64 = 86_400;

/// A moment, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    /// Seconds since midnight.
    pub(crate) second: i64,
}

/// A day: year, month and day of the month.
pub(crate) type Date = (i64, i64, i64);

/// What is wrong with the form of an answer, if anything is.
pub(crate) fn wrong(answer: &[u8]) -> Option<String> {
    let fits = |byte: u8, form: u8| match form {
        b'd' => byte.is_ascii_digit(),
        fixed => byte == fixed,
    };
    let both = answer.iter().zip(FORM);
    let misplaced = both
        .clone()
        .position(|(&byte, &form)| !fits(byte, form))
        .or_else(|| (answer.len() > FORM.len()).then_some(FORM.len()));
    match misplaced {
        Some(at) => {
            let expected = match FORM.get(at) {
                None => "the line is over and nothing more belongs".to_owned(),
                Some(b'd') => "a digit belongs".to_owned(),
                Some(&fixed) => format!("{} belongs", Bytes::from(&[fixed][..])),
            };
            let byte = Bytes::from(&answer[at..=at]);
            Some(format!("byte {} is {byte}, where {expected}", at + 1))
        }
        None if answer.len() < FORM.len() => {
            Some(format!("it has {} bytes, and a line has 21", answer.len()))
        }
        None => None,
    }
}

/// The moment that an answer tells of, however it is written: the first six
/// numbers in it. `None` where there are fewer.
pub(crate) fn told(answer: &[u8]) -> Option<Moment> {
    let numbers: Vec<i64> = answer
        .split(|byte| !byte.is_ascii_digit())
        .filter_map(|digits| str::from_utf8(digits).ok()?.parse().ok())
        .collect();
    let &[year, month, day, hour, minute, second, ..] = numbers.as_slice() else {
        return None;
    };
    Some(Moment {
        date: (year, month, day),
        second: (hour * 60 + minute) * 60 + second,
    })
}

/// The moment that is so many seconds after 1970-01-01 00:00 UTC.
pub(crate) fn moment(seconds: i64) -> Moment {
    Moment {
        date: date(seconds.div_euclid(SECONDS_PER_DAY)),
        second: seconds.rem_euclid(SECONDS_PER_DAY),
    }
}

/// The date of the day that is so many days after 1970-01-01, in the
/// proleptic Gregorian calendar.
fn date(days: i64) -> Date {
    // Years begin in March, so that the leap day is a year's last. 719,468 days
    // lie between the first of March of year 0 and 1970; 400 years have 146,097.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // The months from March on have 31, 30, 31, 30, 31 days, and so on again.
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let (month, next_year) = match from_march {
        0..=9 => (from_march + 3, 0),
        _ => (from_march - 9, 1),
    };
    (era * 400 + year_of_era + next_year, month, day)
}

/// `2024-02-29`.
pub(crate) fn show_date((year, month, day): Date) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// `23:59:59`.
pub(crate) fn show_time(second: i64) -> String {
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{hour:02}:{minute:02}:{:02}", second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_right() {
        assert_eq!(wrong(b"2024-02-29 23:59:59\r\n"), None);
        for (answer, expected) in [
            (
                &b"2024-02-29 23:59:59\n"[..],
                r#"byte 20 is "\n", where "\r" belongs"#,
            ),
            (b"2024-02-29 23:59:59", "it has 19 bytes, and a line has 21"),
            (b"", "it has 0 bytes, and a line has 21"),
            (
                b"2024-2-29 23:59:59\r\n",
                r#"byte 7 is "-", where a digit belongs"#,
            ),
            (
                b"2024-02-29 23:59:59\r\n\0",
                r#"byte 22 is "\0", where the line is over and nothing more belongs"#,
            ),
            (
                b"\xff024-02-29 23:59:59\r\n",
                r#"byte 1 is "\xff", where a digit belongs"#,
            ),
        ] {
            assert_eq!(wrong(answer).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_moment_is_read_from_any_form() {
        let moment = Some(Moment {
            date: (2024, 2, 9),
            second: 3_600 + 2 * 60 + 3,
        });
        assert_eq!(told(b"2024-02-09 01:02:03\r\n"), moment);
        assert_eq!(told(b"2024/2/9T1:2:3"), moment);
        assert_eq!(told(b"2024-02-09 01:02"), None);
        assert_eq!(told(b""), None);
    }

    #[test]
    fn days_are_dates() {
        // Figures of `date --utc --date @...`.
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00"),
            (-1, "1969-12-31 23:59:59"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_800, "2000-03-01 00:00:00"),
            (1_735_689_599, "2024-12-31 23:59:59"),
            (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (13_574_563_200, "2400-02-29 00:00:00"),
            (253_402_300_799, "9999-12-31 23:59:59"),
        ] {
            let Moment { date, second } = moment(seconds);
            let shown = format!("{} {}", show_date(date), show_time(second));
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn every_day_is_the_day_after_the_one_before() {
        let mut expected = (1970, 1, 1);
        for days in 0..3_000_000 {
            assert_eq!(date(days), expected);
            let (year, month, day) = expected;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, day == length) {
                (_, false) => (year, month, day + 1),
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
            };
        }
    }
}
