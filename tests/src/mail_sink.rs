//! A mail server that keeps what it is given: aiosmtpd, with STARTTLS and authentication.
//!
//! What becomes of a message is chosen by its recipient's address: see `mail_sink.py`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::postgres::free_port;
use crate::process::{Running, run};
use crate::scratch::Scratch;
use crate::world::World;
use crate::{Because, Outcome};

const PROGRAM: &str = include_str!("mail_sink.py");

/// The certificate that the sink shows: for `localhost`, its own authority.
const CERTIFICATE: &str = "[req]
distinguished_name = name
x509_extensions = leaf
prompt = no
[name]
CN = localhost
[leaf]
subjectAltName = DNS:localhost
";

/// The user that may send through the sink.
pub const USER: &str = "mimamori";

/// That user's password.
pub const PASSWORD: &str = "見本の合言葉";

/// A running mail server, gone when dropped.
pub struct MailSink {
    server: Option<Running>,
    home: Scratch,
    port: u16,
    delay: Duration,
}

/// A message as the sink keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// To whom it was handed in.
    pub recipient: String,
    /// The message.
    pub text: String,
}

impl Kept {
    /// The value of a header that stands on one line.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.split("\r\n")
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl MailSink {
    /// Starts one that takes `delay` over every message.
    ///
    /// # Errors
    /// When aiosmtpd or openssl is missing.
    pub fn start(delay: Duration) -> Outcome<Self> {
        let home = Scratch::new("mail")?;
        fs::create_dir(home.join("kept")).because("making a folder for mail")?;
        fs::write(home.join("sink.py"), PROGRAM).because("writing the sink")?;
        fs::write(home.join("certificate.conf"), CERTIFICATE).because("writing the sink")?;
        fs::write(home.join("password"), PASSWORD).because("writing the sink's password")?;
        let mut openssl = Command::new("openssl");
        openssl
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
            .args([
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "800",
                "-config",
            ])
            .arg(home.join("certificate.conf"))
            .arg("-keyout")
            .arg(home.join("key.pem"))
            .arg("-out")
            .arg(home.join("certificate.pem"));
        run(&mut openssl, "")?.success()?;
        let mut sink = Self {
            server: None,
            home,
            port: free_port()?,
            delay,
        };
        sink.resume()?;
        Ok(sink)
    }

    /// Starts it again on the same port, with what it has kept.
    ///
    /// # Errors
    /// When it does not come up within twenty seconds.
    pub fn resume(&mut self) -> Outcome<()> {
        let log = self.home.join("log");
        // What an earlier start wrote there must not count.
        fs::write(&log, "").because("emptying the sink's log")?;
        let mut server = Running::start(
            // The system's own: aiosmtpd is a package of the system.
            Command::new("/usr/bin/python3")
                .arg(self.home.join("sink.py"))
                .arg(self.home.join("kept"))
                .arg(self.port.to_string())
                .arg(self.home.join("certificate.pem"))
                .arg(self.home.join("key.pem"))
                .args([USER, PASSWORD])
                .arg(self.delay.as_millis().to_string()),
            &log,
        )?;
        server.wait_for_line(Duration::from_secs(20), |line| {
            (line == "ready").then_some(())
        })?;
        self.server = Some(server);
        Ok(())
    }

    /// Takes it off the line.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// The table `[mail]` of a server that sends through this sink.
    pub fn settings(&self) -> String {
        format!(
            "[mail]\nserver = \"localhost\"\nport = {}\nauthority = {:?}\nuser = {USER:?}\n\
             password_file = {:?}\nsender = \"noreply@mimamori.example.jp\"\n\
             helpdesk = \"helpdesk@mimamori.example.jp\"\n",
            self.port,
            self.certificate(),
            self.home.join("password"),
        )
    }

    /// Lets this installation, which does not serve yet, send its mail here.
    ///
    /// # Errors
    /// When its settings cannot be written.
    pub fn carry_mail_of(&self, world: &World) -> Outcome<()> {
        let path = world.data().join("settings.toml");
        let text = fs::read_to_string(&path).because("reading the settings")?;
        let text = text.replace("[mail]\n", &self.settings());
        fs::write(&path, text).because("writing the settings")
    }

    /// The certificate that it shows.
    pub fn certificate(&self) -> PathBuf {
        self.home.join("certificate.pem")
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What it has kept so far, in order.
    ///
    /// # Errors
    /// When its folder cannot be read.
    pub fn kept(&self) -> Outcome<Vec<Kept>> {
        let folder = fs::read_dir(self.home.join("kept")).because("reading the mail kept")?;
        let mut files: Vec<PathBuf> = folder
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_none())
            .collect();
        files.sort();
        files.iter().map(|path| read(path)).collect()
    }
}

fn read(path: &Path) -> Outcome<Kept> {
    let text = fs::read_to_string(path).because("reading a mail kept")?;
    let (recipient, text) = text.split_once('\n').unwrap_or((&text, ""));
    Ok(Kept {
        recipient: recipient.to_owned(),
        text: text.to_owned(),
    })
}
