//! Which days are worked, and which day it is where the Publisher sits.
//!
//! The days are data (`assets/calendar/kg.toml`, or a file of the operator's
//! own): weekends, holidays, weekend days worked in exchange. Each names the
//! act it comes from. A year that is not in the data is an error, not a guess,
//! because a wrong due date is a broken promise to a person.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveTime, Offset as _, TimeZone as _, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;
use thiserror::Error;

use super::time::{Date, Timestamp};

/// A day would have to be judged whose year the calendar does not know.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the calendar of working days does not know the year {0}")]
pub struct UnknownYear(pub i32);

/// Why a calendar file cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadCalendar {
    /// It is no TOML of the expected form.
    #[error("the calendar cannot be read: {0}")]
    Form(String),
    /// The zone is not in the IANA list.
    #[error("{0:?} is not a time zone such as Asia/Bishkek")]
    Zone(String),
    /// The same year appears in two places.
    #[error("the year {0} appears twice")]
    YearTwice(i32),
    /// A day stands under another year.
    #[error("{day} is listed under the year {year}")]
    OtherYear {
        /// The day as listed.
        day: Date,
        /// The year it is listed under.
        year: i32,
    },
    /// A span ends before it begins.
    #[error("the holiday of {day} ends on {last}, before it begins")]
    Backwards {
        /// First day.
        day: Date,
        /// Last day.
        last: Date,
    },
    /// A day is both off and worked.
    #[error("{0} is listed twice")]
    DayTwice(Date),
}

/// A day, or a few in a row, that the weekend rule alone would get wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The first day.
    pub day: Date,
    /// The last day, when there are several.
    pub last: Option<Date>,
    /// What it is called.
    pub name: String,
    /// The act or announcement that says so.
    pub source: String,
    /// Whether the day is a forecast that may still move.
    #[serde(default)]
    pub estimated: bool,
}

/// Working days of one country, and the zone in which its days begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    weekend: Vec<Weekday>,
    years: BTreeMap<i32, Year>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Year {
    holidays: BTreeMap<Date, SpecialDay>,
    worked: BTreeMap<Date, SpecialDay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireCalendar {
    zone: String,
    weekend: Vec<Weekday>,
    year: Vec<WireYear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireYear {
    year: i32,
    #[serde(default)]
    holiday: Vec<SpecialDay>,
    #[serde(default)]
    working: Vec<SpecialDay>,
}

impl Calendar {
    /// Reads a calendar file; `assets/calendar/kg.toml` explains the form.
    ///
    /// # Errors
    /// [`BadCalendar`] for the first thing that contradicts itself.
    pub fn parse(text: &str) -> Result<Self, BadCalendar> {
        let wire: WireCalendar =
            toml::from_str(text).map_err(|e| BadCalendar::Form(e.to_string()))?;
        let zone = wire
            .zone
            .parse()
            .map_err(|_| BadCalendar::Zone(wire.zone))?;

        let mut years = BTreeMap::new();
        for entry in wire.year {
            let number = entry.year;
            if years.insert(number, Year::try_from(entry)?).is_some() {
                return Err(BadCalendar::YearTwice(number));
            }
        }
        Ok(Self {
            zone,
            weekend: wire.weekend,
            years,
        })
    }

    /// The same days counted in another zone (`ACCORD_PUBLISHER_TIME_ZONE`).
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// Whether people work on that day.
    ///
    /// # Errors
    /// [`UnknownYear`] also for a weekend day: it might be worked in exchange.
    pub fn is_working(&self, day: Date) -> Result<bool, UnknownYear> {
        let year = self.year_of(day)?;
        if year.worked.contains_key(&day) {
            return Ok(true);
        }
        Ok(!self.is_weekend(day) && !year.holidays.contains_key(&day))
    }

    /// The day it is in the calendar's zone at that moment.
    #[must_use]
    pub fn day_at(&self, at: Timestamp) -> Date {
        let utc = at.utc().naive_utc();
        let offset = self.zone.offset_from_utc_datetime(&utc).fix();
        // Only at the very ends of chrono's range there is no local time.
        utc.checked_add_offset(offset).unwrap_or(utc).date()
    }

    /// The last second of a day in the calendar's zone: 23:59:59, and the later one where
    /// a change of the clocks makes two of them.
    #[must_use]
    pub fn end_of(&self, day: Date) -> Timestamp {
        let last_second = day.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default());
        if let Some(local) = self.zone.from_local_datetime(&last_second).latest() {
            return Timestamp::from(local.to_utc());
        }
        // The clocks jumped over midnight: that second is read on the clock as it went before the jump.
        let before = self
            .zone
            .offset_from_utc_datetime(&day.and_time(NaiveTime::MIN))
            .fix();
        Timestamp::from(
            last_second
                .checked_sub_offset(before)
                .unwrap_or(last_second)
                .and_utc(),
        )
    }

    fn is_weekend(&self, day: Date) -> bool {
        self.weekend.contains(&day.weekday())
    }

    fn year_of(&self, day: Date) -> Result<&Year, UnknownYear> {
        self.years.get(&day.year()).ok_or(UnknownYear(day.year()))
    }
}

impl TryFrom<WireYear> for Year {
    type Error = BadCalendar;

    fn try_from(wire: WireYear) -> Result<Self, BadCalendar> {
        let holidays = spread(wire.year, wire.holiday)?;
        let worked = spread(wire.year, wire.working)?;
        match worked.keys().find(|day| holidays.contains_key(day)) {
            Some(day) => Err(BadCalendar::DayTwice(*day)),
            None => Ok(Self { holidays, worked }),
        }
    }
}

/// One entry per day, each in the year it stands under.
fn spread(year: i32, entries: Vec<SpecialDay>) -> Result<BTreeMap<Date, SpecialDay>, BadCalendar> {
    let mut days = BTreeMap::new();
    for entry in entries {
        let last = entry.last.unwrap_or(entry.day);
        if last < entry.day {
            return Err(BadCalendar::Backwards {
                day: entry.day,
                last,
            });
        }
        for day in entry.day.iter_days().take_while(|day| *day <= last) {
            if day.year() != year {
                return Err(BadCalendar::OtherYear { day, year });
            }
            if days.insert(day, entry.clone()).is_some() {
                return Err(BadCalendar::DayTwice(day));
            }
        }
    }
    Ok(days)
}

#[cfg(test)]
mod tests;
