//! What somebody is shown, held against a file of `tests/it/snapshots`. `INSTA_UPDATE=always`
//! writes the files anew; what changed is then read in the difference before it is committed.

use uuid::Uuid;

use super::TestApp;

/// Holds a text against `snapshots/NAME.snap`, without what differs from run to run.
#[track_caller]
pub fn assert_shown(test: &TestApp, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, redacted(test, text)));
}

/// A page from its heading to its end: head and style sheet are the same on each.
pub fn main_of(page: &str) -> &str {
    let begin = page.find("<main").unwrap();
    let end = page.find("</main>").unwrap();
    &page[begin..end]
}

/// Addresses of this run get one name, ids and secrets none. Times stay: the clock is the test's.
fn redacted(test: &TestApp, text: &str) -> String {
    let text = text.replace(&test.base, "https://accord.test");
    let amocrm = format!(":{}", test.amocrm_port());
    let text = text.replace(&amocrm, "");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(first.len_utf8()));
        let name = word.get(..word.len().saturating_sub(36));
        let id = word.get(word.len().saturating_sub(36)..);
        match (name, id) {
            (Some(name), Some(id)) if Uuid::try_parse(id).is_ok() => {
                out.push_str(name);
                out.push_str("[id]");
            }
            _ if word.len() >= 43 && word.contains(|c: char| c.is_ascii_digit()) => {
                out.push_str("[secret]");
            }
            _ => out.push_str(word),
        }
        rest = after;
    }
    out
}
