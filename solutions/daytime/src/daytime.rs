//! The one line that the protocol consists of: how it is written, and how it is recognised.

use std::time::{Duration, SystemTime};

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;

/// The form of the line, with a `d` where a digit belongs.
const FORM: &[u8; LENGTH] = b"dddd-dd-dd dd:dd:dd\r\n";

/// The bytes of one line, its end included.
pub(crate) const LENGTH: usize = 21;

/// The present moment in UTC, as the line that goes over the wire.
pub(crate) fn now() -> String {
    // A clock that says it is before 1970 is broken; the server still has to answer something.
    line(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
}

/// The text of a line without its end, if it has the form that the protocol asks for.
pub(crate) fn text(line: &[u8]) -> Option<&str> {
    let fits = line.len() == FORM.len()
        && line.iter().zip(FORM).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            fixed => byte == fixed,
        });
    if !fits {
        return None;
    }
    str::from_utf8(line).ok()?.strip_suffix("\r\n")
}

fn line(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (year, month, day) = date(seconds / SECONDS_PER_DAY);
    let second_of_day = seconds % SECONDS_PER_DAY;
    let (hour, minute, second) = (
        second_of_day / 3600,
        second_of_day / 60 % 60,
        second_of_day % 60,
    );
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}\r\n")
}

/// Year, month and day of the day that comes `days` days after 1 January 1970.
///
/// Counting off whole years is at most some thousand steps, and there is nothing in it to get wrong.
fn date(mut days: u64) -> (u64, usize, u64) {
    let mut year = 1970;
    while days >= days_in_year(year) {
        days -= days_in_year(year);
        year += 1;
    }
    let mut month = 1;
    for length in month_lengths(year) {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_in_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_lengths(year: u64) -> [u64; 12] {
    let february = if is_leap(year) { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments_are_written_right() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00\r\n"),
            (951_782_399, "2000-02-28 23:59:59\r\n"),
            (951_782_400, "2000-02-29 00:00:00\r\n"),
            (951_868_800, "2000-03-01 00:00:00\r\n"),
            (1_709_251_199, "2024-02-29 23:59:59\r\n"),
            (1_735_689_599, "2024-12-31 23:59:59\r\n"),
            (4_107_542_400, "2100-03-01 00:00:00\r\n"),
            (253_402_300_799, "9999-12-31 23:59:59\r\n"),
        ] {
            assert_eq!(line(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn only_the_exact_form_is_recognised() {
        assert_eq!(
            text(b"2024-02-29 23:59:59\r\n"),
            Some("2024-02-29 23:59:59")
        );
        for wrong in [
            &b""[..],
            b"2024-02-29 23:59:59\n",
            b"2024-02-29 23:59:59\r\n\r\n",
            b"2024/02/29 23:59:59\r\n",
            b"2024-02-29T23:59:59\r\n",
            b"2024-O2-29 23:59:59\r\n",
            b"\xff024-02-29 23:59:59\r\n",
        ] {
            assert_eq!(text(wrong), None, "{}", wrong.escape_ascii());
        }
    }
}
