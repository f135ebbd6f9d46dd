//! Clauses that were added, removed, edited, moved, or several of these at once.

use proptest::prelude::*;

use super::*;

fn list(pieces: &[(&str, &str)]) -> Vec<Piece> {
    pieces
        .iter()
        .map(|(no, text)| Piece {
            no: (*no).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

fn said(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<String> {
    compare_pieces(&list(old), &list(new))
        .iter()
        .map(|d| match &d.from_no {
            Some(from) => format!("{} {} from {from}", d.no, d.change.name()),
            None => format!("{} {}", d.no, d.change.name()),
        })
        .collect()
}

const DATA: &str = "The data are kept for thirty days after the Product was removed.";
const MAIL: &str = "Letters are answered by the support staff within a week.";
const LAW: &str = "Disputes are settled by the law of the Kyrgyz Republic.";

#[test]
fn an_inserted_clause_moves_those_after_it_and_changes_none() {
    assert_eq!(
        said(
            &[("1.1", DATA), ("1.2", MAIL), ("1.3", LAW)],
            &[
                ("1.1", DATA),
                ("1.2", "Wholly new words."),
                ("1.3", MAIL),
                ("1.4", LAW)
            ],
        ),
        ["1.2 added", "1.3 moved from 1.2", "1.4 moved from 1.3"]
    );
}

#[test]
fn a_removed_clause_stands_where_it_was() {
    assert_eq!(
        said(
            &[("1.1", DATA), ("1.2", MAIL), ("1.3", LAW)],
            &[("1.1", DATA), ("1.2", LAW)],
        ),
        ["1.2 removed", "1.2 moved from 1.3"]
    );
}

#[test]
fn two_clauses_that_swapped_are_moved() {
    assert_eq!(
        said(
            &[("1.1", DATA), ("1.2", MAIL)],
            &[("1.1", MAIL), ("1.2", DATA)]
        ),
        ["1.1 moved from 1.2", "1.2 moved from 1.1"]
    );
}

#[test]
fn a_clause_that_was_renumbered_and_edited_is_one_change() {
    let edited = DATA.replace("thirty", "ninety");
    let old = [("1.1", DATA), ("1.2", MAIL)];
    let new = [
        ("1.1", "Wholly new words."),
        ("1.2", &edited),
        ("1.3", MAIL),
    ];
    assert_eq!(
        said(&old, &new),
        ["1.1 added", "1.2 changed from 1.1", "1.3 moved from 1.2"]
    );
}

#[test]
fn a_number_with_wholly_other_words_is_a_change_of_that_number() {
    assert_eq!(
        said(&[("1.1", "One.")], &[("1.1", "Two!")]),
        ["1.1 changed"]
    );
}

#[test]
fn the_words_are_marked_and_nothing_else() {
    let old = list(&[("1.1", DATA)]);
    let new = list(&[("1.1", &DATA.replace("thirty", "ninety"))]);
    let marked: Vec<(Op, String)> = compare_pieces(&old, &new)[0]
        .words
        .iter()
        .filter(|(op, _)| *op != Op::Same)
        .cloned()
        .collect();
    assert_eq!(
        marked,
        [
            (Op::Removed, "thirty".to_owned()),
            (Op::Added, "ninety".to_owned())
        ]
    );
}

fn texts() -> impl Strategy<Value = Vec<Piece>> {
    let words = prop::sample::select(vec![
        "data",
        "kept",
        "for",
        "days",
        "the",
        "Product",
        "law",
        "слова",
        "согласие",
        "",
    ]);
    let text = prop::collection::vec(words, 0..8).prop_map(|words| words.join(" "));
    prop::collection::vec(text, 0..12).prop_map(|texts| {
        texts
            .into_iter()
            .enumerate()
            .map(|(i, text)| Piece {
                no: format!("1.{}", i + 1),
                text,
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn a_text_does_not_differ_from_itself(text in texts()) {
        prop_assert_eq!(compare_pieces(&text, &text), vec![]);
    }

    #[test]
    fn both_texts_can_be_read_out_of_the_difference(old in texts(), new in texts()) {
        let differences = compare_pieces(&old, &new);
        let side = |differences: &[Difference], of: fn(&Difference) -> Option<String>| {
            let mut words: Vec<String> = differences.iter().filter_map(of).collect();
            words.sort();
            words
        };
        // What is not listed is the same in both, number and words.
        let untouched = |pieces: &[Piece], nos: &[String]| {
            let mut left: Vec<String> = pieces
                .iter()
                .filter(|p| !nos.contains(&p.no))
                .map(|p| format!("{} {}", p.no, p.text))
                .collect();
            left.sort();
            left
        };
        let new_nos: Vec<String> = differences
            .iter()
            .filter(|d| d.change != Change::Removed)
            .map(|d| d.no.clone())
            .collect();
        let old_nos: Vec<String> = differences
            .iter()
            .filter(|d| d.change != Change::Added)
            .map(|d| d.from_no.clone().unwrap_or_else(|| d.no.clone()))
            .collect();
        prop_assert_eq!(untouched(&old, &old_nos), untouched(&new, &new_nos));
        let of = |pieces: &[Piece], nos: &[String]| {
            let mut words: Vec<String> = pieces
                .iter()
                .filter(|p| nos.contains(&p.no))
                .map(|p| p.text.clone())
                .collect();
            words.sort();
            words
        };
        prop_assert_eq!(side(&differences, |d| d.after.clone()), of(&new, &new_nos));
        prop_assert_eq!(side(&differences, |d| d.before.clone()), of(&old, &old_nos));
        for difference in &differences {
            let words = &difference.words;
            let read = |skip: Op| -> String {
                words.iter().filter(|(op, _)| *op != skip).map(|(_, w)| w.as_str()).collect()
            };
            prop_assert_eq!(read(Op::Added), difference.before.clone().unwrap_or_default());
            prop_assert_eq!(read(Op::Removed), difference.after.clone().unwrap_or_default());
        }
    }

    #[test]
    fn what_is_added_one_way_is_removed_the_other(old in texts(), new in texts()) {
        let count = |a: &[Piece], b: &[Piece], change| {
            compare_pieces(a, b).iter().filter(|d| d.change == change).count()
        };
        prop_assert_eq!(count(&old, &new, Change::Added), count(&new, &old, Change::Removed));
    }
}

#[test]
fn a_very_long_piece_is_shown_as_gone_and_come() {
    let long = |word: &str| word.repeat(MOST_BYTES / word.len());
    let (before, after) = (long("old "), long("new "));
    let words = Difference::words;
    assert_eq!(
        words(&before, &after),
        [(Op::Removed, before.clone()), (Op::Added, after)]
    );
    assert_eq!(words(&before, &before), [(Op::Same, before)]);
}
