use super::*;
use crate::enrolment::LINK_LIFE_SECONDS;
use jiff::SignedDuration;
use proptest::prelude::*;

/// So many seconds after the beginning of these stories.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn link(issued: i64) -> LinkFacts {
    LinkFacts {
        issued_at: at(issued),
        expires_at: at(issued + LINK_LIFE_SECONDS),
        used_at: None,
        locked_at: None,
        cancelled_at: None,
        office_closed_at: None,
    }
}

fn certificate(issued: i64) -> CertificateFacts {
    CertificateFacts {
        issued_at: at(issued),
        expires_at: at(issued + 365 * 86_400),
        first_used_at: None,
        superseded_at: None,
        revoked_at: None,
    }
}

#[test]
fn an_office_goes_from_not_invited_to_enrolled() {
    assert_eq!(Standing::of(None, None, at(0)), Standing::NotInvited);
    let mut link = link(0);
    let invited = Standing::of(Some(&link), None, at(0));
    assert_eq!(invited, Standing::Invited { days_left: 30 });
    link.used_at = Some(at(60));
    let issued = certificate(60);
    let enrolled = Standing::of(Some(&link), Some(&issued), at(61));
    assert_eq!(enrolled, Standing::Enrolled);
    let last_second = issued.expires_at + SignedDuration::from_millis(999);
    let now = Standing::of(Some(&link), Some(&issued), last_second);
    assert_eq!(now, Standing::Enrolled);
    let over = issued.expires_at + SignedDuration::from_secs(1);
    let now = Standing::of(Some(&link), Some(&issued), over);
    assert_eq!(now, Standing::Expired);
}

#[test]
fn days_left_count_down_from_30_to_1_and_the_link_dies_at_30_days() {
    let link = link(0);
    for (seconds, left) in [
        (0, 30),
        (1, 30),
        (86_400, 29),
        (29 * 86_400, 1),
        (30 * 86_400 - 1, 1),
    ] {
        let standing = Standing::of(Some(&link), None, at(seconds));
        assert_eq!(standing, Standing::Invited { days_left: left }, "{seconds}");
    }
    let dead = Standing::of(Some(&link), None, at(30 * 86_400));
    assert_eq!(dead, Standing::Expired);
    assert_eq!(link.days_left(at(90 * 86_400)), 0);
}

#[test]
fn a_link_that_died_says_of_what() {
    let dead = |change: fn(&mut LinkFacts)| {
        let mut link = link(0);
        change(&mut link);
        Standing::of(Some(&link), None, at(10))
    };
    assert_eq!(dead(|link| link.locked_at = Some(at(5))), Standing::Locked);
    assert_eq!(
        dead(|link| link.cancelled_at = Some(at(5))),
        Standing::Cancelled
    );
    // Cancelled after it was locked.
    let both = dead(|link| {
        link.locked_at = Some(at(5));
        link.cancelled_at = Some(at(6));
    });
    assert_eq!(both, Standing::Cancelled);
}

#[test]
fn closing_an_office_takes_back_what_could_still_be_used_and_nothing_else() {
    let closed = |change: fn(&mut LinkFacts)| {
        let mut link = link(0);
        link.office_closed_at = Some(at(50));
        change(&mut link);
        (link.state(at(60)), link.taken_back_at())
    };
    let taken_back = (LinkState::Cancelled, Some(at(50)));
    assert_eq!(closed(|_| {}), taken_back);
    assert_eq!(closed(|link| link.locked_at = Some(at(5))), taken_back);
    assert_eq!(
        closed(|link| link.used_at = Some(at(5))),
        (LinkState::Used, None)
    );
    assert_eq!(
        closed(|link| link.cancelled_at = Some(at(5))),
        (LinkState::Cancelled, Some(at(5)))
    );
    let over = closed(|link| link.expires_at = at(50));
    assert_eq!(over, (LinkState::Expired, None));
}

#[test]
fn a_terminal_is_being_replaced_while_its_new_link_is_open() {
    let mut first = certificate(0);
    first.first_used_at = Some(at(1));
    let mut new = link(100);
    let now = at(101);
    let replaced = Standing::Replaced { days_left: 30 };
    assert_eq!(Standing::of(Some(&new), Some(&first), now), replaced);
    // Lost or stolen: the old certificate is dead, and the link open all the same.
    let stolen = CertificateFacts {
        revoked_at: Some(at(100)),
        ..first
    };
    assert_eq!(Standing::of(Some(&new), Some(&stolen), now), replaced);
    // The new link came to nothing: the old terminal still works, or nothing does.
    new.locked_at = Some(at(101));
    assert_eq!(
        Standing::of(Some(&new), Some(&first), now),
        Standing::Enrolled
    );
    assert_eq!(
        Standing::of(Some(&new), Some(&stolen), now),
        Standing::Locked
    );
}

#[test]
fn a_revoked_terminal_without_a_new_link_is_cancelled() {
    let mut used = link(0);
    used.used_at = Some(at(10));
    let mut issued = certificate(10);
    issued.revoked_at = Some(at(20));
    let standing = Standing::of(Some(&used), Some(&issued), at(21));
    assert_eq!(standing, Standing::Cancelled);
}

#[test]
fn every_state_is_read_back_from_its_word() {
    for state in EnrolmentState::ALL {
        assert_eq!(state.as_str().parse(), Ok(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
    }
    let json = serde_json::to_value(Standing::Invited { days_left: 3 }).unwrap();
    let expected = serde_json::json!({ "state": "invited", "days_left": 3 });
    assert_eq!(json, expected);
}

fn moment() -> impl Strategy<Value = Option<Timestamp>> {
    prop::option::of((0..100_000_000_i64).prop_map(at))
}

fn any_link() -> impl Strategy<Value = Option<LinkFacts>> {
    let facts = (0..100_000_000_i64, moment(), moment(), moment());
    prop::option::of(
        facts.prop_map(|(issued, used_at, locked_at, cancelled_at)| LinkFacts {
            used_at,
            locked_at,
            cancelled_at,
            ..link(issued)
        }),
    )
}

fn any_certificate() -> impl Strategy<Value = Option<CertificateFacts>> {
    let facts = (0..100_000_000_i64, moment(), moment(), moment());
    prop::option::of(
        facts.prop_map(
            |(issued, first_used_at, superseded_at, revoked_at)| CertificateFacts {
                first_used_at,
                superseded_at,
                revoked_at,
                ..certificate(issued)
            },
        ),
    )
}

proptest! {
    #[test]
    fn whatever_happened_a_state_tells_the_truth(
        link in any_link(),
        certificate in any_certificate(),
        now in (0..200_000_000_i64).prop_map(at),
    ) {
        let standing = Standing::of(link.as_ref(), certificate.as_ref(), now);
        let open = link.is_some_and(|link| link.state(now) == LinkState::Open);
        let good = certificate.is_some_and(|certificate| certificate.is_good(now));
        match standing {
            Standing::NotInvited => prop_assert!(link.is_none() && certificate.is_none()),
            Standing::Invited { days_left } => {
                prop_assert!(open && certificate.is_none() && days_left >= 1);
            }
            Standing::Replaced { days_left } => {
                prop_assert!(open && certificate.is_some() && days_left >= 1);
            }
            Standing::Enrolled => prop_assert!(good && !open),
            Standing::Expired | Standing::Cancelled | Standing::Locked => {
                prop_assert!(!good && !open);
            }
        }
        prop_assert_eq!(standing == Standing::NotInvited, link.is_none() && certificate.is_none());
    }
}
