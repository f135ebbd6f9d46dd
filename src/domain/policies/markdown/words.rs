//! Words of a paragraph in Markdown: emphasis, links, breaks, footnotes.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag};

use super::super::body::{Span, words_text};
use super::super::chars;
use super::{GUARD, Reader, addresses};

/// Emphasis in emphasis beyond this is an attack.
const DEEPEST: usize = 30;

/// Whether a tag stands among words.
pub fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::Link { .. }
            | Tag::Image { .. }
    )
}

impl<'t> Reader<'t> {
    /// The words until the end of what they stand in.
    pub(super) fn words(&mut self, depth: usize) -> Vec<Span> {
        let mut words = Words::default();
        let mut open = 0;
        while let Some((event, range)) = self.next() {
            match event {
                Event::End(_) if open > 0 => open -= 1,
                Event::End(_) => break,
                Event::Start(_) if depth >= DEEPEST => open += 1,
                event => self.word(event, range, depth, &mut words),
            }
        }
        self.end_words(words, depth)
    }

    /// Words that stand in an item without a paragraph around them.
    pub(super) fn loose_words(&mut self) -> Vec<Span> {
        let mut words = Words::default();
        while let Some((event, range)) = self.next() {
            let ends = match &event {
                Event::End(_) | Event::Rule => true,
                Event::Start(tag) => !is_inline(tag),
                _ => false,
            };
            if ends {
                self.ahead = Some((event, range));
                break;
            }
            self.word(event, range, 0, &mut words);
        }
        self.end_words(words, 0)
    }

    fn word(&mut self, event: Event<'t>, range: Range<usize>, depth: usize, words: &mut Words) {
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            }) => {
                self.show(range.clone());
                let to = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                let inside = self.words(depth + 1);
                words
                    .spans
                    .extend(self.link(&range, to, title.to_string(), inside));
            }
            Event::Start(Tag::Image {
                dest_url, title, ..
            }) => {
                self.show(range.clone());
                let inside = self.words(depth + 1);
                self.picture(&range, &inside);
                words.spans.extend(self.link(
                    &range,
                    dest_url.to_string(),
                    title.to_string(),
                    inside,
                ));
            }
            Event::Start(tag) => {
                self.emphasis(&range);
                let inside = self.words(depth + 1);
                words.spans.push(match tag {
                    Tag::Strong => Span::Strong(inside),
                    _ => Span::Emphasis(inside),
                });
            }
            Event::Text(text) => self.text_of(&text, range, words),
            Event::Code(code) => {
                self.show(range);
                words.spans.push(Span::Code(code.to_string()));
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                self.html(&range);
                self.show(range);
                for (at, line) in html.lines().enumerate() {
                    if at > 0 {
                        words.spans.push(Span::Break);
                    }
                    words.push(line.trim());
                }
                if html.ends_with('\n') {
                    words.spans.push(Span::Break);
                }
            }
            Event::FootnoteReference(name) => {
                self.show(range);
                words.spans.push(Span::Note(name.to_string()));
            }
            Event::SoftBreak => words.soft_break(self.text.get(range.end..).unwrap_or_default()),
            Event::HardBreak => words.spans.push(Span::Break),
            // No extension that has others is on.
            _ => self.show(range),
        }
    }

    fn text_of(&mut self, text: &str, range: Range<usize>, words: &mut Words) {
        self.show(range.clone());
        let text = if std::mem::take(&mut self.guarding) {
            text.strip_prefix(GUARD).unwrap_or_default()
        } else {
            text
        };
        let source = &self.text[range.clone()];
        if source.starts_with('&') && source != text {
            for c in chars::unseen_in(text, false) {
                let message = format!(
                    "{source} is a character that cannot be seen ({})",
                    chars::name_of(c)
                );
                self.fault(
                    range.start,
                    message,
                    "It can make a text read otherwise than it is stored: take it out.",
                );
            }
        }
        let escaped = self.text[..range.start].ends_with('\\');
        words.signs.push_str(if escaped { " " } else { text });
        words.from.get_or_insert(range.start);
        words.push(text);
    }

    /// Where a link leads; one that leads where nobody can follow stays words with their address.
    fn link(
        &mut self,
        range: &Range<usize>,
        to: String,
        title: String,
        words: Vec<Span>,
    ) -> Vec<Span> {
        let said = words_text(&words);
        if addresses::can_be_followed(&to) {
            let words = if said.trim().is_empty() {
                vec![Span::Text(to.clone())]
            } else {
                words
            };
            return vec![Span::Link { to, title, words }];
        }
        let mut shown = words;
        if said != to {
            let more = if title.is_empty() {
                String::new()
            } else {
                format!(", {title}")
            };
            shown.push(Span::Text(format!(" ({to}{more})")));
        }
        self.fault(
            range.start,
            format!("the link to {to:?} is shown as words: it is no http, https, mailto or tel"),
            "People read the text in other places too: give the whole address, or take the link out.",
        );
        shown
    }

    fn picture(&mut self, range: &Range<usize>, words: &[Span]) {
        let message = format!(
            "a picture is shown as a link with the words {:?}",
            words_text(words)
        );
        self.fault(
            range.start,
            message,
            "People agree to words: say in words what the picture shows.",
        );
    }

    fn html(&mut self, range: &Range<usize>) {
        let told = "HTML would be shown as it is written, not as markup";
        let before = self
            .faults
            .last()
            .map(|fault| (fault.at, fault.message.clone()));
        self.fault(
            range.start,
            told.to_owned(),
            "Take the tags out: clauses are words, paragraphs, lists and tables.",
        );
        // Once a line.
        let last = self
            .faults
            .last()
            .map(|fault| (fault.at, fault.message.clone()));
        if before == last {
            self.faults.pop();
        }
    }

    /// `2*3*4`: signs that were meant as signs and made the words between them slanted.
    fn emphasis(&mut self, range: &Range<usize>) {
        let whole = &self.text[range.clone()];
        let inner = whole.trim_matches(['*', '_']);
        let before = self.text[..range.start].chars().next_back();
        let after = self.text[range.end..].chars().next();
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let figure = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let figures = [
            before,
            inner.chars().next(),
            inner.chars().next_back(),
            after,
        ];
        if (touches(before) || touches(after)) && figures.into_iter().any(figure) {
            let said = |c: Option<char>| c.map(String::from).unwrap_or_default();
            let typed = format!("{}{whole}{}", said(before), said(after));
            let shown = format!("{}{inner}{}", said(before), said(after));
            self.fault(
                range.start,
                format!("{typed} is shown as {shown}: its signs make the words between them slanted or bold"),
                "Write the sign with a backslash (2\\*3), or as × or ·.",
            );
        }
    }

    fn end_words(&mut self, words: Words, depth: usize) -> Vec<Span> {
        let sign = ["**", "~~"]
            .into_iter()
            .find(|sign| words.signs.contains(sign));
        if let (Some(sign), Some(from)) = (sign, words.from) {
            let at = self.text[from..].find(sign).map_or(from, |at| from + at);
            self.fault(
                at,
                format!("the signs {sign} are shown as they are typed"),
                "They mark nothing here: take them out, or write them with a backslash.",
            );
        }
        if let (Some(note), Some(from)) = (footnote(&words.signs), words.from) {
            let at = self.text[from..].find(note).map_or(from, |at| from + at);
            self.fault(
                at,
                format!("{note} is shown as it is typed: there is no such footnote"),
                "Write the footnote on a line of its own ([^1]: words), or take the sign out.",
            );
        }
        let mut spans = words.spans;
        while spans.last() == Some(&Span::Break) {
            spans.pop();
        }
        // Addresses in the words of a link are not links again.
        if depth == 0 {
            addresses::linked(spans)
        } else {
            spans
        }
    }
}

