//! E-mail by SMTP.

use core::{fmt, time::Duration};

use lettre::{
    Address, Message,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        Error as SmtpError,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use sinch_callback_recovery::{Call, CallAnswer, Channel, ports::Sender};

/// How long a call may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The subject where an intent has none.
const SUBJECT: &str = "Message";
/// Characters of a server's words that are passed on. Our own choice.
const LONGEST_WORDS: usize = 200;

/// Sends e-mails by a mail server.
///
/// An e-mail's `Message-ID` is the attempt's name at the sender's domain, so that a mail system shows
/// whether an attempt was sent twice. What the server says until the content has been handed to it never
/// sent anything; when nothing comes after that, the e-mail may be on its way.
pub struct EmailSender {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    from: Mailbox,
}

impl fmt::Debug for EmailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmailSender")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// How a connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte.
    Tls,
    /// TLS after a first word; without it nothing is sent.
    StartTls,
    /// Not at all, on this machine.
    Loopback,
}

/// Why a mail server cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMailServer {
    /// Its address is none.
    #[error("expected smtps://HOST for TLS, or smtp://HOST:PORT for STARTTLS")]
    Url,
    /// The sender's address is none.
    #[error(
        "the sender is no e-mail address: expected name@example.com, or Name <name@example.com>"
    )]
    From,
}

