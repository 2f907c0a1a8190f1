//! Mail out: one worker takes what waits, sends it over SMTP, and writes down what became of it.

use domain::Language;
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use std::{sync::Arc, time::Duration};
use store::{Database, Mail, Posted};

/// A mail server, and who Rapport writes as.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    base_url: Arc<str>,
}

/// How long a pause is when nothing waits.
const PAUSE: Duration = Duration::from_secs(2);

/// Subject and body in the language of their reader. They are kept in English, a sentence or a paragraph to a line.
fn in_language(mail: &Mail) -> (String, String) {
    let Some(words) = app::i18n::catalogue(Language::from_code(&mail.language).unwrap_or_default()) else {
        return (mail.subject.clone(), mail.body.clone());
    };
    let line = |line: &str| if line.is_empty() || line.starts_with("{base}") { line.to_owned() } else { words.sentence(line) };
    (words.sentence(&mail.subject), mail.body.lines().map(line).collect::<Vec<_>>().join("\n"))
}

impl Mailer {
    /// `url`: smtp://, smtps:// or smtp://…?tls=required, with user and password if the server asks for them.
    pub fn new(url: &str, from: &str, base_url: &str) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|e| format!("--smtp-url cannot be read: {e}"))?
            .timeout(Some(Duration::from_secs(30)))
            .build();
        let from = from.parse().map_err(|_| "--mail-from must be an address such as Rapport <crm@example.com>".to_owned())?;
        Ok(Self { transport, from, base_url: base_url.into() })
    }

    /// The mail as it goes out: one plain text to one address, with a subject of one line.
    fn message(&self, mail: &Mail) -> Result<Message, String> {
        // An address and nothing else: a name in front of it would be a second text in the header.
        let to: Address = mail.address.parse().map_err(|_| "the address cannot be read".to_owned())?;
        let (subject, body) = in_language(mail);
        let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        let body = body.replace("{base}", &self.base_url);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            // The same id at every attempt: a mail that did arrive twice is known for one.
            .message_id(Some(format!("<{}@rapport>", mail.id)))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|e| e.to_string())
    }

    async fn send(&self, mail: &Mail) -> Posted {
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(why) => return Posted::Refused(why),
        };
        match self.transport.send(message).await {
            Ok(_) => Posted::Sent,
            Err(e) if e.is_permanent() => Posted::Refused(e.to_string()),
            Err(e) if e.is_transient() || e.is_client() => Posted::Later(e.to_string()),
            // Never connected, so nothing was handed over.
            Err(e) if e.to_string().to_lowercase().contains("connection error") => Posted::Later(e.to_string()),
            Err(e) => Posted::Unknown(e.to_string()),
        }
    }

    /// Works until its future is dropped.
    pub async fn work(self, db: Database) {
        loop {
            match db.claim_mail(chrono::Utc::now()).await {
                Ok(Some(mail)) => {
                    let posted = self.send(&mail).await;
                    if !matches!(posted, Posted::Sent) {
                        tracing::warn!(mail = %mail.id, outcome = ?posted, "a mail was not sent");
                    }
                    // A mail that went out while the database was away would be taken for one of which nothing is known.
                    while let Err(e) = db.mail_posted(mail.id, &posted, chrono::Utc::now()).await {
                        tracing::warn!(error = %e, "what became of a mail could not be written down");
                        if e.away().is_none() {
                            break;
                        }
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Ok(None) => tokio::time::sleep(PAUSE).await,
                Err(e) => {
                    tracing::warn!(error = %e, "the mail queue could not be read");
                    tokio::time::sleep(PAUSE * 5).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_people_wrote_is_text_in_a_mail_and_no_header() {
        let mailer = Mailer::new("smtp://127.0.0.1:1", "Rapport <crm@example.com>", "https://crm.example.com").unwrap();
        let mail = |address: &str, subject: &str| Mail {
            id: uuid::Uuid::nil(),
            address: address.into(),
            subject: subject.into(),
            body: format!("{subject}\n\n{{base}}/tasks/1"),
            language: "de".into(),
        };
        let hostile = "Reminder: </title><x-canary>\r\nBcc: eve@evil.test\r\nContent-Type: text/html\r\n\r\n<x-canary>";
        let written = String::from_utf8(mailer.message(&mail("ana@x.test", hostile)).unwrap().formatted()).unwrap();
        let (head, _) = written.split_once("\r\n\r\n").unwrap();
        // A line that begins with a blank goes on with the one before.
        let names: Vec<&str> = head.split("\r\n").filter(|l| !l.starts_with(' ')).filter_map(|l| l.split(':').next()).collect();
        assert!(
            names
                .iter()
                .all(|n| ["From", "To", "Message-ID", "Subject", "Content-Type", "Content-Transfer-Encoding", "Date", "MIME-Version"].contains(n)),
            "{names:?}"
        );
        assert_eq!(names.iter().filter(|n| **n == "Subject").count(), 1);
        assert!(head.contains("Content-Type: text/plain; charset=utf-8") && !head.contains("text/html\r\n"), "{head}");
        for address in ["Eve <ana@x.test>", "ana@x.test, eve@evil.test", "ana@x.test\r\nBcc: eve@evil.test", "ana@x.test>"] {
            assert!(mailer.message(&mail(address, "Hello")).is_err(), "{address}");
        }
    }

    #[test]
    fn mails_are_sent_in_the_language_of_their_reader() {
        let mail = |subject: &str, body: &str, language: &str| {
            in_language(&Mail {
                id: uuid::Uuid::nil(),
                address: "a@b.test".into(),
                subject: subject.into(),
                body: body.into(),
                language: language.into(),
            })
        };
        let reset = "We were asked to set a new password for your Rapport account. This link works once, for two hours:\n\n{base}/reset/abc\n\nIf it was not you, do nothing.";
        let (subject, body) = mail("Set a new password", reset, "de");
        assert_eq!(subject, "Neues Passwort festlegen");
        assert!(body.starts_with("Für Ihr Rapport-Konto") && body.contains("\n\n{base}/reset/abc\n\nWenn") && !body.contains("If it"), "{body}");
        // What people wrote stays what they wrote.
        assert_eq!(mail("Bea gave you Set a new password", "", "es").0.matches("Set a new password").count(), 1);
        assert_eq!(mail("Reminder: Tea", "", "de").0, "Erinnerung: Tea");
        assert_eq!(mail("Reminder: Tea", "x", "en"), ("Reminder: Tea".into(), "x".into()));
        assert_eq!(mail("Reminder: Tea", "x", "nonsense").0, "Reminder: Tea");
    }
}
