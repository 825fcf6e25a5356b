//! EST clients that are not ours: curl with openssl, and strongSwan's `pki`.
//!
//! What they can do with the server is what the standard promises. Tests also use the first to
//! get an identity that lies in plain files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Finished, run};
use crate::world::{Link, World};
use crate::{Because, Failure, Outcome};

/// A terminal's identity in PEM files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The private key.
    pub key: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
    /// The root that the server's certificate and this one come from.
    pub root: PathBuf,
}

impl Identity {
    fn in_folder(folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder).because("making a folder for an identity")?;
        Ok(Self {
            key: folder.join("key.pem"),
            certificate: folder.join("certificate.pem"),
            root: folder.join("root.pem"),
        })
    }

    /// The serial number in hexadecimal, as openssl prints it.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn serial(&self) -> Outcome<String> {
        let printed = openssl(&["x509", "-noout", "-serial", "-in"], &self.certificate)?;
        Ok(printed.trim().trim_start_matches("serial=").to_lowercase())
    }

    /// The whole certificate in words.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn printed(&self) -> Outcome<String> {
        openssl(&["x509", "-noout", "-text", "-in"], &self.certificate)
    }

    /// The public key in PEM.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn public_key(&self) -> Outcome<String> {
        openssl(&["x509", "-noout", "-pubkey", "-in"], &self.certificate)
    }

    /// A curl command that shows this identity; give it a URL.
    pub fn curl(&self) -> Command {
        let mut curl = curl(&self.root);
        curl.arg("--cert")
            .arg(&self.certificate)
            .arg("--key")
            .arg(&self.key);
        curl
    }
}

/// A curl that trusts this root alone, and prints the answer's body and then its status.
pub fn curl(root: &Path) -> Command {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--max-time",
        "20",
        "--write-out",
        "\n%{http_code}",
        "--cacert",
    ])
    .arg(root);
    curl
}

/// Splits what [`curl`] printed into status and body.
///
/// # Errors
/// When there was no answer at all: with curl's words.
pub fn answer(finished: Finished) -> Outcome<(u16, String)> {
    let (status, words) = (finished.status, finished.stderr.clone());
    let printed = finished.stdout;
    let (body, code) = printed
        .rsplit_once('\n')
        .ok_or_else(|| Failure::new(format!("curl: {status} {words}")))?;
    match code.parse() {
        Ok(0) | Err(_) => Err(Failure::new(format!("curl: {status} {words}"))),
        Ok(code) => Ok((code, body.to_owned())),
    }
}

/// Enrols with curl and openssl, as RFC 7030 says and nothing more.
pub mod curl_and_openssl {
    use super::*;

    /// `cacerts`: fetches the root and compares it with the link's fingerprint.
    ///
    /// # Errors
    /// When the answer is not a certs-only PKCS#7, or not of the link's authority.
    pub fn fetch_root(world: &World, link: &Link, file: &Path) -> Outcome<()> {
        let url = format!("{}/.well-known/est/cacerts", world.enrolment_url());
        let (code, body) = answer(run(
            curl(file).args(["--insecure"]).arg(url).env("LC_ALL", "C"),
            "",
        )?)?;
        if code != 200 {
            return Err(Failure::new(format!("cacerts: {code} {body}")));
        }
        unpack(&body, file)?;
        let printed = openssl(&["x509", "-noout", "-fingerprint", "-sha256", "-in"], file)?;
        let fingerprint = printed
            .trim()
            .rsplit('=')
            .next()
            .unwrap_or_default()
            .replace(':', "")
            .to_lowercase();
        if !link.url.ends_with(&format!(".{fingerprint}")) {
            return Err(Failure::new(format!(
                "the link {} does not end with {fingerprint}",
                link.url
            )));
        }
        Ok(())
    }

    /// All of it: root, key, request, `simpleenroll`.
    ///
    /// # Errors
    /// With the answer, when it is refused.
    pub fn enrol(world: &World, link: &Link, folder: &Path) -> Outcome<Identity> {
        let identity = prepare(world, link, folder)?;
        let (code, body) = redeem(world, link, &identity)?;
        if code != 200 {
            return Err(Failure::new(format!("simpleenroll: {code} {body}")));
        }
        unpack(&body, &identity.certificate)?;
        Ok(identity)
    }

