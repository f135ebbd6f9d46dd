//! Webhooks on their way: events of an account are posted to the addresses set through the API, with the
//! vendor's retry table and its switching off, on the emulator's clock (RU:crm_platform/webhooks-format).

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Webhook;
use crate::records::{HookKind, HookOutcome, HookRecord};
use crate::world::{State, World};

/// The other side has this long to answer 100 to 299.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Minutes between the attempts 1 and 2, 2 and 3, 3 and 4, 4 and 5.
const WAITS_MINUTES: [i64; 4] = [5, 15, 15, 60];
/// Attempts after this one are made only when the last answer was 499 or 500 to 599.
const ANY_BAD_ANSWER_UP_TO: u8 = 3;
/// Bad answers within [`WATCHED_SECS`] that an address may give before it is switched off.
const BAD_ANSWERS: usize = 100;
/// Two hours.
const WATCHED_SECS: i64 = 2 * 60 * 60;

/// A delivery that waits for its moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Waiting {
    /// Account of the event.
    pub account_id: u64,
    /// The webhook it belongs to.
    pub webhook_id: u64,
    /// Form body.
    pub body: String,
    /// Number of the coming attempt, from 1.
    pub attempt: u8,
    /// Unix second from which it is due.
    pub due_at: i64,
}

/// Whether another attempt follows a bad answer, and after how many seconds. `status` 0 is no answer at all.
fn wait_before(next_attempt: u8, status: u16) -> Option<i64> {
    let wait = WAITS_MINUTES.get(usize::from(next_attempt).checked_sub(2)?)?;
    let server_fault = status == 499 || (500..=599).contains(&status);
    (next_attempt <= ANY_BAD_ANSWER_UP_TO || server_fault).then_some(wait * 60)
}

impl World {
    /// Something happened in an account: every webhook that wants `event` (such as `add_lead`) is due now.
    /// `fields` are the form fields after the entity's prefix, such as `("id", "7")`. Returns how many.
    pub fn emit_event(&self, account_id: u64, event: &str, fields: &[(String, String)]) -> usize {
        let block = self.read(|state| {
            let account = state.accounts.get(&account_id)?;
            let block = [
                ("account[subdomain]", account.label().to_owned()),
                ("account[id]", account.id.to_string()),
                ("account[_links][self]", self.address_of(account)),
            ];
            Some(state.switches.webhook_account_block.then_some(block))
        });
        let Some(block) = block else {
            return 0;
        };
        let body = form_body(event, fields, block.as_ref().map_or(&[], |block| block));
        self.change(|state| {
            let due_at = state.clock.now();
            let Some(account) = state.accounts.get(&account_id) else {
                return 0;
            };
            let wanting = account.webhooks.iter().filter(|hook| {
                !hook.disabled && hook.settings.iter().any(|wanted| wanted == event)
            });
            let before = state.waiting.len();
            state.waiting.extend(wanting.map(|hook| Waiting {
                account_id,
                webhook_id: hook.id,
                body: body.clone(),
                attempt: 1,
                due_at,
            }));
            state.waiting.len() - before
        })
    }

    /// Makes every attempt that is due on the emulator's clock; returns how many were made. A round that is
    /// under way is waited for, so nothing due is left when this returns.
    pub async fn deliver_due(&self) -> usize {
        let _round = self.delivering.lock().await;
        let due = self.change(|state| {
            let now = state.clock.now();
            let (due, later) = std::mem::take(&mut state.waiting)
                .into_iter()
                .partition::<Vec<_>, _>(|waiting| waiting.due_at <= now);
            state.waiting = later;
            due
        });
        let made = due.len();
        for waiting in due {
            self.attempt(waiting).await;
        }
        made
    }

    async fn attempt(&self, waiting: Waiting) {
        let target = self.read(|state| {
            let hook = webhook(state, &waiting)?;
            (!hook.disabled).then(|| (hook.destination.clone(), hook.client_id.clone()))
        });
        let Some((destination, client_id)) = target else {
            return;
        };
        let n = self.record_hook(HookRecord {
            n: 0,
            at: 0,
            kind: HookKind::Webhook,
            account_id: waiting.account_id,
            client_id,
            url: destination.clone(),
            body: Some(waiting.body.clone()),
            attempt: waiting.attempt,
            outcome: HookOutcome::Pending,
        });
        let request = self
            .client
            .post(&destination)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(waiting.body.clone());
        let outcome = self.call(request, &destination, TIMEOUT).await;
        let status = match &outcome {
            HookOutcome::Answered { status } => *status,
            HookOutcome::Pending | HookOutcome::Failed { .. } | HookOutcome::Lost => 0,
        };
        self.finish_hook(n, outcome);
        if !(100..=299).contains(&status) {
            self.note_bad_answer(waiting, status);
        }
    }

    fn note_bad_answer(&self, mut waiting: Waiting, status: u16) {
        self.change(|state| {
            let now = state.clock.now();
            let account = state.accounts.get_mut(&waiting.account_id);
            let hooks = account.map(|account| &mut account.webhooks);
            let hook =
                hooks.and_then(|hooks| hooks.iter_mut().find(|hook| hook.id == waiting.webhook_id));
            let Some(hook) = hook else {
                return;
            };
            hook.bad_answers.retain(|at| *at > now - WATCHED_SECS);
            hook.bad_answers.push(now);
            hook.disabled = hook.bad_answers.len() > BAD_ANSWERS;
            waiting.attempt += 1;
            if let Some(wait) = wait_before(waiting.attempt, status) {
                waiting.due_at = now + wait;
                state.waiting.push(waiting);
            }
        });
    }
}

fn webhook<'a>(state: &'a State, waiting: &Waiting) -> Option<&'a Webhook> {
    let account = state.accounts.get(&waiting.account_id)?;
    let mut hooks = account.webhooks.iter();
    hooks.find(|hook| hook.id == waiting.webhook_id)
}

/// The form body with PHP's brackets: `leads[add][0][id]=7&…`, then the account's block.
fn form_body(event: &str, fields: &[(String, String)], block: &[(&str, String)]) -> String {
    let (action, entity) = event.split_once('_').unwrap_or((event, ""));
    let key = match entity {
        "lead" => "leads",
        "contact" | "company" => "contacts",
        "customer" => "customers",
        other => other,
    };
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        body.append_pair(&format!("{key}[{action}][0][{name}]"), value);
    }
    if matches!(entity, "contact" | "company") {
        body.append_pair(&format!("{key}[{action}][0][type]"), entity);
    }
    body.extend_pairs(block);
    body.finish()
}

/// Delivers what is due, for as long as the emulator runs.
pub(crate) async fn keep_delivering(world: Arc<World>) {
    loop {
        world.deliver_due().await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_retry_table() {
        let table = [
            (2, 404, Some(300)),
            (3, 0, Some(900)),
            (4, 404, None),
            (4, 499, Some(900)),
            (5, 503, Some(3_600)),
            (6, 503, None),
        ];
        for (next_attempt, status, expected) in table {
            assert_eq!(
                wait_before(next_attempt, status),
                expected,
                "{next_attempt} {status}"
            );
        }
    }
}
