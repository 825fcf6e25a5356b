//! How many strangers from one address may try a link at the same time: checking a password is
//! made to be slow, and a crowd in the queue would keep every office out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use shared::{Problem, ProblemCode};

/// Tries under way from one address. Many offices may stand behind one.
const MOST: usize = 64;

/// Tries under way, by address.
#[derive(Clone, Default)]
pub(in crate::http) struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One try; dropped, it makes room.
#[derive(Debug)]
pub(in crate::http) struct Try {
    crowd: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Crowd {
    /// Begins a try from `address`.
    ///
    /// # Errors
    /// `busy` while too many are under way from there.
    pub(in crate::http) fn enter(&self, address: IpAddr) -> Result<Try, Problem> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= MOST {
            return Err(Problem::new(ProblemCode::Busy)
                .with("seconds", 5)
                .because("too many tries at once from one address"));
        }
        *count += 1;
        Ok(Try {
            crowd: Arc::clone(&self.0),
            address,
        })
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        let mut counts = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_from_one_address_waits_and_nobody_else_does() {
        let crowd = Crowd::default();
        let [here, there] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        let mut tries: Vec<Try> = (0..MOST).map(|_| crowd.enter(here).unwrap()).collect();
        assert_eq!(crowd.enter(here).unwrap_err().code, ProblemCode::Busy);
        assert!(crowd.enter(there).is_ok());
        tries.pop();
        assert!(crowd.enter(here).is_ok());
        drop(tries);
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
