//! Requests in loops: each takes a place in the account's queue (RU:integrations/requirements 3.1.1).

use super::{Report, Source};

/// Methods of the widget that ask a server.
const ASKING: &[&str] = &["$authorizedAjax", "crm_post"];

/// Functions that ask any server; they count where the platform's API is asked.
const REQUESTS: &[&str] = &["ajax", "get", "post", "getJSON", "fetch", "put", "patch"];

/// How addresses of the platform's API begin.
const API: &[&str] = &["/api/v2/", "/api/v4/", "/private/api/", "/ajax/"];

/// Methods that call a function for each item.
const EACH: &[&str] = &[
    "forEach",
    "each",
    "map",
    "flatMap",
    "filter",
    "some",
    "every",
    "reduce",
    "reduceRight",
];

/// Functions that call what they are given once, at some time: the loop around them counts.
const ONCE: &[&str] = &[
    "then",
    "done",
    "fail",
    "always",
    "catch",
    "finally",
    "Promise",
    "setTimeout",
    "requestAnimationFrame",
    "call",
    "apply",
];

/// Looks at each request whether a loop is around it.
pub fn check(source: &Source, report: &mut Report) {
    for at in source.script.positions() {
        if asks(source, at) && is_repeated(source, at) {
            source.library(
                "js-request-loop",
                at,
                "requests in a loop fill the account's queue; collect the items and ask once",
                report,
            );
        }
    }
}

fn asks(source: &Source, at: usize) -> bool {
    let script = &source.script;
    let open = at + 1;
    let Some(word) = script.word(at).filter(|_| script.is(open, "(")) else {
        return false;
    };
    let is_definition = script.word_before(at) == Some("function")
        || script
            .partner(open)
            .is_some_and(|close| script.is(close + 1, "{"));
    if is_definition {
        return false;
    }
    if ASKING.contains(&word) {
        return script.is_member(at);
    }
    REQUESTS.contains(&word) && names_the_api(source, open)
}

/// Whether an address of the API stands in the call, also as a value of its options.
fn names_the_api(source: &Source, open: usize) -> bool {
    let script = &source.script;
    let is_api = |at: usize| {
        script
            .string(at)
            .is_some_and(|text| API.iter().any(|begin| text.starts_with(begin)))
    };
    script.directly_in(open).take(MOST_PARTS).any(|at| {
        is_api(at) || script.is(at, "{") && script.directly_in(at).take(MOST_PARTS).any(is_api)
    })
}

/// Calls that people write have no more parts.
const MOST_PARTS: usize = 100;

/// What a bracket around a request means for it.
enum Around {
    Loop,
    Goes,
    Ends,
}

fn is_repeated(source: &Source, at: usize) -> bool {
    let mut inner = at;
    for open in source.script.around(at) {
        if follows_a_loop(source, inner) {
            return true;
        }
        match around(source, open, inner) {
            Around::Loop => return true,
            Around::Ends => return false,
            Around::Goes => inner = open,
        }
    }
    follows_a_loop(source, inner)
}

fn around(source: &Source, open: usize, inner: usize) -> Around {
    let script = &source.script;
    if script.is(open, "(") {
        // An arrow without a block of its own: the function is given to what stands before.
        let arrow = script
            .directly_in(open)
            .take_while(|at| *at < inner)
            .any(|at| script.is(at, "=>"));
        return if arrow {
            given_to(source, open)
        } else {
            Around::Goes
        };
    }
    if !script.is(open, "{") {
        return Around::Goes;
    }
    let Some(before) = script.before(open) else {
        return Around::Goes;
    };
    if script.word(before) == Some("do") {
        return Around::Loop;
    }
    let is_arrow = script.is(before, "=>");
    let head = script.partner(before).filter(|_| script.is(before, ")"));
    let keyword = head.and_then(|head| script.word_before(head));
    match keyword {
        Some("for" | "while") => return Around::Loop,
        Some("await") if awaits_each(source, head) => return Around::Loop,
        Some("if" | "switch" | "catch" | "with") => return Around::Goes,
        _ if !is_arrow && head.is_none() => return Around::Goes,
        _ => {}
    }
    // A function's body: what it was given to decides.
    match script
        .around(open)
        .next()
        .filter(|outer| script.is(*outer, "("))
    {
        Some(outer) if script.word_before(outer).is_some() => given_to(source, outer),
        Some(outer) if is_called_at_once(source, open, outer) => Around::Goes,
        _ => Around::Ends,
    }
}

/// `for await (…)`
fn awaits_each(source: &Source, head: Option<usize>) -> bool {
    head.and_then(|head| head.checked_sub(2))
        .is_some_and(|at| source.script.word(at) == Some("for"))
}

/// `(function () { … })()`
fn is_called_at_once(source: &Source, body: usize, outer: usize) -> bool {
    let script = &source.script;
    let after_body = script
        .partner(body)
        .is_some_and(|end| script.is(end + 1, "("));
    let after_all = script
        .partner(outer)
        .is_some_and(|end| script.is(end + 1, "("));
    after_body || after_all
}

fn given_to(source: &Source, open: usize) -> Around {
    match source.script.word_before(open) {
        Some(word) if EACH.contains(&word) && takes_items(source, open) => Around::Loop,
        Some(word) if ONCE.contains(&word) => Around::Goes,
        _ => Around::Ends,
    }
}

/// `list.map(…)`, `$.each(…)`; a function of one's own by such a name is no loop.
fn takes_items(source: &Source, open: usize) -> bool {
    open.checked_sub(1)
        .is_some_and(|name| source.script.is_member(name))
}

/// `for (…) request()`: a loop without a block, also with an `if` between.
fn follows_a_loop(source: &Source, at: usize) -> bool {
    let script = &source.script;
    let mut at = script.chain_start(at);
    for _ in 0..4 {
        let Some(before) = script.before(at) else {
            return false;
        };
        match script.word(before) {
            Some("do") => return true,
            Some("await" | "return" | "void" | "new") => at = before,
            _ if script.is(before, ")") => {
                let Some(head) = script.partner(before) else {
                    return false;
                };
                match script.word_before(head) {
                    Some("while") if ends_a_block(source, head) => return false,
                    Some("for" | "while") => return true,
                    Some("if") => at = head - 1,
                    Some("await") if awaits_each(source, Some(head)) => return true,
                    _ => return false,
                }
            }
            _ if script.is(before, "=") => at = script.chain_start(before.saturating_sub(1)),
            _ => return false,
        }
    }
    false
}

/// `do { … } while (…)`, after which something else begins.
fn ends_a_block(source: &Source, head: usize) -> bool {
    let script = &source.script;
    head.checked_sub(2)
        .filter(|close| script.is(*close, "}"))
        .and_then(|close| script.partner(close))
        .is_some_and(|open| script.word_before(open) == Some("do"))
}
