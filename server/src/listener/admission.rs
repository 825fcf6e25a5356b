//! Who may wait at the door and who may stay.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::Limits;

/// Counts connections before and after their handshake.
pub(super) struct Admission {
    most_waiting: usize,
    most_known: usize,
    most_known_per_address: usize,
    crowd: Mutex<Crowd>,
}

#[derive(Default)]
struct Crowd {
    next: u64,
    /// Strangers by age, so that the oldest is the first.
    waiting: BTreeMap<u64, (IpAddr, CancellationToken)>,
    waiting_by_address: HashMap<IpAddr, usize>,
    known: usize,
    known_by_address: HashMap<IpAddr, usize>,
}

/// A connection that has not shown who it is; dropped, it frees its place.
pub(super) struct Waiting {
    admission: Arc<Admission>,
    number: u64,
    address: IpAddr,
}

/// A connection whose handshake succeeded; dropped, it frees its place.
pub(super) struct Known {
    admission: Arc<Admission>,
    address: IpAddr,
}

impl Admission {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            most_waiting: limits.handshakes.max(1),
            most_known: limits.connections,
            most_known_per_address: limits.connections_per_address,
            crowd: Mutex::default(),
        })
    }

    /// Lets a stranger in to wait, and tells when it must give way to a newer one. When the room
    /// is full, the oldest of the address with the most strangers goes: whoever fills the room
    /// with silence loses places to those who speak.
    pub(super) fn stranger(self: &Arc<Self>, address: IpAddr) -> (Waiting, CancellationToken) {
        let mut crowd = self.crowd();
        if crowd.waiting.len() >= self.most_waiting {
            crowd.turn_out_oldest();
        }
        let number = crowd.next;
        crowd.next += 1;
        let give_way = CancellationToken::new();
        crowd.waiting.insert(number, (address, give_way.clone()));
        *crowd.waiting_by_address.entry(address).or_default() += 1;
        let waiting = Waiting {
            admission: Arc::clone(self),
            number,
            address,
        };
        (waiting, give_way)
    }

    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crowd {
    fn turn_out_oldest(&mut self) {
        let most = self.waiting_by_address.values().max().copied();
        let oldest = self.waiting.iter().find_map(|(number, (address, _))| {
            (self.waiting_by_address.get(address).copied() == most).then_some(*number)
        });
        if let Some(number) = oldest {
            self.leave(number);
        }
    }

    fn leave(&mut self, number: u64) {
        if let Some((address, give_way)) = self.waiting.remove(&number) {
            give_way.cancel();
            decrease(&mut self.waiting_by_address, address);
        }
    }
}

fn decrease(counts: &mut HashMap<IpAddr, usize>, address: IpAddr) {
    if let Some(count) = counts.get_mut(&address) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&address);
        }
    }
}

impl Waiting {
    /// Makes the stranger a known peer, unless there are too many of them in total or from its
    /// address.
    pub(super) fn known(self) -> Option<Known> {
        let admission = Arc::clone(&self.admission);
        let address = self.address;
        drop(self);
        let mut crowd = admission.crowd();
        let from_here = crowd.known_by_address.get(&address).copied().unwrap_or(0);
        if crowd.known >= admission.most_known || from_here >= admission.most_known_per_address {
            return None;
        }
        crowd.known += 1;
        crowd.known_by_address.insert(address, from_here + 1);
        drop(crowd);
        Some(Known { admission, address })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.admission.crowd().leave(self.number);
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        let mut crowd = self.admission.crowd();
        crowd.known -= 1;
        decrease(&mut crowd.known_by_address, self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(handshakes: usize, connections: usize, per_address: usize) -> Arc<Admission> {
        Admission::new(&Limits {
            handshakes,
            connections,
            connections_per_address: per_address,
            ..Limits::default()
        })
    }

    const CROWD: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const HONEST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_crowd_of_silent_strangers_loses_its_oldest_and_nobody_else_s() {
        let admission = admission(3, 9, 9);
        let honest = admission.stranger(HONEST);
        let crowd: Vec<_> = (0..5).map(|_| admission.stranger(CROWD)).collect();
        let gone: Vec<bool> = crowd
            .iter()
            .map(|(_, token)| token.is_cancelled())
            .collect();
        assert_eq!(gone, [true, true, true, false, false]);
        assert!(!honest.1.is_cancelled());
    }

    #[test]
    fn places_are_counted_in_total_and_per_address_and_come_free_again() {
        let admission = admission(9, 3, 2);
        let enter = |address| admission.stranger(address).0.known();
        let first = enter(CROWD);
        let second = enter(CROWD);
        assert!(first.is_some() && second.is_some());
        assert!(enter(CROWD).is_none());
        let third = enter(HONEST);
        assert!(third.is_some());
        assert!(enter(HONEST).is_none());
        drop(first);
        assert!(enter(HONEST).is_some());
    }
}
