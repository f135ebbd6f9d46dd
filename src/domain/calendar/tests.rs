//! Calendars: what the shipped one says, and which ones are refused.

use super::*;

const YEAR: &str = "zone = \"Asia/Bishkek\"\nweekend = [\"Sat\", \"Sun\"]\n[[year]]\nyear = 2026\n";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn kyrgyz() -> Calendar {
    Calendar::parse(include_str!("../../../assets/calendar/kg.toml")).unwrap()
}

#[test]
fn holidays_and_exchanged_days_overrule_the_weekend() {
    let calendar = kyrgyz();
    for (text, works) in [
        ("2026-11-20", true),
        ("2026-11-21", false),
        ("2026-03-20", false),
        ("2026-02-23", true),  // shortened, but worked
        ("2026-05-04", false), // between the feasts
        ("2026-11-07", false), // no longer a holiday, but a Saturday
        ("2025-01-11", true),  // a Saturday worked in exchange
        ("2025-01-02", false),
    ] {
        assert_eq!(calendar.is_working(day(text)), Ok(works), "{text}");
    }
    assert_eq!(
        calendar.is_working(day("2028-01-01")),
        Err(UnknownYear(2028))
    );
}

#[test]
fn a_forecast_says_that_it_is_one_and_every_day_has_a_source() {
    let calendar = kyrgyz();
    assert!(calendar.years[&2027].holidays[&day("2027-03-09")].estimated);
    assert!(!calendar.years[&2026].holidays[&day("2026-03-20")].estimated);
    let all = calendar
        .years
        .values()
        .flat_map(|y| y.holidays.values().chain(y.worked.values()));
    assert!(
        all.into_iter()
            .all(|d| !d.name.is_empty() && !d.source.is_empty())
    );
}

#[test]
fn days_begin_and_end_in_the_zone() {
    let calendar = kyrgyz();
    let last = Timestamp::parse("2026-03-16T23:59:59+06:00").unwrap();
    assert_eq!(calendar.day_at(last), day("2026-03-16"));
    assert_eq!(
        calendar.day_at(Timestamp::from_secs(last.secs() + 1)),
        day("2026-03-17")
    );
    assert_eq!(calendar.end_of(day("2026-03-16")), last);
    let moscow = calendar.in_zone(chrono_tz::Europe::Moscow);
    assert_eq!(
        moscow.end_of(day("2026-03-16")),
        Timestamp::parse("2026-03-16T20:59:59Z").unwrap()
    );
}

#[test]
fn clocks_that_change_at_midnight_leave_one_end_of_the_day() {
    // Santiago turns back from 24:00 to 23:00, so its last second comes twice.
    let santiago = kyrgyz().in_zone(chrono_tz::America::Santiago);
    assert_eq!(
        santiago.end_of(day("2026-04-04")),
        Timestamp::parse("2026-04-05T03:59:59Z").unwrap()
    );
    // Samoa left out 30 December 2011 when it crossed the date line.
    let apia = kyrgyz().in_zone(chrono_tz::Pacific::Apia);
    assert!(apia.end_of(day("2011-12-30")) >= apia.end_of(day("2011-12-29")));
    assert!(apia.end_of(day("2011-12-30")) <= apia.end_of(day("2011-12-31")));
    let far = Timestamp::from_millis(i64::MAX);
    assert_eq!(kyrgyz().day_at(far), far.utc().date_naive());
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused() {
    let with = |rest: &str| Calendar::parse(&format!("{YEAR}{rest}")).unwrap_err();
    let entry =
        |d: &str, more: &str| format!("{{ day = \"{d}\", name = \"n\", source = \"s\"{more} }}");

    assert_eq!(with("[[year]]\nyear = 2026"), BadCalendar::YearTwice(2026));
    assert_eq!(
        with(&format!("holiday = [{}]", entry("2025-12-31", ""))),
        BadCalendar::OtherYear {
            day: day("2025-12-31"),
            year: 2026
        }
    );
    assert_eq!(
        with(&format!(
            "holiday = [{}]",
            entry("2026-12-31", ", last = \"2026-12-30\"")
        )),
        BadCalendar::Backwards {
            day: day("2026-12-31"),
            last: day("2026-12-30")
        }
    );
    let twice = format!("holiday = [{0}]\nworking = [{0}]", entry("2026-01-10", ""));
    assert_eq!(with(&twice), BadCalendar::DayTwice(day("2026-01-10")));
    assert!(matches!(with("holidays = []"), BadCalendar::Form(_)));
    assert!(matches!(
        with("holiday = [{ day = \"2026-01-10\", name = \"n\" }]"),
        BadCalendar::Form(_)
    ));
    let nowhere = YEAR.replace("Asia/Bishkek", "Asia/Nowhere");
    assert_eq!(
        Calendar::parse(&nowhere),
        Err(BadCalendar::Zone("Asia/Nowhere".to_owned()))
    );
}
