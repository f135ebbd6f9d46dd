//! Terms: dated examples a lawyer can read, and what must hold for every date.

use proptest::prelude::*;

use super::*;

const HOUR: i64 = 3_600;

fn kyrgyz() -> Calendar {
    Calendar::parse(include_str!("../../../assets/calendar/kg.toml")).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Noon in Bishkek.
fn noon(date: &str) -> Timestamp {
    at(&format!("{date}T12:00:00+06:00"))
}

#[test]
fn dated_examples() {
    for (received, ten_working_days, sixty_days) in [
        ("2026-03-16", "2026-03-31", "2026-05-15"), // Orozo Ait in between
        ("2026-04-27", "2026-05-19", "2026-06-26"), // the May holidays
        ("2026-08-24", "2026-09-08", "2026-10-23"), // Independence Day
        ("2026-11-20", "2026-12-04", "2027-01-19"),
        ("2026-12-28", "2027-01-18", "2027-02-26"), // the New Year holidays
        ("2024-12-31", "2025-01-20", "2025-03-01"), // 11 January worked, four days in exchange
    ] {
        let calendar = kyrgyz();
        let withdrawal = due(noon(received), WITHDRAWAL, &calendar).unwrap();
        assert_eq!(
            withdrawal.day,
            day(ten_working_days),
            "ten working days from {received}"
        );
        assert_eq!(
            withdrawal.at,
            at(&format!("{ten_working_days}T23:59:59+06:00"))
        );
        let claim = due(noon(received), Rule::CalendarDays(60), &calendar).unwrap();
        assert_eq!(claim.day, day(sixty_days), "sixty days from {received}");
    }
}

#[test]
fn the_day_of_receipt_is_the_local_one() {
    let calendar = kyrgyz();
    let evening = due(at("2026-11-19T17:59:59Z"), WITHDRAWAL, &calendar).unwrap();
    let after_midnight = due(at("2026-11-19T18:00:00Z"), WITHDRAWAL, &calendar).unwrap();
    assert_eq!(evening.day, day("2026-12-03"));
    assert_eq!(after_midnight.day, day("2026-12-04"));
    assert_eq!(after_midnight.at, at("2026-12-04T17:59:59Z"));
}

#[test]
fn what_comes_on_a_day_off_counts_from_the_next_working_day() {
    let calendar = kyrgyz();
    for received in ["2026-11-20", "2026-11-21", "2026-11-22"] {
        assert_eq!(
            due(noon(received), Rule::WorkingDays(1), &calendar)
                .unwrap()
                .day,
            day("2026-11-23")
        );
    }
    assert_eq!(
        due(noon("2026-11-21"), Rule::WorkingDays(0), &calendar)
            .unwrap()
            .day,
        day("2026-11-23")
    );
    assert_eq!(
        due(noon("2026-11-20"), Rule::WorkingDays(0), &calendar)
            .unwrap()
            .day,
        day("2026-11-20")
    );
}

#[test]
fn an_unknown_year_is_an_error_not_a_guess() {
    let calendar = kyrgyz();
    assert_eq!(
        due(noon("2027-12-27"), WITHDRAWAL, &calendar),
        Err(UnknownYear(2028))
    );
    assert_eq!(
        due(noon("2019-06-03"), WITHDRAWAL, &calendar),
        Err(UnknownYear(2019))
    );
    assert_eq!(
        due(noon("2027-12-27"), Rule::CalendarDays(60), &calendar)
            .unwrap()
            .day,
        day("2028-02-25")
    );
    let last = due(noon("2026-12-28"), Rule::WorkingDays(u16::MAX), &calendar);
    assert_eq!(last, Err(UnknownYear(2028)));
}

fn rules() -> impl Strategy<Value = Rule> {
    prop_oneof![
        (0_u16..40).prop_map(Rule::WorkingDays),
        (0_u16..90).prop_map(Rule::CalendarDays),
    ]
}

/// Moments in 2025 and 2026, from which every rule above ends in a known year.
fn moments() -> impl Strategy<Value = Timestamp> {
    let (from, to) = (
        at("2025-01-01T00:00:00Z").secs(),
        at("2026-12-31T00:00:00Z").secs(),
    );
    (from..to).prop_map(Timestamp::from_secs)
}

proptest! {
    #[test]
    fn working_day_terms_never_end_on_a_day_off(received in moments(), count in 0_u16..40) {
        let calendar = kyrgyz();
        let end = due(received, Rule::WorkingDays(count), &calendar).unwrap();
        prop_assert_eq!(calendar.is_working(end.day), Ok(true));
        prop_assert!(end.at >= received);
    }

    #[test]
    fn later_receipt_is_never_due_earlier(received in moments(), hours in 0_i64..2_000, rule in rules()) {
        let calendar = kyrgyz();
        let later = Timestamp::from_secs(received.secs() + hours * HOUR);
        prop_assert!(due(received, rule, &calendar).unwrap().at <= due(later, rule, &calendar).unwrap().at);
    }

    #[test]
    fn a_longer_rule_is_never_due_earlier(received in moments(), count in 0_u16..40) {
        let calendar = kyrgyz();
        let ends = |n| due(received, Rule::WorkingDays(n), &calendar).unwrap().at;
        prop_assert!(ends(count) <= ends(count + 1));
    }

    #[test]
    fn the_instant_and_the_day_agree(received in moments(), rule in rules()) {
        let calendar = kyrgyz();
        let end = due(received, rule, &calendar).unwrap();
        prop_assert_eq!(calendar.day_at(end.at), end.day);
    }
}
