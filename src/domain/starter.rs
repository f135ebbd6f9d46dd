//! The starter Policy that Accord ships, with the Publisher's identity filled in.
//!
//! It is a real text with the duties and figures of the seed in our own words; a
//! Publisher may publish it as it is, or begin their own with it.

/// The starter's files: name and content, the prevailing language first.
pub const FILES: [(&str, &str); 2] = [
    (
        "starter.en.md",
        include_str!("../../assets/policy/starter.en.md"),
    ),
    (
        "starter.ru.md",
        include_str!("../../assets/policy/starter.ru.md"),
    ),
];

/// Who answers for the data; what is unknown is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity<'a> {
    /// Name.
    pub name: Option<&'a str>,
    /// Legal form.
    pub legal_form: Option<&'a str>,
    /// Tax number.
    pub tax_number: Option<&'a str>,
    /// Postal address.
    pub address: Option<&'a str>,
    /// Web site.
    pub site: Option<&'a str>,
    /// Support mailbox.
    pub mailbox: Option<&'a str>,
}

/// Fills the placeholders. What is not configured becomes a neutral wording in the text's
/// language, so that no brace is left over.
#[must_use]
pub fn fill(template: &str, who: &Identity<'_>) -> String {
    let russian = template
        .lines()
        .take_while(|l| !l.starts_with('#'))
        .any(|l| l.trim() == "lang: ru");
    let unknown = if russian {
        "указано в карточке продукта"
    } else {
        "given in the product's card"
    };
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{publisher.") {
        let Some((part, after)) = after.split_once("}}") else {
            break;
        };
        let value = match part {
            "name" => who.name,
            "legal_form" => who.legal_form,
            "tax_number" => who.tax_number,
            "address" => who.address,
            "site" => who.site,
            "mailbox" => who.mailbox,
            _ => None,
        };
        filled.push_str(before);
        filled.push_str(&value.map_or_else(|| unknown.to_owned(), literal));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A value of the configuration stands in Markdown as it is written: one line, no markup.
fn literal(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '*' | '_' | '[' | ']' | '`' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_is_left_over() {
        let known = Identity {
            name: Some("Rose Widgets"),
            mailbox: Some("help@rose.example"),
            ..Identity::default()
        };
        for (_, template) in FILES {
            for who in [&known, &Identity::default()] {
                let text = fill(template, who);
                assert!(!text.contains("{{") && !text.contains("}}"));
            }
            assert!(fill(template, &known).contains("help@rose.example"));
        }
    }

    #[test]
    fn a_value_is_filled_in_once_and_as_it_is_written() {
        let who = Identity {
            name: Some("A*B* {{publisher.site}}"),
            site: Some("https://s.example"),
            ..Identity::default()
        };
        let filled = fill("{{publisher.name}}, {{publisher.site}}", &who);
        assert_eq!(filled, "A\\*B\\* {{publisher.site}}, https://s.example");
    }
}