impl EmailSender {
    /// A sender by the server at `url`, with a user and a password where it asks for them.
    ///
    /// `smtps://HOST` speaks TLS from the start, on port 465 unless another is named; `smtp://HOST` on
    /// port 587, by STARTTLS and never without, except on this machine.
    ///
    /// # Errors
    /// [`InvalidMailServer`].
    pub fn new(
        url: &str,
        credentials: Option<(String, String)>,
        from: &str,
    ) -> Result<Self, InvalidMailServer> {
        let (scheme, rest) = url.split_once("://").ok_or(InvalidMailServer::Url)?;
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.rsplit_once(':') {
            // An IPv6 address has colons of its own.
            Some((host, port)) if !port.ends_with(']') => (
                host,
                Some(port.parse().map_err(|_| InvalidMailServer::Url)?),
            ),
            _ => (rest, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_name) {
            return Err(InvalidMailServer::Url);
        }
        let (security, usual_port) = match scheme {
            "smtps" => (Security::Tls, 465),
            "smtp" if matches!(host, "127.0.0.1" | "::1" | "localhost") => {
                (Security::Loopback, 587)
            }
            "smtp" => (Security::StartTls, 587),
            _ => return Err(InvalidMailServer::Url),
        };
        Ok(Self {
            host: host.to_owned(),
            port: port.unwrap_or(usual_port),
            security,
            credentials: credentials.map(|(user, password)| Credentials::new(user, password)),
            from: from.parse().map_err(|_| InvalidMailServer::From)?,
        })
    }

    /// The e-mail of a call, as it is handed over.
    fn message(&self, call: &Call, to: &Address) -> Option<(String, Vec<u8>)> {
        let id = format!("<{}@{}>", call.attempt, self.from.email.domain());
        // One line: what would end it is a space.
        let subject = call.content.subject.as_deref().unwrap_or(SUBJECT);
        let subject = subject.replace(char::is_control, " ");
        let message = Message::builder()
            .message_id(Some(id.clone()))
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(call.content.text.clone())
            .ok()?;
        Some((id, message.formatted()))
    }

    /// Up to the moment at which the server waits for the content.
    async fn open(&self, to: Address) -> Result<AsyncSmtpConnection, SmtpError> {
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let tls = || TlsParameters::new(self.host.clone());
        let at_once = match self.security {
            Security::Tls => Some(tls()?),
            Security::StartTls | Security::Loopback => None,
        };
        let server = (self.host.as_str(), self.port);
        let connection = AsyncSmtpConnection::connect_tokio1(server, None, &hello, at_once, None);
        let mut connection = connection.await?;
        if self.security == Security::StartTls {
            connection.starttls(tls()?, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        connection
            .command(Mail::new(Some(self.from.email.clone()), vec![]))
            .await?;
        connection.command(Rcpt::new(to, vec![])).await?;
        connection.command(Data).await?;
        Ok(connection)
    }
}

impl Sender for EmailSender {
    async fn send(&self, call: &Call) -> CallAnswer {
        if call.channel != Channel::Email {
            return CallAnswer::Refused("a mail server sends e-mail only".to_owned());
        }
        let to = call.identity.as_str();
        // Servers that take others are few, and none is asked whether it does.
        let Some(to) = to.parse::<Address>().ok().filter(|_| to.is_ascii()) else {
            return CallAnswer::Refused("the recipient is no e-mail address".to_owned());
        };
        let Some((id, message)) = self.message(call, &to) else {
            return CallAnswer::Refused("the content is no e-mail".to_owned());
        };
        let begun = crate::clock::stopwatch();
        let mut connection = match tokio::time::timeout(TIME_LIMIT, self.open(to)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return before_content(&error),
            Err(_) => return CallAnswer::NotSent(late()),
        };
        let left =
            TIME_LIMIT.saturating_sub(crate::clock::stopwatch().saturating_duration_since(begun));
        match tokio::time::timeout(left, connection.message(&message)).await {
            Ok(Ok(_)) => {
                // It is theirs; how the connection ends changes nothing.
                let _ = tokio::time::timeout(Duration::from_secs(1), connection.quit()).await;
                CallAnswer::Accepted(id)
            }
            Ok(Err(error)) => after_content(&error),
            Err(_) => CallAnswer::Unresolved(late()),
        }
    }
}

fn late() -> String {
    format!(
        "the mail server did not answer within {} s",
        TIME_LIMIT.as_secs()
    )
}

/// What a failure in front of the content means: nothing was sent.
fn before_content(error: &SmtpError) -> CallAnswer {
    let said = said(error);
    match error.status().map(u16::from) {
        // What RFC 4954 and 5321 have for a user that is none, and for senders that may not send.
        Some(530 | 534 | 535 | 538) => CallAnswer::AboutUs(said),
        Some(500..) => CallAnswer::Refused(said),
        // Not now; no connection; or not a word that was understood.
        _ => CallAnswer::NotSent(said),
    }
}

/// What a failure behind the content means: a code is an answer, and everything else none.
fn after_content(error: &SmtpError) -> CallAnswer {
    let said = said(error);
    match error.status().map(u16::from) {
        Some(500..) => CallAnswer::Refused(said),
        Some(_) => CallAnswer::NotSent(said),
        None => CallAnswer::Unresolved(said),
    }
}

/// The code and what kind of failure it is. The server's own words may name the recipient.
fn said(error: &SmtpError) -> String {
    let text = match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None => crate::causes::with_causes(error),
    };
    text.chars().take(LONGEST_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
        thread,
    };

    use sinch_callback_recovery::Content;

    use super::*;

    fn call() -> Call {
        Call {
            attempt: "01ARZ3NDEKTSV4RRFFQ69G5FAV~2".parse().unwrap(),
            channel: Channel::Email,
            identity: "ada@example.com".into(),
            content: Content {
                text: "Your code is 1234.\n.\nå".into(),
                subject: Some("Your code\r\nBcc: eve@example.com".into()),
            },
            metadata: String::new(),
            ttl: Duration::from_secs(60),
        }
    }

    /// What a server answers to a command that begins so; to the content, where it is `.`; nothing, and
    /// the end of the connection, where the answer is empty.
    type Answers = &'static [(&'static str, &'static str)];

    /// A mail server for one connection: it gives what it was told.
    fn server(answers: Answers) -> (u16, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            talk(stream, answers)
        });
        (port, told)
    }

