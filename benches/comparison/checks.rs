//! Before a load: what has to be refused is. After it: what was acknowledged is there.

use crate::cells::{Cell, Contestant, Workload};
use crate::requests::{BEFORE_FIRST, Maker};
use crate::services::ask;

/// Asks what has to be refused, then once what is to be done. Returns how many writes that was.
pub async fn refusals(maker: &Maker, contestant: Contestant, cell: &Cell) -> i64 {
    let wrong = "another-secret";
    let checks = match cell.workload {
        Workload::Standing => {
            let account = BEFORE_FIRST + 1;
            let with =
                |secret, from_now| maker.standing_with(&maker.token(account, 7, secret, from_now));
            vec![
                ("no token", maker.standing_with(""), 401),
                ("a foreign signature", with(wrong, 0), 401),
                (
                    "a token of yesterday",
                    with(crate::service::SECRET, -86_400),
                    401,
                ),
                ("a good token", maker.standing(account), 200),
            ]
        }
        Workload::Consent => {
            let forged = maker.token(1, 7, wrong, 0);
            let good = maker.consent(0);
            vec![
                ("a foreign signature", maker.consent_with(0, &forged), 401),
                ("a good consent", good.clone(), 201),
                ("its token again", good, 409),
            ]
        }
        Workload::Disconnect => vec![
            ("a foreign signature", maker.disconnect(0, wrong), 403),
            (
                "a good hook",
                maker.disconnect(0, crate::service::SECRET),
                200,
            ),
        ],
        Workload::Install => vec![
            ("a foreign host", maker.install(0, "example.com"), 400),
            ("a good hook", maker.install(0, "localhost"), 200),
        ],
    };
    let name = contestant.name();
    for (what, request, expected) in checks {
        if contestant == Contestant::Actix && expected != 200 {
            continue;
        }
        let (status, answer) = ask(maker.port, request.as_bytes()).await;
        assert_eq!(status, expected, "{name}, {what}: {answer}");
        if cell.workload == Workload::Standing && expected == 200 {
            assert!(answer.contains(r#""entitled":true"#), "{name}: {answer}");
        }
    }
    i64::from(cell.workload != Workload::Standing)
}

/// What is counted before and after; the first is what was acknowledged, the others go with it.
pub fn counts(contestant: Contestant, workload: Workload) -> &'static [&'static str] {
    match (workload, contestant.has_our_schema()) {
        (Workload::Standing, _) => &[],
        (Workload::Consent, true) => &[
            "SELECT count(*) FROM consent",
            "SELECT count(*) FROM burned_token",
            "SELECT count(*) FROM subject",
            "SELECT count(*) FROM contact",
        ],
        (Workload::Consent, false) => &[
            "SELECT count(*) FROM consent",
            "SELECT count(*) FROM used_token",
        ],
        (Workload::Disconnect, true) => &["SELECT count(*) FROM disconnect_hook"],
        (Workload::Disconnect, false) => &["SELECT count(*) FROM disconnect"],
        (Workload::Install, true) => &["SELECT count(*) FROM grant_offer"],
        (Workload::Install, false) => &["SELECT count(*) FROM code"],
    }
}

/// Whether nothing that was acknowledged is missing, nothing is there twice, and no row came that was
/// not at least asked for.
pub fn agree(kept: &[i64], acknowledged: i64, on_their_way: usize) -> bool {
    let most = acknowledged + i64::try_from(on_their_way).unwrap();
    kept.iter()
        .all(|rows| *rows == kept[0] && (acknowledged..=most).contains(rows))
}
