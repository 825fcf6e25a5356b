//! The line to the mail server: SMTP with TLS and authentication.
//!
//! What went wrong is told apart by where: whatever happens before the recipient is named (no
//! connection, no TLS, a wrong password, a sender that is not wanted) says nothing about the
//! message, and must not end it.

use std::time::Duration;

use futures_util::future::BoxFuture;
use lettre::address::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Response};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::settings::{Smtp, SmtpTls};

/// Time to connect, to shake hands and to authenticate.
const CONNECT: Duration = Duration::from_secs(60);
/// Time to name sender and recipient.
const ENVELOPE: Duration = Duration::from_secs(5 * 60);
/// Time for the text, until the server says that it has it (RFC 5321 §4.5.3.2.6).
const TEXT: Duration = Duration::from_secs(10 * 60);

/// A message as it goes over the line.
pub struct Outbound {
    /// To whom.
    pub recipient: String,
    /// The message itself, ASCII with CRLF.
    pub text: zeroize::Zeroizing<Vec<u8>>,
}

/// How an attempt went, with what the server said or what went wrong. It may hold an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Taken(String),
    /// Not now; or it is not known whether the server took it.
    Later(String),
    /// The server refused the recipient or the message for good.
    Refused(String),
    /// It did not come to the message.
    NotTried(String),
}

/// Carries messages, several at once.
pub trait Carrier: Send + Sync + 'static {
    /// Tries to hand `mail` over.
    fn carry<'a>(&'a self, mail: &'a Outbound) -> BoxFuture<'a, Outcome>;

    /// Ends connections that lie idle.
    fn rest(&self) -> BoxFuture<'_, ()>;
}

/// Carries messages over SMTP; connections are used again.
pub struct SmtpLine {
    server: String,
    port: u16,
    tls: SmtpTls,
    parameters: TlsParameters,
    credentials: Option<Credentials>,
    sender: Address,
    hello: ClientId,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

/// Why there can be no line with these settings.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The server's name cannot be checked in a certificate, or the authority's file is none.
    #[error("mail: TLS cannot be set up: {0}")]
    Tls(Error),
    /// The sender's address.
    #[error("mail.sender: {0}")]
    Sender(lettre::address::AddressError),
}