    /// The root and a new key, without a certificate yet.
    ///
    /// # Errors
    /// When the server is not the link's.
    pub fn prepare(world: &World, link: &Link, folder: &Path) -> Outcome<Identity> {
        let identity = Identity::in_folder(folder)?;
        fetch_root(world, link, &identity.root)?;
        new_key(&identity.key)?;
        Ok(identity)
    }

    /// `simpleenroll` with the key and root that the identity has; whatever the answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn redeem(world: &World, link: &Link, identity: &Identity) -> Outcome<(u16, String)> {
        let request = request(
            &[
                "req",
                "-new",
                "-subj",
                "/CN=terminal",
                "-outform",
                "DER",
                "-key",
            ],
            &identity.key,
        )?;
        let url = format!("{}/.well-known/est/simpleenroll", world.enrolment_url());
        let login = format!("{}:{}", link.id, link.password);
        let mut curl = curl(&identity.root);
        curl.args([
            "--header",
            "Content-Type: application/pkcs10",
            "--data-binary",
            "@-",
            "--user",
            &login,
            &url,
        ]);
        answer(run(&mut curl, &request)?)
    }

    /// `simplereenroll` with a new key, shown the old identity.
    ///
    /// # Errors
    /// With the answer, when it is refused.
    pub fn renew(world: &World, old: &Identity, folder: &Path) -> Outcome<Identity> {
        let new = Identity::in_folder(folder)?;
        fs::copy(&old.root, &new.root).because("copying the root")?;
        new_key(&new.key)?;
        // RFC 7030, 4.2.2: the request names the same subject as the certificate it renews.
        let mut command = Command::new("openssl");
        command
            .args(["x509", "-x509toreq", "-copy_extensions", "copyall", "-in"])
            .arg(&old.certificate);
        command.arg("-signkey").arg(&new.key);
        let request = base64(
            &run(&mut command, "")?
                .success()
                .because("openssl x509 -x509toreq")?,
        );
        let url = format!("{}/.well-known/est/simplereenroll", world.terminals_url());
        let mut curl = old.curl();
        curl.args([
            "--header",
            "Content-Type: application/pkcs10",
            "--data-binary",
            "@-",
            &url,
        ]);
        let (code, body) = answer(run(&mut curl, &request)?)?;
        if code != 200 {
            return Err(Failure::new(format!("simplereenroll: {code} {body}")));
        }
        unpack(&body, &new.certificate)?;
        Ok(new)
    }

    fn new_key(file: &Path) -> Outcome<()> {
        openssl(
            &[
                "genpkey",
                "-algorithm",
                "EC",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-out",
            ],
            file,
        )
        .map(drop)
    }

    fn request(arguments: &[&str], key: &Path) -> Outcome<String> {
        let der = key.with_extension("request");
        let mut command = Command::new("openssl");
        command.args(arguments).arg(key).arg("-out").arg(&der);
        run(&mut command, "")?.success().because("openssl req")?;
        run(Command::new("base64").arg("-w0").arg(&der), "")?.success()
    }

    /// The base64 of a PEM without its frame.
    fn base64(pem: &str) -> String {
        let body = pem
            .lines()
            .skip_while(|line| !line.starts_with("-----BEGIN"))
            .skip(1);
        body.take_while(|line| !line.starts_with("-----END"))
            .collect()
    }

    /// Writes the certificates of an EST answer, a certs-only PKCS#7 in base64, as PEM.
    fn unpack(body: &str, file: &Path) -> Outcome<()> {
        let frame = format!(
            "-----BEGIN PKCS7-----\n{}\n-----END PKCS7-----\n",
            folded(body.trim())
        );
        let mut command = Command::new("openssl");
        command.args(["pkcs7", "-print_certs", "-out"]).arg(file);
        run(&mut command, &frame)?
            .success()
            .because("openssl pkcs7")
            .map(drop)
    }

    /// openssl reads PEM lines of 64 characters.
    fn folded(base64: &str) -> String {
        let lines: Vec<_> = base64
            .as_bytes()
            .chunks(64)
            .map(String::from_utf8_lossy)
            .collect();
        lines.join("\n")
    }
}

