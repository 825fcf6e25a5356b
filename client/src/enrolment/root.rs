//! Which root is believed after the one that was (RFC 4210 section 4.4).
//!
//! A terminal trusts one root. When the server's authority takes a new one, each of the two signs
//! the other's key; only such a *link certificate*, signed by the root that is trusted already,
//! makes another root believable. What the server says of itself is not enough.

use shared::enrolment::Fingerprint;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::api::{Offered, Trouble};
use crate::keystore::{Fault, Identity};
use crate::world::World;

/// The roots among `offered` to which link certificates lead from `trusted`, and `trusted` itself,
/// which comes first.
pub fn vouched(trusted: &[u8], offered: &[Vec<u8>], now: i64) -> Vec<Vec<u8>> {
    let mut believed = vec![trusted.to_vec()];
    // Each round follows one more link: somebody may have slept through several rollovers.
    for _ in 0..offered.len() {
        let next = offered.iter().find(|root| {
            !believed.contains(root)
                && is_signed_by(root, root)
                && offered.iter().any(|link| {
                    let leads = |from: &Vec<u8>| leads(from, link, root, now);
                    believed.iter().any(leads)
                })
        });
        match next {
            Some(root) => believed.push(root.clone()),
            None => break,
        }
    }
    believed
}

/// Whether `link`, signed by the key of `from` and good at `now`, says that the key of `root` is
/// an authority's of the same name.
fn leads(from: &[u8], link: &[u8], root: &[u8], now: i64) -> bool {
    let (Some(parsed), Some(root)) = (parse(link), parse(root)) else {
        return false;
    };
    let validity = parsed.validity();
    let good = validity.not_before.timestamp() <= now && now <= validity.not_after.timestamp();
    good && parsed.is_ca()
        && root.is_ca()
        && parsed.public_key().raw == root.public_key().raw
        && parsed.subject().as_raw() == root.subject().as_raw()
        && is_signed_by(link, from)
}

/// Whether a certificate is signed by the key of this root.
pub fn is_signed_by(certificate: &[u8], root: &[u8]) -> bool {
    let (certificate, root) = (parse(certificate), parse(root));
    certificate.zip(root).is_some_and(|(certificate, root)| {
        certificate
            .verify_signature(Some(root.public_key()))
            .is_ok()
    })
}

fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, parsed) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(parsed)
}

/// The root that signed `certificate`, of those to which links lead from `trusted`.
pub(super) fn issuer_of(
    certificate: &[u8],
    trusted: &[u8],
    offered: &[Vec<u8>],
    now: i64,
) -> Result<Vec<u8>, Trouble> {
    vouched(trusted, offered, now)
        .into_iter()
        .find(|root| is_signed_by(certificate, root))
        .ok_or(Trouble::Stranger)
}

/// Asks the server, over the line it is trusted on, whether another root issues by now, and keeps
/// that one with `identity` if the present one vouches for it. True if it was kept: then the
/// certificate is to be renewed under it.
///
/// # Errors
/// [`Trouble`] of the line, or the keystore's fault in its place; either way nothing has changed.
pub async fn learn(world: &World, identity: &Identity) -> Result<bool, Unlearned> {
    let line = world.gate.line(identity)?;
    let Offered {
        certificates,
        issuer,
    } = line.roots().await?;
    let Some(issuer) = issuer.filter(|issuer| *issuer != Fingerprint::of(&identity.root)) else {
        return Ok(false);
    };
    let believed = vouched(&identity.root, &certificates, world.now().as_second());
    let Some(root) = believed
        .into_iter()
        .find(|root| Fingerprint::of(root) == issuer)
    else {
        return Err(Trouble::Stranger.into());
    };
    Ok(world.vault.trust_instead(identity, root).await?)
}

/// Why no new root was learned.
#[derive(Debug, Clone, PartialEq)]
pub enum Unlearned {
    /// The server did not tell, or told of a root for which nobody vouches.
    Server(Trouble),
    /// The keystore did not keep it.
    Keystore(Fault),
}

impl From<Trouble> for Unlearned {
    fn from(trouble: Trouble) -> Self {
        Self::Server(trouble)
    }
}