impl SmtpLine {
    /// A line with these settings; `hello` is this machine's name.
    ///
    /// # Errors
    /// See [`LineError`].
    pub fn new(smtp: &Smtp, hello: &str) -> Result<Self, LineError> {
        let mut parameters = TlsParameters::builder(smtp.server.clone());
        if let Some(pem) = &smtp.authority {
            let authority = Certificate::from_pem(pem).map_err(LineError::Tls)?;
            parameters = parameters
                .certificate_store(CertificateStore::None)
                .add_root_certificate(authority);
        }
        let hello = match hello.parse() {
            Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(hello.to_owned()),
        };
        Ok(Self {
            server: smtp.server.clone(),
            port: smtp.port,
            tls: smtp.tls,
            parameters: parameters.build_rustls().map_err(LineError::Tls)?,
            credentials: smtp.login.as_ref().map(|login| {
                Credentials::new(login.user.clone(), login.password.as_str().to_owned())
            }),
            sender: smtp.sender.as_str().parse().map_err(LineError::Sender)?,
            hello,
            idle: Mutex::new(Vec::new()),
        })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let connect = async {
            let implicit = (self.tls == SmtpTls::Implicit).then(|| self.parameters.clone());
            let mut connection = AsyncSmtpConnection::connect_tokio1(
                (self.server.as_str(), self.port),
                Some(CONNECT),
                &self.hello,
                implicit,
                None,
            )
            .await?;
            if self.tls == SmtpTls::StartTls {
                connection
                    .starttls(self.parameters.clone(), &self.hello)
                    .await?;
            }
            if let Some(credentials) = &self.credentials {
                let mechanisms = [Mechanism::Plain, Mechanism::Login];
                connection.auth(&mechanisms, credentials).await?;
            }
            Ok::<_, Error>(connection)
        };
        match timeout(CONNECT, connect).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(words(&error)),
            Err(_) => Err("the mail server did not answer in time".to_owned()),
        }
    }

    /// A connection on which the sender has been named.
    async fn begin(&self) -> Result<AsyncSmtpConnection, String> {
        let idle = self.idle.lock().await.pop();
        // One that lay idle may have been ended by the server: then a fresh one is tried.
        if let Some(mut connection) = idle
            && let Ok(Ok(_)) = timeout(ENVELOPE, connection.command(self.sender())).await
        {
            return Ok(connection);
        }
        let mut connection = self.connect().await?;
        match timeout(ENVELOPE, connection.command(self.sender())).await {
            Ok(Ok(_)) => Ok(connection),
            Ok(Err(error)) => {
                connection.abort().await;
                Err(words(&error))
            }
            Err(_) => Err("the mail server did not answer in time".to_owned()),
        }
    }

    fn sender(&self) -> Mail {
        Mail::new(Some(self.sender.clone()), Vec::new())
    }

    async fn try_once(&self, mail: &Outbound) -> Outcome {
        let recipient: Address = match mail.recipient.parse() {
            Ok(recipient) => recipient,
            Err(error) => return Outcome::Refused(format!("the address cannot be used: {error}")),
        };
        let mut connection = match self.begin().await {
            Ok(connection) => connection,
            Err(error) => return Outcome::NotTried(error),
        };
        let envelope = async {
            connection.command(Rcpt::new(recipient, Vec::new())).await?;
            connection.command(Data).await
        };
        match timeout(ENVELOPE, envelope).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let outcome = judge(&error);
                self.keep_after_refusal(connection, &error).await;
                return outcome;
            }
            Err(_) => return Outcome::Later("the mail server did not answer in time".to_owned()),
        }
        match timeout(TEXT, connection.message(&mail.text)).await {
            Ok(Ok(response)) => {
                self.idle.lock().await.push(connection);
                Outcome::Taken(said(&response))
            }
            Ok(Err(error)) => {
                let outcome = judge(&error);
                self.keep_after_refusal(connection, &error).await;
                outcome
            }
            Err(_) => Outcome::Later("the mail server did not confirm in time".to_owned()),
        }
    }

    /// A refusal by the server leaves the connection good; anything else does not.
    async fn keep_after_refusal(&self, mut connection: AsyncSmtpConnection, error: &Error) {
        let closing = error.status().is_none_or(|code| code.to_string() == "421");
        if !closing && let Ok(Ok(_)) = timeout(CONNECT, connection.command(Rset)).await {
            self.idle.lock().await.push(connection);
        }
    }
}

impl Carrier for SmtpLine {
    fn carry<'a>(&'a self, mail: &'a Outbound) -> BoxFuture<'a, Outcome> {
        Box::pin(self.try_once(mail))
    }

    fn rest(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let idle = std::mem::take(&mut *self.idle.lock().await);
            for mut connection in idle {
                // The server ends it by itself if it does not hear this.
                let _ = timeout(Duration::from_secs(5), connection.quit()).await;
            }
        })
    }
}

/// What an answer to the recipient or the text means for the message.
fn judge(error: &Error) -> Outcome {
    // It wants us to log in (RFC 4954): the settings are wrong, not the message.
    let ours = ["530", "534", "535", "538"];
    if error
        .status()
        .is_some_and(|code| ours.contains(&code.to_string().as_str()))
    {
        Outcome::NotTried(words(error))
    } else if error.is_permanent() {
        Outcome::Refused(words(error))
    } else {
        Outcome::Later(words(error))
    }
}

/// An error with all its causes, on one line of at most 500 characters.
fn words(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    one_line(&text)
}

fn said(response: &Response) -> String {
    let words: Vec<&str> = response.message().collect();
    one_line(&format!("{} {}", response.code(), words.join(" ")))
}

fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(500).collect()
}
