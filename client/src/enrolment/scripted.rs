//! A door for tests: it issues real certificates from a root of its own, and can be
//! told to fail at any point.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DnType, IsCa, Issuer,
    KeyPair, SanType,
};
use rustls_pki_types::CertificateSigningRequestDer;
use shared::accounts::Password;
use shared::enrolment::ask::{Ask, Asked};
use shared::enrolment::{EnrolmentLink, Fingerprint, TerminalIdentity};
use shared::helpdesk::Helpdesk;
use shared::id::{EnrolmentId, TerminalId};
use shared::offices::OfficeCode;
use shared::text::Line;
use shared::{Problem, ProblemCode};

use crate::api::scripted::Script;
use crate::api::{Authority, Gate, Issued, Transport, Trouble, Unreachable};
use crate::keystore::Identity;
use crate::language::{self, Language};

/// The one password that the door takes.
pub const PASSWORD: &str = "abcd-efgh-jkmn-pqrs";
/// Another, which opens nothing.
pub const WRONG_PASSWORD: &str = "aaaa-bbbb-cccc-dddd";

/// A scripted door; clones are the same one.
#[derive(Clone)]
pub struct Door {
    root: Arc<(Vec<u8>, KeyPair)>,
    inner: Arc<Mutex<Inner>>,
    /// What answers on the terminal's line.
    pub line: Script,
}

#[derive(Default)]
struct Inner {
    trouble: Option<Trouble>,
    lose_the_answer: bool,
    bound: Option<Vec<u8>>,
    issued: usize,
    asks: usize,
    /// When certificates begin to live for a year; for ever if it is not said.
    begins: Option<Timestamp>,
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Door {
    /// A door that opens to [`PASSWORD`]; `line` answers afterwards.
    pub fn new(line: Script) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.distinguished_name
            .push(DnType::CommonName, "Sample root");
        let root = root.self_signed(&key).expect("a root").der().to_vec();
        Self {
            root: Arc::new((root, key)),
            inner: Arc::default(),
            line,
        }
    }

    /// A link of this door.
    pub fn link(&self) -> EnrolmentLink {
        EnrolmentLink {
            authority: "mimamori.example.jp:8444".to_owned(),
            id: EnrolmentId::new(1, [3; 10]),
            fingerprint: Fingerprint::of(&self.root.0),
        }
    }

    /// From now on the door fails like this, or works.
    pub fn fail(&self, trouble: Option<Trouble>) {
        self.inner.lock().expect("no holder panics").trouble = trouble;
    }

    /// From now on the door refuses with this problem.
    pub fn refuse(&self, code: ProblemCode) {
        let document = Problem::new(code).document(language::spoken());
        self.fail(Some(Trouble::Refused(Box::new(document))));
    }

    /// Certificates issued from now on live for a year from this moment.
    pub fn issue_from(&self, begins: Timestamp) {
        self.inner.lock().expect("no holder panics").begins = Some(begins);
    }

    /// The next certificate is issued, but the line is cut before it arrives.
    pub fn lose_the_answer(&self) {
        self.inner.lock().expect("no holder panics").lose_the_answer = true;
    }

    /// How many different keys were certified.
    pub fn keys_certified(&self) -> usize {
        self.inner.lock().expect("no holder panics").issued
    }

    /// How often another certificate was asked for.
    pub fn asks(&self) -> usize {
        self.inner.lock().expect("no holder panics").asks
    }

    fn answer(
        &self,
        password: &Password,
        request: Vec<u8>,
        language: Language,
    ) -> Result<Issued, Trouble> {
        let refuse = |code: ProblemCode| {
            let document = Problem::new(code).document(language);
            Err(Trouble::Refused(Box::new(document)))
        };
        let mut inner = self.inner.lock().expect("no holder panics");
        if let Some(trouble) = inner.trouble.clone() {
            return Err(trouble);
        }
        if password.reveal() != PASSWORD {
            return refuse(ProblemCode::LinkRefused);
        }
        let Some((certificate, key)) = self.sign(request, inner.begins) else {
            return refuse(ProblemCode::RequestRefused);
        };
        match &inner.bound {
            Some(bound) if *bound != key => return refuse(ProblemCode::LinkUsed),
            Some(_) => {}
            None => {
                inner.bound = Some(key);
                inner.issued += 1;
            }
        }
        if std::mem::take(&mut inner.lose_the_answer) {
            return Err(Trouble::Unreachable(Unreachable::Cut));
        }
        Ok(Issued {
            certificate,
            terminals: "mimamori.example.jp:8443".to_owned(),
        })
    }