    fn talk(mut stream: TcpStream, answers: Answers) -> Vec<String> {
        let reader = BufReader::new(stream.try_clone().unwrap());
        let mut told = Vec::new();
        let mut in_content = false;
        stream.write_all(b"220 mail.example.com ESMTP\r\n").unwrap();
        for line in reader.lines() {
            let Ok(line) = line else { break };
            told.push(line.clone());
            if in_content && line != "." {
                continue;
            }
            let usual: &[(&str, &str)] = &[
                ("EHLO", "250-mail.example.com\r\n250 AUTH PLAIN"),
                ("AUTH", "235 welcome"),
                ("MAIL", "250 ok"),
                ("RCPT", "250 ok"),
                ("DATA", "354 go on"),
                (".", "250 taken as 1"),
                ("QUIT", "221 bye"),
            ];
            let answer = answers
                .iter()
                .chain(usual)
                .find(|(command, _)| line.starts_with(command));
            let (_, answer) = answer.unwrap();
            if answer.is_empty() {
                break;
            }
            in_content = answer.starts_with("354");
            if stream
                .write_all(format!("{answer}\r\n").as_bytes())
                .is_err()
            {
                break;
            }
        }
        told
    }

    fn sender(port: u16) -> EmailSender {
        let credentials = Some(("shop".to_owned(), "made-up".to_owned()));
        EmailSender::new(
            &format!("smtp://127.0.0.1:{port}"),
            credentials,
            "Shop <shop@example.com>",
        )
        .unwrap()
    }

    #[tokio::test]
    async fn an_e_mail_is_accepted_under_a_message_id_of_its_attempt() {
        let (port, told) = server(&[]);
        let answer = sender(port).send(&call()).await;
        let id = "<01ARZ3NDEKTSV4RRFFQ69G5FAV~2@example.com>";
        assert_eq!(answer, CallAnswer::Accepted(id.into()));
        let told = told.join().unwrap();
        // printf '\0shop\0made-up' | base64
        assert!(
            told.contains(&"AUTH PLAIN AHNob3AAbWFkZS11cA==".to_owned()),
            "{told:?}"
        );
        assert!(told.contains(&"MAIL FROM:<shop@example.com>".to_owned()));
        assert!(told.contains(&"RCPT TO:<ada@example.com>".to_owned()));
        assert!(told.contains(&format!("Message-ID: {id}")));
        // A subject is one line, whatever it holds, and names no further recipient.
        assert!(
            told.contains(&"Subject: Your code  Bcc: eve@example.com".to_owned()),
            "{told:?}"
        );
        assert!(!told.iter().any(|line| line.starts_with("Bcc")));
        assert_eq!(
            told.iter().filter(|line| line.starts_with("RCPT")).count(),
            1
        );
    }

    #[tokio::test]
    async fn each_answer_of_a_mail_server_is_what_it_says_about_the_e_mail() {
        use CallAnswer as A;
        let answered = |code: &str| format!("the mail server answered {code}");
        let cases: [(Answers, A); 9] = [
            (&[("AUTH", "535 no")], A::AboutUs(answered("535"))),
            (&[("MAIL", "530 who are you")], A::AboutUs(answered("530"))),
            (&[("MAIL", "451 later")], A::NotSent(answered("451"))),
            (
                &[("RCPT", "450 later, ada@example.com")],
                A::NotSent(answered("450")),
            ),
            (
                &[("RCPT", "550 no ada@example.com here")],
                A::Refused(answered("550")),
            ),
            (&[("DATA", "554 no")], A::Refused(answered("554"))),
            (&[(".", "452 full")], A::NotSent(answered("452"))),
            (&[(".", "554 spam")], A::Refused(answered("554"))),
            (
                &[("QUIT", "")],
                A::Accepted("<01ARZ3NDEKTSV4RRFFQ69G5FAV~2@example.com>".into()),
            ),
        ];
        for (answers, meant) in cases {
            let (port, told) = server(answers);
            assert_eq!(sender(port).send(&call()).await, meant);
            told.join().unwrap();
        }
    }

