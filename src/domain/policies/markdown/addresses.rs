//! Addresses among words, as GitHub finds them, and those that people can follow from anywhere.

use url::Url;

use super::super::body::Span;

/// Whether an address leads somewhere from wherever the text is read.
pub fn can_be_followed(to: &str) -> bool {
    let Ok(address) = Url::parse(to) else {
        return false;
    };
    match address.scheme() {
        "https" | "http" => address.has_host(),
        "mailto" | "tel" => !address.path().is_empty(),
        _ => false,
    }
}

/// The spans with each address among their words as a link.
pub fn linked(spans: Vec<Span>) -> Vec<Span> {
    let mut linked = Vec::with_capacity(spans.len());
    for span in spans {
        match span {
            Span::Text(words) => split(&words, &mut linked),
            Span::Strong(words) => linked.push(Span::Strong(self::linked(words))),
            Span::Emphasis(words) => linked.push(Span::Emphasis(self::linked(words))),
            other @ (Span::Code(_) | Span::Link { .. } | Span::Break | Span::Note(_)) => {
                linked.push(other);
            }
        }
    }
    linked
}

fn split(words: &str, spans: &mut Vec<Span>) {
    let mut rest = words;
    while let Some((from, to)) = first_address(rest) {
        if from > 0 {
            spans.push(Span::Text(rest[..from].to_owned()));
        }
        let said = &rest[from..to];
        let scheme = if said.starts_with("www.") {
            "http://"
        } else {
            ""
        };
        spans.push(Span::Link {
            to: format!("{scheme}{said}"),
            title: String::new(),
            words: vec![Span::Text(said.to_owned())],
        });
        rest = &rest[to..];
    }
    if !rest.is_empty() {
        spans.push(Span::Text(rest.to_owned()));
    }
}

/// Where the first address begins and ends. A full stop, a bracket or a quotation mark at its end
/// belongs to the sentence.
fn first_address(words: &str) -> Option<(usize, usize)> {
    let begins = |at: usize| {
        let before = words[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "(«\"“„*_~>[".contains(c))
    };
    let mut starts: Vec<usize> = ["https://", "http://", "www."]
        .iter()
        .flat_map(|beginning| words.match_indices(beginning).map(|(at, _)| at))
        .filter(|at| begins(*at))
        .collect();
    starts.sort_unstable();
    starts.into_iter().find_map(|from| {
        let ends = |c: char| c.is_whitespace() || "<>\"«»“”„".contains(c);
        let length = words[from..].find(ends).unwrap_or(words.len() - from);
        let mut address = &words[from..from + length];
        loop {
            let shorter =
                address.trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', '*', '_', '~']);
            let open = shorter.matches('(').count();
            let shorter = match shorter.strip_suffix(')') {
                Some(rest) if shorter.matches(')').count() > open => rest,
                _ => shorter,
            };
            if shorter.len() == address.len() {
                break;
            }
            address = shorter;
        }
        let host = address.split("://").last().unwrap_or_default();
        let named = host.starts_with("localhost") || (host.contains('.') && !host.starts_with('.'));
        named.then_some((from, from + address.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_ends_before_the_punctuation_of_the_sentence() {
        for (words, address) in [
            ("see https://a.example/x_y.", Some("https://a.example/x_y")),
            ("(see www.a.example/b(c))", Some("www.a.example/b(c)")),
            ("«https://a.example», and", Some("https://a.example")),
            (
                "on https://a.example/?q=1&b=2;",
                Some("https://a.example/?q=1&b=2"),
            ),
            ("xhttps://a.example", None),
            ("https:// and www.", None),
        ] {
            let found = first_address(words).map(|(from, to)| &words[from..to]);
            assert_eq!(found, address, "{words}");
        }
    }

    #[test]
    fn only_some_schemes_lead_somewhere() {
        for (to, leads) in [
            ("https://a.example", true),
            ("HTTP://a.example", true),
            ("mailto:a@b.example", true),
            ("tel:+996312000000", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("ftp://a.example", false),
            ("/terms", false),
            ("#s2", false),
            ("//a.example", false),
            ("", false),
            ("https://", false),
            ("https://[a", false),
            ("mailto:", false),
        ] {
            assert_eq!(can_be_followed(to), leads, "{to}");
        }
    }
}
