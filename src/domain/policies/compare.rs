//! Two versions of a text, clause by clause: what was added and removed, which words
//! were changed, and what only moved to another number.
//!
//! Clauses are paired by their words first and by their numbers last, so that one
//! inserted clause does not make all that follow look changed. A section's heading
//! and preamble are one piece under the section's number.

use std::collections::{HashMap, HashSet};

use similar::utils::diff_unicode_words;
use similar::{Algorithm, ChangeTag};

use super::{Section, Text};

/// From this share of common words on, two pieces with different numbers are one that was
/// renumbered and edited.
const ALIKE: f64 = 0.5;
/// Beyond so many pairs, likeness is not looked for; numbers alone decide.
const MOST_PAIRS: usize = 250_000;
/// Beyond so many bytes in both, the words of a piece are not held against each other: what it
/// costs grows with the square, and nobody reads such a difference.
const MOST_BYTES: usize = 32 * 1024;

/// A heading with its preamble, or a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its number: `4` for a section's heading, or its title where it has none; `4.2` for a clause,
    /// `title` for the title.
    pub no: String,
    /// Its words.
    pub text: String,
}

/// What became of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its words are others.
    Changed,
    /// It has the same words under another number.
    Moved,
}

impl Change {
    /// The word in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }
}

/// What became of some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// They stayed.
    Same,
    /// They are gone.
    Removed,
    /// They are new.
    Added,
}

/// A piece that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number now; of a removed one, what it was.
    pub no: String,
    /// Its number before, where that was another.
    pub from_no: Option<String>,
    /// What became of it.
    pub change: Change,
    /// Its words before.
    pub before: Option<String>,
    /// Its words now.
    pub after: Option<String>,
    /// The words of both, run by run in the order of reading. A very long piece is one run that
    /// went and one that came.
    pub words: Vec<(Op, String)>,
}

impl Difference {
    fn new(change: Change, before: Option<&Piece>, after: Option<&Piece>) -> Option<Self> {
        let no = &after.or(before)?.no;
        let text = |piece: Option<&Piece>| piece.map(|piece| piece.text.clone());
        Some(Self {
            no: no.clone(),
            from_no: before.map(|b| b.no.clone()).filter(|from| from != no),
            change,
            words: Self::words(
                before.map_or("", |piece| &piece.text),
                after.map_or("", |piece| &piece.text),
            ),
            before: text(before),
            after: text(after),
        })
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let runs = self
            .words
            .iter()
            .map(|(_, run)| run.len() + size_of::<(Op, String)>());
        size_of::<Self>() + text(&self.before) + text(&self.after) + runs.sum::<usize>()
    }

    fn words(before: &str, after: &str) -> Vec<(Op, String)> {
        if before.len() + after.len() > MOST_BYTES && before != after {
            let runs = [(Op::Removed, before), (Op::Added, after)];
            return runs
                .into_iter()
                .filter(|(_, words)| !words.is_empty())
                .map(|(op, words)| (op, words.to_owned()))
                .collect();
        }
        diff_unicode_words(Algorithm::Myers, before, after)
            .into_iter()
            .map(|(tag, words)| {
                let op = match tag {
                    ChangeTag::Equal => Op::Same,
                    ChangeTag::Delete => Op::Removed,
                    ChangeTag::Insert => Op::Added,
                };
                (op, words.to_owned())
            })
            .collect()
    }
}

/// What `new` differs in from `old`, in the order of the new text; what is gone stands where
/// it was.
#[must_use]
pub fn compare(old: &Text, new: &Text) -> Vec<Difference> {
    compare_pieces(&pieces(old), &pieces(new))
}

/// The pieces of a text in their order.
#[must_use]
pub fn pieces(text: &Text) -> Vec<Piece> {
    let mut pieces = vec![Piece {
        no: "title".to_owned(),
        text: text.title.clone(),
    }];
    for section in &text.sections {
        let preamble = section.preamble_text();
        let heading = if preamble.is_empty() {
            section.title.clone()
        } else {
            format!("{}\n\n{preamble}", section.title)
        };
        pieces.push(Piece {
            no: name_of(section),
            text: heading,
        });
        pieces.extend(section.clauses.iter().map(|clause| Piece {
            no: clause.no.clone(),
            text: clause.text(),
        }));
    }
    pieces
}

/// A section without a number is called by its title; one that has neither holds the whole text.
fn name_of(section: &Section) -> String {
    match (section.no.as_str(), section.title.as_str()) {
        ("", "") => "text".to_owned(),
        ("", title) => title.to_owned(),
        (no, _) => no.to_owned(),
    }
}

