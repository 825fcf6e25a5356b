//! A thousand terminals that come back at once, at 08:30, each from an address and with a
//! certificate of its own, with a full handshake and one request, against what the core can sign and
//! verify at most. The first time, the server has just been started and has seen none of them; the
//! second time it recognises their certificates, as it does until it is started again.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::reference::curl_and_openssl;
use harness::world::World;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;

use crate::limit::Core;
use crate::load::Load;
use crate::{TURNS, rate};

const TERMINALS: u16 = 1000;

/// The best of some turns.
#[derive(Clone, Copy)]
struct Best {
    rate: f64,
    last: Duration,
}

impl Best {
    const NONE: Self = Self {
        rate: 0.0,
        last: Duration::MAX,
    };

    fn turn(&mut self, world: &mut World, terminals: &[Load], runtime: &Runtime) {
        let address = world.terminals();
        let turn = rate(world.server(), || {
            self.last = self.last.min(runtime.block_on(at_once(terminals, address)));
            terminals.len() as u64
        });
        self.rate = self.rate.max(turn);
    }
}

pub(crate) fn compare(world: &mut World, runtime: &Runtime) {
    let terminals = enrolled(world);
    let mut core = Core::measured();
    let (mut first, mut again) = (Best::NONE, Best::NONE);
    for _ in 0..TURNS {
        world.power_cut();
        world.serve().unwrap();
        first.turn(world, &terminals, runtime);
        again.turn(world, &terminals, runtime);
        core = core.or_better(Core::measured());
    }
    let limit = |verify: f64| 1.0 / (core.sign + verify * core.verify + 2.0 * core.agree);
    // Where a certificate is recognised, one signature is left to verify: that of the handshake.
    for (name, best, verify) in [
        ("for the first time", first, 2.0),
        ("since recognised", again, 1.0),
    ] {
        println!(
            "figure: {TERMINALS} terminals reconnecting at once, {name}: {:.0} handshakes with a \
             request per second and core, none refused, the last answered after {:.2?}; openssl's \
             limit with two verifications {:.0}, ratio {:.2} (reach 0.6); with those that were \
             made, ratio {:.2}",
            best.rate,
            best.last,
            limit(2.0),
            best.rate / limit(2.0),
            best.rate / limit(verify)
        );
    }
}

/// As many offices with a terminal each, enrolled by two hands.
fn enrolled(world: &World) -> Vec<Load> {
    let enrol = |number: u16| {
        let code = (600_000 + u32::from(number)).to_string();
        let name = format!("見本医院{code}");
        world.office(&code, "institution", &name, None).unwrap();
        let link = world.link(&code).unwrap();
        let folder = world.beside(&format!("terminal-{code}"));
        let identity = curl_and_openssl::enrol(world, &link, &folder).unwrap();
        Load::new(&identity, "/v1/terminal", None)
    };
    let half = TERMINALS / 2;
    std::thread::scope(|hands| {
        let other = hands.spawn(|| (half..TERMINALS).map(enrol).collect::<Vec<_>>());
        let mut all: Vec<_> = (0..half).map(enrol).collect();
        all.extend(other.join().unwrap());
        all
    })
}

/// How long it takes until everybody has their answer. Whoever is refused ends it all.
async fn at_once(terminals: &[Load], address: SocketAddr) -> Duration {
    let all_there = Arc::new(Barrier::new(terminals.len() + 1));
    let terminals: Vec<_> = (0..TERMINALS)
        .zip(terminals)
        .map(|(number, load)| {
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
