//! Dates of a rubric: TOML's, as seconds since 1970.

use toml::value::{Datetime, Offset};

/// The seconds from 1970-01-01 00:00 UTC to a date of the proleptic Gregorian
/// calendar; `None` for one before that, and for a time without a date. Without
/// an offset it is UTC.
pub(crate) fn seconds(date: &Datetime) -> Option<u64> {
    let day = date.date.as_ref()?;
    let days = days(day.year.into(), day.month.into(), day.day.into());
    let time = date.time.as_ref().map_or(0, |time| {
        let (hour, minute) = (i64::from(time.hour), i64::from(time.minute));
        (hour * 60 + minute) * 60 + time.second.map_or(0, i64::from)
    });
    let offset = match date.offset {
        Some(Offset::Custom { minutes }) => i64::from(minutes) * 60,
        Some(Offset::Z) | None => 0,
    };
    u64::try_from(days * 86_400 + time - offset).ok()
}

/// Days from 1970-01-01 to a day.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is a year's last.
    let (year, month) = match month {
        3.. => (year, month - 3),
        _ => (year - 1, month + 9),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let before_month = (153 * month + 2) / 5;
    // 719,468 days lie between the first of March of year 0 and 1970.
    year * 365 + leap_days + before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_in_seconds() {
        // Figures of `date --utc --date ... +%s`.
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:30:15Z", 951_827_415),
            ("2024-02-29", 1_709_164_800),
            ("2025-01-01T12:00:00", 1_735_732_800),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("2025-01-01T12:00:00+02:00", 1_735_725_600),
        ] {
            assert_eq!(seconds(&text.parse().unwrap()), Some(expected), "{text}");
        }
        for text in ["1969-12-31T23:59:59Z", "12:00:00"] {
            assert_eq!(seconds(&text.parse().unwrap()), None, "{text}");
        }
    }
}