/// Enrols with strongSwan's `pki --estca` and `pki --est`.
pub mod strongswan {
    use super::*;

    /// Root, key, request, enrolment.
    ///
    /// # Errors
    /// With its words, when it fails.
    pub fn enrol(world: &World, link: &Link, folder: &Path) -> Outcome<Identity> {
        let identity = Identity::in_folder(folder)?;
        // strongSwan wants the server's root before it speaks: the operator's copy of it.
        let trusted = folder.join("trusted.pem");
        curl_and_openssl::fetch_root(world, link, &trusted)?;
        let mut estca = pki(&identity)?;
        estca.args([
            "--estca",
            "--url",
            &world.enrolment_url(),
            "--outform",
            "pem",
            "--force",
            "--cacert",
        ]);
        estca.arg(&trusted).arg("--caout").arg(&identity.root);
        run(&mut estca, "")?.success().because("pki --estca")?;
        let login = format!("{}:{}", link.id, link.password);
        let mut est = pki(&identity)?;
        est.args([
            "--est",
            "--url",
            &world.enrolment_url(),
            "--userpass",
            &login,
            "--outform",
            "pem",
            "--cacert",
        ]);
        est.arg(&identity.root)
            .arg("--in")
            .arg(key_and_request(&identity)?);
        keep(&mut est, &identity.certificate)?;
        Ok(identity)
    }

    /// Re-enrols with a new key.
    ///
    /// # Errors
    /// With its words, when it fails.
    pub fn renew(world: &World, old: &Identity, folder: &Path) -> Outcome<Identity> {
        let new = Identity::in_folder(folder)?;
        fs::copy(&old.root, &new.root).because("copying the root")?;
        let mut est = pki(&new)?;
        est.args([
            "--est",
            "--url",
            &world.terminals_url(),
            "--outform",
            "pem",
            "--cacert",
        ])
        .arg(&new.root);
        est.arg("--cert")
            .arg(&old.certificate)
            .arg("--key")
            .arg(&old.key);
        est.arg("--in").arg(key_and_request(&new)?);
        keep(&mut est, &new.certificate)?;
        Ok(new)
    }

    /// strongSwan speaks TLS 1.3 when it is told to; its default ends with 1.2.
    fn pki(identity: &Identity) -> Outcome<Command> {
        let settings = identity.key.with_file_name("strongswan.conf");
        fs::write(&settings, "pki { tls { version_max = 1.3 } }\n")
            .because("writing strongSwan's settings")?;
        let mut command = Command::new("pki");
        command.env("STRONGSWAN_CONF", settings);
        Ok(command)
    }

    fn key_and_request(identity: &Identity) -> Outcome<PathBuf> {
        let request = identity.key.with_extension("request");
        let mut gen_key = Command::new("pki");
        gen_key.args([
            "--gen",
            "--type",
            "ecdsa",
            "--size",
            "256",
            "--outform",
            "pem",
        ]);
        keep(&mut gen_key, &identity.key)?;
        // In DER: `--outform pem` could not be told apart from text by `run`, DER goes to a file.
        let mut req = Command::new("sh");
        req.args([
            "-c",
            r#"pki --req --type priv --in "$1" --dn "CN=terminal" > "$2""#,
            "sh",
        ]);
        req.arg(&identity.key).arg(&request);
        run(&mut req, "")?.success().because("pki --req")?;
        Ok(request)
    }

    fn keep(command: &mut Command, file: &Path) -> Outcome<()> {
        let printed = run(command, "")?.success().because("pki")?;
        fs::write(file, printed).because("keeping what pki printed")
    }
}

fn openssl(arguments: &[&str], file: &Path) -> Outcome<String> {
    run(Command::new("openssl").args(arguments).arg(file), "")?
        .success()
        .because("openssl")
}
