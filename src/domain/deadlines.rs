//! When an answer is due.
//!
//! A rule says how long (ten working days, sixty calendar days), the
//! calendar says which days count. The day of receipt is not counted; a request
//! that comes on a day off is counted from the next working day; the last day
//! ends at 23:59:59 where the Publisher sits. Calendar-day terms end on their
//! last day even when nobody works on it: for promises of our own that is the
//! stricter reading.

use chrono::{Datelike as _, Days};

use super::calendar::Calendar;
pub use super::calendar::UnknownYear;
use super::time::{Date, Timestamp};

/// A withdrawal is considered within ten working days (clause 11.11.2).
pub const WITHDRAWAL: Rule = Rule::WorkingDays(10);

/// How long there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Days on which people work; none of them means the first such day from the receipt on.
    WorkingDays(u16),
    /// Days of any kind.
    CalendarDays(u16),
}

/// The end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last instant at which it is still in time.
    pub at: Timestamp,
    /// The day on which that instant falls, in the calendar's zone.
    pub day: Date,
}

/// When something received at that moment is due.
///
/// # Errors
/// [`UnknownYear`] when a working day has to be counted in a year the calendar does not know.
/// Terms in calendar days never need the years.
pub fn due(received: Timestamp, rule: Rule, calendar: &Calendar) -> Result<Due, UnknownYear> {
    let first = calendar.day_at(received);
    let day = match rule {
        Rule::WorkingDays(count) => working_day(first, count, calendar)?,
        Rule::CalendarDays(count) => first
            .checked_add_days(Days::new(count.into()))
            .unwrap_or(Date::MAX),
    };
    Ok(Due {
        at: calendar.end_of(day),
        day,
    })
}

/// The last of so many working days after the day of receipt.
fn working_day(received: Date, count: u16, calendar: &Calendar) -> Result<Date, UnknownYear> {
    let next = |day: Date| day.succ_opt().ok_or(UnknownYear(day.year()));

    let mut day = if count == 0 {
        received
    } else {
        next(received)?
    };
    let mut left = count.max(1);
    loop {
        left -= u16::from(calendar.is_working(day)?);
        if left == 0 {
            return Ok(day);
        }
        day = next(day)?;
    }
}

#[cfg(test)]
mod tests;
