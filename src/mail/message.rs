//! A service letter as a MIME message.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::{Service, ServiceLetter};
use crate::domain::time::Timestamp;

/// Puts the message together. The recipient's header holds the address alone: a name there
/// would tell the recipient nothing, and only be one more thing to leak.
pub(super) fn build(sender: &Service, letter: &ServiceLetter) -> Result<Message, &'static str> {
    let to = Mailbox {
        name: None,
        email: letter.to.parse().map_err(|_| "address")?,
    };
    let mut message = Message::builder()
        .from(sender.from.clone())
        .to(to)
        .subject(one_line(&letter.subject))
        .date(moment(letter.date))
        .message_id(Some(format!("<{}>", one_line(&letter.message_id))))
        // RFC 3834: no answering machine should answer this.
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("Content-Language", letter.lang));
    if let Some(reply_to) = &sender.reply_to {
        message = message.reply_to(reply_to.clone());
    }
    let body = MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone());
    let built = if letter.attachments.is_empty() {
        message.multipart(body)
    } else {
        let mut mixed = MultiPart::mixed().multipart(body);
        for attachment in &letter.attachments {
            mixed = mixed.singlepart(part(attachment)?);
        }
        message.multipart(mixed)
    };
    built.map_err(|_| "message")
}

fn part(attachment: &super::Attachment) -> Result<SinglePart, &'static str> {
    let mime = ContentType::parse(attachment.mime).map_err(|_| "attachment")?;
    Ok(Attachment::new(one_line(&attachment.name)).body(attachment.bytes.clone(), mime))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
}

/// Names of people and Products end up in headers: a line break there would begin another one.
fn one_line(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| {
            let breaks = c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
            if breaks { ' ' } else { c }
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn moment(at: Timestamp) -> SystemTime {
    let secs = u64::try_from(at.secs()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> ServiceLetter {
        ServiceLetter {
            to: "anna@example.com".to_owned(),
            lang: "ru",
            subject: "Квитанция".to_owned(),
            text: "Здравствуйте!\r\n.\r\nКонец".to_owned(),
            html: "<p>Здравствуйте!</p>".to_owned(),
            attachments: Vec::new(),
            message_id: "a@example.com".to_owned(),
            date: Timestamp::parse("2026-11-20T08:00:00Z").unwrap(),
        }
    }

    fn formatted(letter: &ServiceLetter) -> String {
        let sender = Service {
            from: "Роза <widgets@example.com>".parse().unwrap(),
            reply_to: Some("support@example.com".parse().unwrap()),
        };
        String::from_utf8(build(&sender, letter).unwrap().formatted()).unwrap()
    }

    fn headers(message: &str) -> Vec<&str> {
        let (head, _) = message.split_once("\r\n\r\n").unwrap();
        head.split("\r\n").collect()
    }

    #[test]
    fn the_headers_say_whose_and_what_it_is() {
        let message = formatted(&letter());
        let head = headers(&message);
        for line in [
            "To: anna@example.com",
            "Reply-To: support@example.com",
            "Message-ID: <a@example.com>",
            "Date: Fri, 20 Nov 2026 08:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "Content-Language: ru",
        ] {
            assert!(head.contains(&line), "{line} is missing in {head:#?}");
        }
        assert!(message.is_ascii(), "any server can take it");
        assert!(!message.contains("List-Unsubscribe"));
    }

    #[test]
    fn no_value_begins_another_header() {
        let evil = "Роза\r\nBcc: boris@example.com\u{2028}X: y\u{0}\n\n<p>";
        for text in [evil, &evil.replace("Роза", "Rose")] {
            let message = formatted(&ServiceLetter {
                subject: text.to_owned(),
                message_id: text.to_owned(),
                ..letter()
            });
            let names: Vec<&str> = headers(&message)
                .iter()
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            assert!(
                !names.contains(&"Bcc") && !names.contains(&"X"),
                "{names:?}"
            );
        }
        for to in [
            "anna@example.com\r\nBcc: b@c.co",
            "",
            "a@b@c",
            "a@b.co, c@d.co",
        ] {
            let letter = ServiceLetter {
                to: to.to_owned(),
                ..letter()
            };
            let sender = Service {
                from: "widgets@example.com".parse().unwrap(),
                reply_to: None,
            };
            assert_eq!(build(&sender, &letter).err(), Some("address"), "{to:?}");
        }
    }
}
