//! Taking a Product out of an account, step by step.
//!
//! The order matters: webhooks before the widget, because the grant may die
//! with it; the probe before the tokens are forgotten. Each step may be refused,
//! and a refusal is an answer too: what can be done without the platform's help
//! is done all the same.

use super::time::Timestamp;
use crate::domain::time::minutes;
use chrono::TimeDelta;

/// What is done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Remove the Product's webhooks from the account.
    Webhooks,
    /// Switch the widget off: `DELETE /api/v4/widgets/{code}`.
    Widget,
    /// See whether our grant still lives.
    Probe,
    /// Forget the tokens and mark the Install as uninstalled.
    Forget,
}

impl Step {
    /// All steps, first to last.
    pub const ALL: [Self; 4] = [Self::Webhooks, Self::Widget, Self::Probe, Self::Forget];

    /// The step after this one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, or there was nothing to do.
    Done,
    /// The platform refused, or did not answer for as long as asking could help.
    Refused,
}

/// What the platform said when a step was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No, and asking again changes nothing: no rights (403), not found (404), unpaid (402),
    /// no grant (401 after one refresh).
    No,
    /// It could not say: too many requests, a block, a fault, no connection, a page instead of JSON.
    Busy,
}

/// How long a step is tried again while the platform cannot say.
///
/// Long enough for a rate block (Kommo names 300 seconds) and a restart; short enough that an
/// administrator who is told "by hand" can still be reached the same hour.
const PATIENCE: TimeDelta = minutes(15);

/// Decides on a step that was first tried at `since`; `None` means: try again later.
#[must_use]
pub fn decide(answer: Answer, since: Timestamp, now: Timestamp) -> Option<Outcome> {
    match answer {
        Answer::Yes => Some(Outcome::Done),
        Answer::No => Some(Outcome::Refused),
        Answer::Busy => (now - since >= PATIENCE).then_some(Outcome::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_webhooks_go_before_the_widget_and_the_tokens_last() {
        let mut order = vec![Step::Webhooks];
        while let Some(next) = order.last().and_then(|s| s.next()) {
            order.push(next);
        }
        assert_eq!(
            order,
            [Step::Webhooks, Step::Widget, Step::Probe, Step::Forget]
        );
    }

    #[test]
    fn a_refusal_is_an_answer_and_silence_is_not() {
        let at = Timestamp::from_secs;
        for (answer, now, expected) in [
            (Answer::Yes, 0, Some(Outcome::Done)),
            (Answer::No, 0, Some(Outcome::Refused)),
            (Answer::Busy, 899, None),
            (Answer::Busy, 900, Some(Outcome::Refused)),
        ] {
            assert_eq!(
                decide(answer, at(0), at(now)),
                expected,
                "{answer:?} at {now}"
            );
        }
    }
}
