//! Who is let in by the verifier, and above all who is not although they were let in before.

use certs_dev::{Authority, Identity, Terminal};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::TrustedRoots;
use super::*;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

/// A verifier that trusts some authorities, and the means to let it trust others.
struct Door {
    roots: TrustedRoots,
    verifier: TerminalVerifier,
}

fn unix(at: Timestamp) -> UnixTime {
    let seconds = u64::try_from(at.as_second()).unwrap();
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn root(of: &Authority) -> CertificateDer<'static> {
    CertificateDer::from(of.certificate().to_vec())
}

impl Door {
    fn of(authority: &Authority) -> Self {
        let roots = TrustedRoots::new(&[root(authority)]).unwrap();
        let verifier = TerminalVerifier::new(roots.subscribe());
        Self { roots, verifier }
    }

    fn lets_in(&self, leaf: &[u8], at: Timestamp) -> Result<(), Error> {
        self.lets_in_with(leaf, &[], at)
    }

    fn lets_in_with(
        &self,
        leaf: &[u8],
        others: &[CertificateDer<'_>],
        at: Timestamp,
    ) -> Result<(), Error> {
        let leaf = CertificateDer::from(leaf);
        self.verifier
            .verify_client_cert(&leaf, others, unix(at))
            .map(|_| ())
    }

    fn recognises(&self, leaf: &[u8], at: Timestamp) -> bool {
        let trust = self.verifier.trust();
        trust
            .recognised
            .holds(&CertificateDer::from(leaf), unix(at))
    }
}

fn authority() -> Authority {
    Authority::new("Test authority", NOW)
}

fn leaf(of: &Authority, identity: Identity) -> Vec<u8> {
    let terminal = Terminal {
        office: "131016".to_owned(),
        id: "01890000-0000-7000-8000-000000000001".to_owned(),
    };
    of.issue(identity, &terminal, NOW).chain.remove(0)
}

#[test]
fn a_certificate_is_recognised_once_it_was_let_in() {
    let authority = authority();
    let (door, leaf) = (Door::of(&authority), leaf(&authority, Identity::Good));
    assert!(!door.recognises(&leaf, NOW));
    for _ in 0..2 {
        assert_eq!(door.lets_in(&leaf, NOW), Ok(()));
        assert!(door.recognises(&leaf, NOW));
    }
}

#[test]
fn as_many_as_a_country_has_are_recognised_and_then_it_begins_anew() {
    let authority = authority();
    let door = Door::of(&authority);
    let leaves: Vec<_> = (0..4).map(|_| leaf(&authority, Identity::Good)).collect();
    let recognised = || leaves.iter().map(|leaf| door.recognises(leaf, NOW));
    for leaf in &leaves[..3] {
        assert_eq!(door.lets_in(leaf, NOW), Ok(()));
    }
    assert!(recognised().eq([true, true, true, false]));
    for leaf in &leaves[3..] {
        assert_eq!(door.lets_in(leaf, NOW), Ok(()));
    }
    assert!(recognised().eq([false, false, false, true]));
    assert_eq!(door.lets_in(&leaves[0], NOW), Ok(()));
}

#[test]
fn whoever_was_refused_is_not_recognised() {
    let (ours, other) = (authority(), authority());
    let door = Door::of(&ours);
    let mut refused = vec![leaf(&other, Identity::Good)];
    let kinds = [
        Identity::SelfSigned,
        Identity::Expired,
        Identity::NotYetValid,
        Identity::WrongKeyUsage,
        Identity::SanMissing,
    ];
    refused.extend(kinds.map(|kind| leaf(&ours, kind)));
    for leaf in refused {
        for _ in 0..2 {
            assert!(door.lets_in(&leaf, NOW).is_err());
            assert!(!door.recognises(&leaf, NOW));
        }
    }
}

#[test]
fn refuses_a_certificate_outside_its_dates_although_it_was_let_in_before() {
    let authority = authority();
    let (door, leaf) = (Door::of(&authority), leaf(&authority, Identity::Good));
    let dates = TerminalCertificate::parse(&leaf).unwrap();
    let second = SignedDuration::from_secs(1);
    for at in [NOW, dates.not_before, dates.not_after] {
        assert_eq!(door.lets_in(&leaf, at), Ok(()), "{at}");
    }
    let too_late = door.lets_in(&leaf, dates.not_after + second).unwrap_err();
    assert!(
        matches!(
            too_late,
            Error::InvalidCertificate(CertificateError::ExpiredContext { .. })
        ),
        "{too_late:?}"
    );
    let too_early = door.lets_in(&leaf, dates.not_before - second).unwrap_err();
    assert!(
        matches!(
            too_early,
            Error::InvalidCertificate(CertificateError::NotValidYetContext { .. })
        ),
        "{too_early:?}"
    );
}

#[test]
fn refuses_whom_it_let_in_before_once_their_root_is_trusted_no_more() {
    let (old, new) = (authority(), authority());
    let (door, leaf) = (Door::of(&old), leaf(&old, Identity::Good));
    assert_eq!(door.lets_in(&leaf, NOW), Ok(()));
    door.roots.replace(&[root(&new), root(&old)]).unwrap();
    assert_eq!(door.lets_in(&leaf, NOW), Ok(()));
    door.roots.replace(&[root(&new)]).unwrap();
    assert!(door.lets_in(&leaf, NOW).is_err());
}

#[test]
fn refuses_what_does_not_belong_behind_a_certificate_that_it_recognises() {
    let authority = authority();
    let (door, leaf) = (Door::of(&authority), leaf(&authority, Identity::Good));
    let root = root(&authority);
    assert_eq!(
        door.lets_in_with(&leaf, std::slice::from_ref(&root), NOW),
        Ok(())
    );
    let twice = [root.clone(), root];
    assert!(door.lets_in_with(&leaf, &twice, NOW).is_err());
    let stranger = CertificateDer::from(leaf.clone());
    assert!(door.lets_in_with(&leaf, &[stranger], NOW).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_other_octets_pass_for_a_certificate_that_it_recognises(
        place in any::<prop::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let authority = authority();
        let (door, mut leaf) = (Door::of(&authority), leaf(&authority, Identity::Good));
        prop_assert_eq!(door.lets_in(&leaf, NOW), Ok(()));
        let place = place.index(leaf.len());
        leaf[place] ^= 1 << bit;
        prop_assert!(door.lets_in(&leaf, NOW).is_err());
    }
}
