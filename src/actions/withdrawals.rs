//! Withdrawal of consent (clause 11.11): one transaction takes it back, answers with a number
//! and a date, and, where it reaches the whole account, ends the entitlement of everybody and
//! begins the uninstall.

use chrono::Datelike as _;
use futures_util::FutureExt as _;

use super::authorization;
use super::consents::known;
use super::letters;
use crate::amocrm;
use crate::app::App;
use crate::domain::claims::Caller;
use crate::domain::consents::{Act, Declares, Entry, deciding, last_of_each};
use crate::domain::deadlines::{Rule, WITHDRAWAL, due};
use crate::domain::events;
use crate::domain::ids::SubjectId;
use crate::domain::installs::{Install, State};
use crate::domain::jobs::Job;
use crate::domain::requests::{self, Kind, Request, State as RequestState};
use crate::domain::time::{Timestamp, days};
use crate::domain::withdrawals::{Decision, Reach, Rights, decide};
use crate::error::{Code, Error};
use crate::store::ledger::Added;
use crate::store::people::Subject;
use crate::store::{self, Read, Tx};

/// The request, and whether it is a new one.
pub struct Withdrawn {
    /// The person's request; where somebody else had ended the generation, theirs.
    pub request: Request,
    /// `false` when it had been made before.
    pub fresh: bool,
}

/// What a withdrawal of the caller's would do now; `None`: it was made before.
///
/// # Errors
/// As [`withdraw`].
pub async fn reach(app: &App, caller: &Caller) -> Result<Option<Reach>, Error> {
    let install = caller.install(app).await?;
    let install = install.ok_or(Error::Refused(Code::NoConsent))?;
    let rights = rights(app, caller, &install).await?;
    let case = Case::read(&app.store, caller, &install).await?;
    case.reach(&install, rights)
}

/// Withdraws as far as the caller may: the consent of the account's present generation, or their
/// own alone. The second time it answers with the first request.
///
/// # Errors
/// [`Code::NoConsent`] when there is none; [`Code::AdministratorRequired`] for who has no consent
/// of their own and does not administer the account; [`Code::PlatformUnreachable`] when amoCRM
/// cannot say; [`Code::TokenStale`] when the account changed while it was asked.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    comment: Option<String>,
) -> Result<Withdrawn, Error> {
    let seen = caller.install(app).await?;
    let seen = seen.ok_or(Error::Refused(Code::NoConsent))?;
    let rights = rights(app, caller, &seen).await?;

    let tx = app.store.begin().await?;
    let install = store::installs::lock(&tx, seen.id).await?;
    if install.generation != seen.generation {
        // It was meant for an installation that is over.
        return Err(Error::Refused(Code::TokenStale));
    }
    let case = Case::read(&tx, caller, &install).await?;
    let Some(reach) = case.reach(&install, rights)? else {
        let request = case.request(&tx, &install).await?;
        caller.burn(&tx).await?;
        tx.commit().await?;
        return Ok(Withdrawn {
            request,
            fresh: false,
        });
    };
    let subject = known(&tx, caller, &install, app.clock.now()).await?;
    caller.burn(&tx).await?;
    // By our clock jobs run and tokens are old; in the ledger no time is before another.
    let ledger = store::ledger::lock(&tx, &[install.id]).await?;
    let now = app.clock.now();
    let at = ledger.time(now);
    let entry = case.withdrawal(&install, caller, &subject, at)?;
    let install = match reach {
        Reach::Account => install.withdrawn(now),
        Reach::Own => install,
    };
    let request = Request {
        id: store::requests::new_request_id(),
        number: next_number(app, &tx, at).await?,
        install: install.id,
        generation: install.generation,
        subject: subject.id,
        kind: Kind::Withdrawal,
        reach,
        state: match install.state {
            State::Uninstalling => RequestState::Received,
            State::Pending | State::Active | State::Uninstalled => RequestState::Executed,
        },
        received_at: at,
        due_at: due_at(app, at),
    };

    let (product, user) = (&caller.product.code, caller.claims.user);
    let added = Added {
        product,
        subject: &subject,
        user,
        entry: entry.clone(),
    };
    ledger.add(vec![added]).await?;
    store::requests::add(&tx, &request, &subject, comment.as_deref()).await?;
    if reach == Reach::Account {
        end(&tx, caller, &install, now).await?;
    }
    let address = store::people::address(&tx, subject.id).await?;
    letters::receipts(app, &tx, &[(&entry, install.account, address)], now).await?;
    tx.commit().await?;
    app.nudge.notify_one();
    Ok(Withdrawn {
        request,
        fresh: true,
    })
}

/// What a withdrawal is decided by.
struct Case {
    entries: Vec<Entry>,
    who: Option<SubjectId>,
}

