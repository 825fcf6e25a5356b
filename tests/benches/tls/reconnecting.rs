//! A thousand terminals that come back at once, at 08:30, each with a full handshake and one
//! request, against what the core can sign and verify at most. Each comes from an address of its
//! own; they share one certificate, which costs the server the same.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::world::World;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use crate::limit::Core;
use crate::load::Load;
use crate::{TURNS, rate};

const TERMINALS: u16 = 1000;

pub(crate) fn compare(world: &mut World, load: &Load, runtime: &Runtime) {
    let address = world.terminals();
    let mut core = Core::measured();
    let (mut ours, mut all) = (0.0_f64, Duration::MAX);
    for _ in 0..TURNS {
        ours = ours.max(rate(world.server(), || {
            all = all.min(runtime.block_on(at_once(load, address)));
            u64::from(TERMINALS)
        }));
        core = core.or_better(Core::measured());
    }
    let limit = 1.0 / (core.sign + 2.0 * core.verify + 2.0 * core.agree);
    println!(
        "figure: {TERMINALS} terminals reconnecting at once: {ours:.0} handshakes with a request \
         per second and core, none refused, the last answered after {all:.2?}; openssl's limit \
         {limit:.0}, ratio {:.2} (reach 0.6)",
        ours / limit
    );
}

/// How long it takes until everybody has their answer. Whoever is refused ends it all.
async fn at_once(load: &Load, address: SocketAddr) -> Duration {
    let all_there = Arc::new(Barrier::new(usize::from(TERMINALS) + 1));
    let terminals: Vec<_> = (0..TERMINALS)
        .map(|number| {
            let (load, all_there) = (load.clone(), Arc::clone(&all_there));
            tokio::spawn(async move {
                all_there.wait().await;
                let [high, low] = number.to_be_bytes();
                load.arrive(Ipv4Addr::new(127, 1, high, low), address).await
            })
        })
        .collect();
    all_there.wait().await;
    let began = Instant::now();
    let mut lines = Vec::new();
    for terminal in terminals {
        lines.push(terminal.await.unwrap());
    }
    began.elapsed()
}