/// The first sign of a footnote among words.
fn footnote(words: &str) -> Option<&str> {
    words.match_indices("[^").find_map(|(at, _)| {
        let length = words[at..].find([']', ' '])?;
        let sign = words.get(at..=at + length)?;
        (sign.ends_with(']') && length > 2).then_some(sign)
    })
}

/// Words as they come together.
#[derive(Default)]
struct Words {
    spans: Vec<Span>,
    /// Their text without what was escaped, to look for signs that mark nothing.
    signs: String,
    /// Where they begin.
    from: Option<usize>,
}

impl Words {
    fn push(&mut self, text: &str) {
        match self.spans.last_mut() {
            Some(Span::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => self.spans.push(Span::Text(text.to_owned())),
        }
    }

    /// The end of a line is a space, unless the next one is marked with a letter: `a) …`.
    fn soft_break(&mut self, next: &str) {
        self.signs.push(' ');
        if is_lettered(next) {
            self.spans.push(Span::Break);
        } else {
            self.push(" ");
        }
    }
}

/// Whether a line begins with `a)`, `б)`, `(1)` or `(a)`.
pub fn is_lettered(line: &str) -> bool {
    let line = line.trim_start();
    let inside = line.strip_prefix('(');
    let rest = inside.unwrap_or(line);
    let Some((mark, rest)) = rest.split_once(')') else {
        return false;
    };
    let mut signs = mark.chars();
    let sign = match (signs.next(), signs.next()) {
        (Some(sign), None) => sign,
        _ => return false,
    };
    let counts = sign.is_lowercase() || (inside.is_some() && sign.is_ascii_digit());
    counts && rest.starts_with(chars::is_space)
}
