//! Instants and days.
//!
//! `Timestamp` is a moment in UTC, to the millisecond, because both databases
//! keep it as a whole number of milliseconds and a value must be equal to
//! itself after a round trip. `Date` is a day on some calendar, in no zone.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// A day of the Gregorian calendar, without a time and without a zone.
pub type Date = chrono::NaiveDate;

/// A moment in UTC, to the millisecond. Written as RFC 3339 (`2026-11-22T08:00:00Z`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z, as the database keeps it.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since 1970-01-01T00:00:00Z, as tokens carry it (RFC 7519 `NumericDate`).
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The same moment for calendar arithmetic. Out of chrono's range (a quarter of a
    /// million years away) it is the nearest moment chrono knows.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// For people's eyes: `2026-11-22 08:00 UTC`.
    #[must_use]
    pub fn to_the_minute(self) -> String {
        self.utc().format("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// Reads RFC 3339 in any offset; `None` when the text is not such an instant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|t| Self(t.timestamp_millis()))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    /// Drops what is finer than a millisecond.
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl Add<TimeDelta> for Timestamp {
    type Output = Self;
    fn add(self, by: TimeDelta) -> Self {
        Self(self.0.saturating_add(by.num_milliseconds()))
    }
}

impl Sub<TimeDelta> for Timestamp {
    type Output = Self;
    fn sub(self, by: TimeDelta) -> Self {
        Self(self.0.saturating_sub(by.num_milliseconds()))
    }
}

impl Sub for Timestamp {
    type Output = TimeDelta;
    fn sub(self, other: Self) -> TimeDelta {
        // The one number of milliseconds that is no TimeDelta is the smallest.
        TimeDelta::try_milliseconds(self.0.saturating_sub(other.0)).unwrap_or(TimeDelta::MIN)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 instant"))
    }
}

/// So many milliseconds. Like [`seconds`] and the others for spans that we set ourselves: it
/// cannot fail, where chrono's own constructors panic on a number from outside. For those there
/// are `TimeDelta::try_seconds` and its like.
#[must_use]
pub const fn milliseconds(count: u32) -> TimeDelta {
    span(count, 1)
}

/// So many seconds.
#[must_use]
pub const fn seconds(count: u32) -> TimeDelta {
    span(count, 1000)
}

/// So many minutes.
#[must_use]
pub const fn minutes(count: u32) -> TimeDelta {
    span(count, 60 * 1000)
}

/// So many hours.
#[must_use]
pub const fn hours(count: u32) -> TimeDelta {
    span(count, 60 * 60 * 1000)
}

/// So many times 24 hours.
#[must_use]
pub const fn days(count: u32) -> TimeDelta {
    span(count, 24 * 60 * 60 * 1000)
}

/// `count` and `millis` are 32 bits, so that their product fits.
const fn span(count: u32, millis: u32) -> TimeDelta {
    match TimeDelta::try_milliseconds(count as i64 * millis as i64) {
        Some(span) => span,
        None => TimeDelta::MAX,
    }
}

/// Reads an ISO 8601 period of weeks, days, hours, minutes: `P14D`, `P2W`, `PT36H`, `P0D`.
/// Months and years are refused: their length depends on when they begin.
#[must_use]
pub fn period(text: &str) -> Option<TimeDelta> {
    let rest = text.strip_prefix('P')?;
    let (days, hours) = rest
        .split_once('T')
        .map_or((rest, None), |(d, h)| (d, Some(h)));
    if rest.is_empty() || hours == Some("") {
        return None;
    }
    let minutes = parts(days, &[('W', 7 * 24 * 60), ('D', 24 * 60)])?
        + parts(hours.unwrap_or(""), &[('H', 60), ('M', 1)])?;
    TimeDelta::try_minutes(minutes)
}

/// Adds up parts such as `1W2D`, each unit at most once and in order.
fn parts(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, minutes) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            let count = number
                .parse::<i64>()
                .ok()
                .filter(|n| digits && *n <= 1_000_000)?;
            sum += count * minutes;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_number_is_too_large_to_reckon_with(a: i64, b: i64, c: u32) {
            let (x, y) = (Timestamp::from_millis(a), Timestamp::from_secs(b));
            prop_assert_eq!((x - y) > TimeDelta::zero(), x > y);
            for span in [milliseconds(c), seconds(c), minutes(c), hours(c), days(c)] {
                prop_assert!(x - span <= x && x <= x + span);
            }
            prop_assert!((x + (y - x)) <= x.max(y) && (x - (y - x)) >= x - (y - x).abs());
            prop_assert!(!x.to_string().is_empty() && !x.to_the_minute().is_empty());
            prop_assert!(days(c).num_days() == i64::from(c));
        }
    }

    #[test]
    fn the_ends_of_time_are_no_accident() {
        let (first, last) = (
            Timestamp::from_millis(i64::MIN),
            Timestamp::from_millis(i64::MAX),
        );
        assert_eq!(first - last, TimeDelta::MIN);
        assert_eq!(last - first, TimeDelta::MAX);
        assert_eq!(last + days(u32::MAX), last);
        assert_eq!(first - days(u32::MAX), first);
        assert_eq!(Timestamp::from_millis(-1) - last, TimeDelta::MIN);
    }

    #[test]
    fn an_instant_is_equal_to_itself_after_a_round_trip() {
        for text in [
            "2026-11-22T08:00:00Z",
            "2026-11-22T08:00:00.123Z",
            "1969-12-31T23:59:59.999Z",
        ] {
            let at = Timestamp::parse(text).unwrap();
            assert_eq!(at.to_string(), text);
            assert_eq!(Timestamp::from_millis(at.millis()), at);
            assert_eq!(Timestamp::from(at.utc()), at);
        }
        assert_eq!(
            Timestamp::parse("2026-11-22T14:00:00+06:00"),
            Timestamp::parse("2026-11-22T08:00:00Z")
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_period_has_one_meaning_or_none() {
        for (text, minutes) in [
            ("P14D", 14 * 1440),
            ("P2W", 14 * 1440),
            ("P0D", 0),
            ("PT36H", 36 * 60),
            ("P1DT30M", 1470),
        ] {
            assert_eq!(period(text), Some(super::minutes(minutes)), "{text}");
        }
        for text in [
            "",
            "P",
            "14D",
            "P14",
            "PT",
            "P1DT",
            "P1M",
            "P1Y",
            "P-1D",
            "P1.5D",
            "unlimited",
            "P9999999999999D",
        ] {
            assert_eq!(period(text), None, "{text}");
        }
    }
}