/// As [`compare`], for pieces.
#[must_use]
pub fn compare_pieces(old: &[Piece], new: &[Piece]) -> Vec<Difference> {
    let pairs = Pairs::new(old, new);
    let mut differences: Vec<(usize, Difference)> = Vec::new();
    for (at, piece) in new.iter().enumerate() {
        let before = pairs.of_new[at].map(|i| &old[i]);
        differences.extend(difference(before, piece).map(|d| (2 * at + 1, d)));
    }
    for (i, piece) in old.iter().enumerate() {
        if pairs.of_old[i].is_none() {
            let removed = Difference::new(Change::Removed, Some(piece), None);
            differences.extend(removed.map(|d| (pairs.place_of_removed(i), d)));
        }
    }
    differences.sort_by_key(|(place, _)| *place);
    differences.into_iter().map(|(_, d)| d).collect()
}

fn difference(before: Option<&Piece>, now: &Piece) -> Option<Difference> {
    let change = match before {
        None => Change::Added,
        Some(before) if before.text != now.text => Change::Changed,
        Some(before) if before.no != now.no => Change::Moved,
        Some(_) => return None,
    };
    Difference::new(change, before, Some(now))
}

/// Which old piece became which new one.
struct Pairs {
    of_old: Vec<Option<usize>>,
    of_new: Vec<Option<usize>>,
}

impl Pairs {
    fn new(old: &[Piece], new: &[Piece]) -> Self {
        let mut pairs = Self {
            of_old: vec![None; old.len()],
            of_new: vec![None; new.len()],
        };
        pairs.pair_equal(old, new, |p| (p.no.as_str(), p.text.as_str()));
        pairs.pair_equal(old, new, |p| ("", p.text.as_str()));
        pairs.pair_alike(old, new);
        pairs.pair_equal(old, new, |p| (p.no.as_str(), ""));
        pairs
    }

    fn join(&mut self, i: usize, j: usize) {
        self.of_old[i] = Some(j);
        self.of_new[j] = Some(i);
    }

    /// Pairs what has the same key, each with the first that is left.
    fn pair_equal<'p, K: Eq + std::hash::Hash>(
        &mut self,
        old: &'p [Piece],
        new: &'p [Piece],
        key: impl Fn(&'p Piece) -> K,
    ) {
        let mut left: HashMap<K, Vec<usize>> = HashMap::new();
        for i in (0..old.len()).rev().filter(|i| self.of_old[*i].is_none()) {
            left.entry(key(&old[i])).or_default().push(i);
        }
        for (j, piece) in new.iter().enumerate() {
            if self.of_new[j].is_none()
                && let Some(i) = left.get_mut(&key(piece)).and_then(Vec::pop)
            {
                self.join(i, j);
            }
        }
    }

    /// Pairs what has most words in common, the most alike first.
    fn pair_alike(&mut self, old: &[Piece], new: &[Piece]) {
        let free = |taken: &[Option<usize>]| -> Vec<usize> {
            (0..taken.len()).filter(|i| taken[*i].is_none()).collect()
        };
        let (olds, news) = (free(&self.of_old), free(&self.of_new));
        if olds.len().saturating_mul(news.len()) > MOST_PAIRS {
            return;
        }
        let old_bags: Vec<_> = olds.iter().map(|i| words(&old[*i].text)).collect();
        let new_bags: Vec<_> = news.iter().map(|j| words(&new[*j].text)).collect();
        let mut scored = Vec::new();
        for (a, i) in olds.iter().enumerate() {
            for (b, j) in news.iter().enumerate() {
                let share = common(&old_bags[a], &new_bags[b]);
                let same_number = old[*i].no == new[*j].no;
                if share >= ALIKE {
                    // Of two that are equally alike, the one of the same number.
                    scored.push((share + if same_number { 0.1 } else { 0.0 }, *i, *j));
                }
            }
        }
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, i, j) in scored {
            if self.of_old[i].is_none() && self.of_new[j].is_none() {
                self.join(i, j);
            }
        }
    }

    /// Where a removed piece stands among the new ones: after the one before it.
    fn place_of_removed(&self, i: usize) -> usize {
        let before = self.of_old[..i].iter().rev().find_map(|j| *j);
        before.map_or(0, |j| 2 * j + 2)
    }
}

fn words(text: &str) -> HashSet<&str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The share of words that two sets have in common (Dice).
fn common(a: &HashSet<&str>, b: &HashSet<&str>) -> f64 {
    let (small, large) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let both = small.iter().filter(|word| large.contains(*word)).count();
    let all = a.len() + b.len();
    if all == 0 {
        return 0.0;
    }
    let halves = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    2.0 * halves(both) / halves(all)
}

#[cfg(test)]
mod tests;