impl From<Fault> for Unlearned {
    fn from(fault: Fault) -> Self {
        Self::Keystore(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{
        BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
        SubjectPublicKeyInfo,
    };
    use rustls_pki_types::CertificateDer;

    const NOW: i64 = 1_790_000_000;

    struct Root {
        der: Vec<u8>,
        key: KeyPair,
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params
    }

    impl Root {
        fn named(name: &str) -> Self {
            let key = KeyPair::generate().expect("a key");
            let der = params(name).self_signed(&key).expect("a root");
            Self {
                der: der.der().to_vec(),
                key,
            }
        }

        /// A link certificate of this root for the key of another, made otherwise by `change`.
        fn link(&self, other: &Self, change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
            let parsed = parse(&other.der).expect("a root");
            let key = SubjectPublicKeyInfo::from_der(parsed.public_key().raw).expect("a key");
            let mut params = params("Sample root");
            change(&mut params);
            let der = CertificateDer::from(self.der.clone());
            let issuer = Issuer::from_ca_cert_der(&der, &self.key).expect("a root");
            params
                .signed_by(&key, &issuer)
                .expect("a link")
                .der()
                .to_vec()
        }
    }

    fn roots() -> [Root; 3] {
        [(); 3].map(|()| Root::named("Sample root"))
    }

    #[test]
    fn a_root_is_believed_if_the_trusted_one_vouches_for_it_over_any_number_of_links() {
        let [first, second, third] = roots();
        let offered = [
            third.der.clone(),
            second.link(&third, |_| ()),
            second.der.clone(),
            first.link(&second, |_| ()),
            second.link(&first, |_| ()),
            first.der.clone(),
        ];
        let believed = vouched(&first.der, &offered, NOW);
        assert_eq!(believed, [first.der, second.der, third.der]);
    }

    #[test]
    fn a_root_for_which_nobody_vouches_is_not_believed_whatever_it_says_of_itself() {
        let [ours, rogue, _] = roots();
        let offered = [
            rogue.der.clone(),
            rogue.link(&ours, |_| ()),
            ours.der.clone(),
        ];
        let only_ours = std::slice::from_ref(&ours.der);
        assert_eq!(vouched(&ours.der, &offered, NOW), only_ours);
        let forged = [rogue.der.clone(), rogue.link(&rogue, |_| ())];
        assert_eq!(vouched(&ours.der, &forged, NOW), only_ours);
    }

    #[test]
    fn a_link_that_is_none_leads_nowhere() {
        let [ours, new, other] = roots();
        let stranger = Root::named("Another root");
        let past = |params: &mut CertificateParams| {
            params.not_before = rcgen::date_time_ymd(2000, 1, 1);
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        };
        let cases = [
            ("ended", new.der.clone(), ours.link(&new, past)),
            (
                "no authority's",
                new.der.clone(),
                ours.link(&new, |params| params.is_ca = IsCa::ExplicitNoCa),
            ),
            ("of another key", new.der.clone(), ours.link(&other, |_| ())),
            (
                "of another name",
                stranger.der.clone(),
                ours.link(&stranger, |_| ()),
            ),
        ];
        for (what, root, link) in cases {
            let believed = vouched(&ours.der, &[root, link], NOW);
            assert_eq!(believed.len(), 1, "a link that is {what}");
        }
    }

    proptest! {
        #[test]
        fn a_damaged_link_leads_nowhere_unless_what_is_signed_is_whole(at in 0_usize..1000, bit in 0_u8..8) {
            let [ours, new, _] = roots();
            let link = ours.link(&new, |_| ());
            let mut damaged = link.clone();
            let at = at % link.len();
            damaged[at] ^= 1 << bit;
            if vouched(&ours.der, &[new.der, damaged.clone()], NOW).len() > 1 {
                // The frame around what is signed can be read in more ways than one.
                let signed = |der| parse(der).map(|link| link.tbs_certificate.as_ref().to_vec());
                prop_assert_eq!(signed(&damaged), signed(&link));
            }
        }

        #[test]
        fn no_octets_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = vouched(&octets, &[octets.clone(), octets.clone()], NOW);
        }
    }
}