impl Case {
    async fn read(db: &impl Read, caller: &Caller, install: &Install) -> Result<Self, Error> {
        let subject = store::people::find(db, install.id, caller.claims.user).await?;
        Ok(Self {
            entries: store::consents::of_generation(db, install).await?,
            who: subject.map(|subject| subject.id),
        })
    }

    fn decide(&self, install: &Install, rights: Rights) -> Decision {
        decide(&self.entries, install.withdrawn, self.who, rights)
    }

    /// How far it reaches; `None` when it was made before.
    fn reach(&self, install: &Install, rights: Rights) -> Result<Option<Reach>, Error> {
        Err(Error::Refused(match self.decide(install, rights) {
            Decision::Takes(reach) => return Ok(Some(reach)),
            Decision::Again => return Ok(None),
            // Somebody consented or withdrew since amoCRM need not be asked.
            Decision::Ask => Code::TokenStale,
            Decision::NoConsent => Code::NoConsent,
            Decision::AdministratorRequired => Code::AdministratorRequired,
            Decision::CannotSay => Code::PlatformUnreachable,
        }))
    }

    /// The request that was made before: the person's own, else the one that ended it for all.
    async fn request(&self, tx: &Tx, install: &Install) -> Result<Request, Error> {
        let (id, generation) = (install.id, install.generation);
        let own = match self.who {
            Some(who) => store::requests::last_of(tx, id, generation, who).await?,
            None => None,
        };
        match own {
            Some(own) => Ok(own),
            None => store::requests::ending(tx, id, generation)
                .await?
                .ok_or(Error::Refused(Code::NoConsent)),
        }
    }

    /// The entry that takes back the person's own consent, else the one that decides.
    fn withdrawal(
        self,
        install: &Install,
        caller: &Caller,
        subject: &Subject,
        at: Timestamp,
    ) -> Result<Entry, Error> {
        let given = last_of_each(&self.entries)
            .find(|entry| entry.subject == subject.id && entry.act == Act::Given)
            .or(deciding(&self.entries, install.withdrawn))
            .ok_or(Error::Refused(Code::NoConsent))?;
        Ok(Entry {
            id: store::consents::new_consent_id(),
            subject: subject.id,
            user: Some(caller.claims.user),
            act: Act::Withdrawn,
            purposes: Vec::new(),
            declares: Declares {
                read: false,
                own_data: false,
            },
            at,
            ..given.clone()
        })
    }
}

/// Ends the Product for the whole account: from this commit on nobody is entitled.
async fn end(tx: &Tx, caller: &Caller, install: &Install, now: Timestamp) -> Result<(), Error> {
    store::installs::save(tx, install).await?;
    store::jobs::stop_all(tx, install.id, now).await?;
    if install.state == State::Uninstalling {
        let job = Job::Uninstall {
            install: install.id,
            generation: install.generation,
        };
        store::jobs::enqueue(tx, &job, now, now).await?;
    }
    let (kind, data) = (events::Kind::ConsentWithdrawn, events::Data::default());
    super::events::at_install(tx, &caller.product, install, kind, data, now).await
}

/// The caller's rights in the account, asked of the platform where it depends on them.
async fn rights(app: &App, caller: &Caller, install: &Install) -> Result<Rights, Error> {
    let case = Case::read(&app.store, caller, install).await?;
    if case.decide(install, Rights::Unasked) != Decision::Ask {
        return Ok(Rights::Unasked);
    }
    let user = caller.claims.user;
    match authorization::ask_at_once(app, install, move |session| {
        session.is_administrator(user).boxed()
    })
    .await
    {
        Ok(Some(true)) => Ok(Rights::Administrator),
        // Whom the account does not know does not administer it.
        Ok(Some(false)) | Err(Error::Upstream(amocrm::Error::Refused { status: 404, .. })) => {
            Ok(Rights::User)
        }
        Ok(None) | Err(Error::Upstream(_)) => Ok(Rights::Unknown),
        Err(e) => Err(e),
    }
}

async fn next_number(app: &App, tx: &Tx, now: Timestamp) -> Result<String, Error> {
    let year = now.utc().with_timezone(&app.config.time_zone).year();
    let count = store::requests::next_number(tx, &format!("withdrawal-{year}")).await?;
    Ok(requests::number(Kind::Withdrawal, year, count))
}

/// The end of the tenth working day. A calendar that ends too early must not keep a person
/// from withdrawing: then we promise ten calendar days, which is never later.
fn due_at(app: &App, now: Timestamp) -> Timestamp {
    due(now, WITHDRAWAL, &app.calendar)
        .or_else(|unknown| {
            tracing::error!(
                "{unknown}: promised ten calendar days instead; bring the calendar up to date"
            );
            due(now, Rule::CalendarDays(10), &app.calendar)
        })
        .map_or_else(|_| now + days(10), |due| due.at)
}
