//! The server's own certificate, judged as a terminal will judge it.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use rustls::{
    CertificateError, Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Why no terminal would take a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is good, and not for this host.
    #[error("it does not name {0}")]
    NotFor(String),
    /// Its dates, its root, or what it is.
    #[error("{0}")]
    Otherwise(String),
}

/// Judges the server's certificate chain, leaf first, before it is shown: a server that terminals
/// will refuse had better not start. Each of them trusts one of `roots` alone, and reaches the
/// server under each of `hosts`.
///
/// # Errors
/// Says what is wrong: the dates at `now`, a root, or that it is not for one of the hosts.
pub fn check_server_certificate(
    chain: &[CertificateDer<'_>],
    roots: &[&CertificateDer<'static>],
    hosts: &[&str],
    now: Timestamp,
) -> Result<(), Unfit> {
    let nothing = || Unfit::Otherwise("it holds no certificate".to_owned());
    let (leaf, others) = chain.split_first().ok_or_else(nothing)?;
    check_dates(leaf, now).map_err(Unfit::Otherwise)?;
    for root in roots {
        check_for(root, leaf, others, hosts, now)?;
    }
    Ok(())
}

fn check_for(
    root: &CertificateDer<'static>,
    leaf: &CertificateDer<'_>,
    others: &[CertificateDer<'_>],
    hosts: &[&str],
    now: Timestamp,
) -> Result<(), Unfit> {
    let mut roots = RootCertStore::empty();
    roots.add((*root).clone()).map_err(untrusted)?;
    let provider = Arc::new(super::provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| Unfit::Otherwise(error.to_string()))?;
    let seconds = u64::try_from(now.as_second()).unwrap_or_default();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    for host in hosts {
        let name = ServerName::try_from(*host)
            .map_err(|_| Unfit::Otherwise(format!("{host} is neither a name nor an address")))?;
        match verifier.verify_server_cert(leaf, others, &name, &[], now) {
            Ok(_) => {}
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => return Err(Unfit::NotFor((*host).to_owned())),
            Err(error) => return Err(untrusted(error)),
        }
    }
    Ok(())
}

fn check_dates(leaf: &[u8], now: Timestamp) -> Result<(), String> {
    let (_, leaf) =
        x509_parser::parse_x509_certificate(leaf).map_err(|_| "it cannot be parsed".to_owned())?;
    let validity = leaf.validity();
    let seconds = now.as_second();
    if seconds > validity.not_after.timestamp() {
        return Err(format!("it expired on {}", validity.not_after));
    }
    if seconds < validity.not_before.timestamp() {
        return Err(format!("it is not valid before {}", validity.not_before));
    }
    Ok(())
}

fn untrusted(error: Error) -> Unfit {
    Unfit::Otherwise(format!(
        "no terminal would trust it, because each trusts only this server's root: {error}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use certs_dev::Authority;
    use jiff::SignedDuration;

    const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

    fn root(of: &Authority) -> CertificateDer<'static> {
        CertificateDer::from(of.certificate().to_vec())
    }

    fn chain(of: &Authority) -> Vec<CertificateDer<'static>> {
        let made = of.server(NOW).chain;
        made.into_iter().map(CertificateDer::from).collect()
    }

    #[test]
    fn a_server_does_not_start_with_a_certificate_that_nobody_would_take() {
        let authority = Authority::new("Test authority", NOW);
        let (chain, root) = (chain(&authority), root(&authority));
        let check = |host, at| check_server_certificate(&chain, &[&root], &["localhost", host], at);
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "::1"] {
            assert_eq!(check(host, NOW), Ok(()), "{host}");
        }
        for host in ["example.jp", "127.0.0.2"] {
            assert_eq!(check(host, NOW), Err(Unfit::NotFor(host.to_owned())));
        }
        let refused = |host, at| check(host, at).unwrap_err().to_string();
        let years = SignedDuration::from_hours(24 * 800);
        assert!(refused("localhost", NOW + years).contains("expired"));
        assert!(refused("localhost", NOW - years).contains("not valid before"));
    }

    #[test]
    fn a_server_does_not_start_with_a_certificate_that_its_root_did_not_issue() {
        let [ours, other] = ["Ours", "Another"].map(|name| Authority::new(name, NOW));
        let own_root = [root(&ours)];
        for chain in [&chain(&other)[..], &own_root] {
            let refused = check_server_certificate(chain, &[&root(&ours)], &["localhost"], NOW);
            assert!(
                refused
                    .unwrap_err()
                    .to_string()
                    .starts_with("no terminal would trust it")
            );
        }
    }
}