    fn answer_again(&self, request: Vec<u8>) -> Result<Vec<u8>, Trouble> {
        let mut inner = self.inner.lock().expect("no holder panics");
        if let Some(trouble) = inner.trouble.clone() {
            return Err(trouble);
        }
        let signed = self.sign(request, inner.begins);
        let (certificate, _) = signed.ok_or(Trouble::Unreadable)?;
        inner.issued += 1;
        if std::mem::take(&mut inner.lose_the_answer) {
            return Err(Trouble::Unreachable(Unreachable::Cut));
        }
        Ok(certificate)
    }

    /// A certificate over the request's key, and that key.
    fn sign(&self, request: Vec<u8>, begins: Option<Timestamp>) -> Option<(Vec<u8>, Vec<u8>)> {
        let request = CertificateSigningRequestDer::from(request);
        let mut request = CertificateSigningRequestParams::from_der(&request).ok()?;
        let key = rcgen::PublicKeyData::der_bytes(&request.public_key).to_vec();
        let identity = TerminalIdentity {
            office: OfficeCode::parse("131016").expect("a code"),
            terminal: TerminalId::new(1, [0xa1; 10]),
        };
        let uri = identity.to_string().try_into().expect("a URI");
        let params = &mut request.params;
        params.subject_alt_names = vec![SanType::URI(uri)];
        params
            .distinguished_name
            .push(DnType::OrganizationName, "見本保健所");
        if let Some(begins) = begins {
            let since = Duration::from_secs(begins.as_second().unsigned_abs());
            params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since;
            params.not_after = params.not_before + YEAR;
        }
        let root = rustls_pki_types::CertificateDer::from(self.root.0.clone());
        let issuer = Issuer::from_ca_cert_der(&root, &self.root.1).expect("a root");
        let certificate = request.signed_by(&issuer).expect("a certificate");
        Some((certificate.der().to_vec(), key))
    }
}

impl Gate for Door {
    fn authority(&self, link: &EnrolmentLink) -> BoxFuture<'static, Result<Authority, Trouble>> {
        let trouble = self.inner.lock().expect("no holder panics").trouble.clone();
        let root = self.root.0.clone();
        let answer = match trouble {
            Some(Trouble::Unreachable(why)) => Err(Trouble::Unreachable(why)),
            _ if Fingerprint::of(&root) != link.fingerprint => Err(Trouble::Stranger),
            _ => Ok(Authority {
                root,
                offered: Vec::new(),
                helpdesk: Some(Helpdesk {
                    phone: Line::parse("03-0000-0000").ok(),
                    ..Helpdesk::default()
                }),
            }),
        };
        Box::pin(std::future::ready(answer))
    }

    fn enrol(
        &self,
        _link: &EnrolmentLink,
        _authority: &Authority,
        password: Password,
        request: Vec<u8>,
        language: Language,
    ) -> BoxFuture<'static, Result<Issued, Trouble>> {
        Box::pin(std::future::ready(
            self.answer(&password, request, language),
        ))
    }

    fn renew(
        &self,
        _identity: &Identity,
        request: Vec<u8>,
        _language: Language,
    ) -> BoxFuture<'static, Result<Vec<u8>, Trouble>> {
        Box::pin(std::future::ready(self.answer_again(request)))
    }

    fn ask(
        &self,
        _link: &EnrolmentLink,
        _root: &[u8],
        asking: Ask,
        language: Language,
    ) -> BoxFuture<'static, Result<Asked, Trouble>> {
        let mut inner = self.inner.lock().expect("no holder panics");
        let answer = match inner.trouble.clone() {
            Some(Trouble::Refused(problem)) => {
                let again = Problem::new(problem.code).document(language);
                Err(Trouble::Refused(Box::new(again)))
            }
            Some(trouble) => Err(trouble),
            None => {
                inner.asks += 1;
                Ok(Asked {
                    since: asking.asked_at,
                })
            }
        };
        Box::pin(std::future::ready(answer))
    }

    fn line(&self, _identity: &Identity) -> Result<Arc<dyn Transport>, Trouble> {
        Ok(Arc::new(self.line.clone()))
    }
}