    #[tokio::test]
    async fn a_connection_that_ends_in_front_of_the_content_sent_nothing_and_behind_it_perhaps() {
        for command in ["EHLO", "MAIL", "RCPT", "DATA"] {
            let answers: Answers = match command {
                "EHLO" => &[("EHLO", "")],
                "MAIL" => &[("MAIL", "")],
                "RCPT" => &[("RCPT", "")],
                _ => &[("DATA", "")],
            };
            let (port, _) = server(answers);
            let answer = sender(port).send(&call()).await;
            assert!(
                matches!(answer, CallAnswer::NotSent(_)),
                "{command}: {answer:?}"
            );
        }
        let (port, _) = server(&[(".", "")]);
        let answer = sender(port).send(&call()).await;
        assert!(matches!(answer, CallAnswer::Unresolved(_)), "{answer:?}");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let answer = sender(port).send(&call()).await;
        assert!(matches!(answer, CallAnswer::NotSent(_)), "{answer:?}");
    }

    #[tokio::test]
    async fn a_server_without_tls_is_not_spoken_to_beyond_this_machine() {
        let sender =
            |url| EmailSender::new(url, None, "shop@example.com").map(|sender| sender.security);
        assert_eq!(sender("smtp://mail.example.com"), Ok(Security::StartTls));
        assert_eq!(sender("smtps://mail.example.com:465"), Ok(Security::Tls));
        assert_eq!(sender("smtp://[::1]:2525"), Ok(Security::Loopback));
        for url in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://a b",
            "smtp://a:b",
        ] {
            assert_eq!(sender(url), Err(InvalidMailServer::Url), "{url}");
        }
        let from = EmailSender::new("smtp://localhost", None, "shop");
        assert_eq!(from.err(), Some(InvalidMailServer::From));
    }

    #[tokio::test]
    async fn nothing_is_said_in_the_open_to_a_server_that_is_to_speak_tls() {
        // One has no STARTTLS; one says that it has, and speaks on in the open; and one is to speak TLS at
        // once.
        const HAS: &str = "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN";
        let cases: [(Security, Answers); 3] = [
            (Security::StartTls, &[]),
            (
                Security::StartTls,
                &[("EHLO", HAS), ("STARTTLS", "220 go on")],
            ),
            (Security::Tls, &[]),
        ];
        for (security, answers) in cases {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let sender = EmailSender {
                security,
                ..sender(listener.local_addr().unwrap().port())
            };
            let told = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut told = Vec::new();
                stream.write_all(b"220 mail.example.com ESMTP\r\n").unwrap();
                let mut bytes = [0; 4_096];
                while let Ok(count @ 1..) = stream.read(&mut bytes) {
                    told.extend_from_slice(&bytes[..count]);
                    let command = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    let usual = [
                        ("EHLO", "250-mail.example.com\r\n250 AUTH PLAIN"),
                        ("", "250 ok"),
                    ];
                    let mut answers = answers.iter().chain(&usual);
                    let (_, answer) = answers
                        .find(|(start, _)| command.starts_with(start))
                        .unwrap();
                    let _ = stream.write_all(format!("{answer}\r\n").as_bytes());
                }
                String::from_utf8_lossy(&told).into_owned()
            });
            let answer = sender.send(&call()).await;
            assert!(
                matches!(answer, CallAnswer::NotSent(_)),
                "{security:?}: {answer:?}"
            );
            let told = told.join().unwrap();
            for word in ["AUTH", "MAIL", "example.com>", "code"] {
                assert!(!told.contains(word), "{security:?}: {told}");
            }
        }
    }

    #[tokio::test]
    async fn whoever_is_no_e_mail_address_gets_none() {
        for to in [
            "ada",
            "ada@example.com\r\nRCPT TO:<eve@example.com>",
            "adå@example.com",
            "",
        ] {
            let call = Call {
                identity: to.into(),
                ..call()
            };
            // Nobody listens there.
            let answer = sender(9).send(&call).await;
            assert!(matches!(answer, CallAnswer::Refused(_)), "{to}: {answer:?}");
        }
    }
}
