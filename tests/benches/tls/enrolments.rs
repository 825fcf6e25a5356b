//! Enrolments: a connection of its own for each, the link's generated password, a signed request, a
//! certificate, all of it durable, against the signing and verifying that this needs: the server
//! signs the handshake and the certificate, and verifies the request.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::world::{HOST, World};
use tokio::runtime::Runtime;

use crate::limit::Core;
use crate::load::{Load, ask};
use crate::rate;

const TURNS: usize = 3;
const EACH: usize = 200;
const AT_ONCE: usize = 48;

pub(crate) fn compare(world: &mut World, root: &Path, runtime: &Runtime) {
    let load = Load::of_a_stranger(root);
    let address = world.enrolment();
    let mut core = Core::measured();
    let mut ours = 0.0_f64;
    for turn in 0..TURNS {
        let requests: Vec<String> = (0..EACH)
            .map(|number| request(world, 700_000 + turn * EACH + number))
            .collect();
        ours = ours.max(rate(world.server(), || {
            runtime.block_on(enrol(&load, address, requests));
            EACH as u64
        }));
        core = core.or_better(Core::measured());
    }
    let limit = 1.0 / (2.0 * core.sign + core.verify);
    println!(
        "figure: enrolments: {ours:.0} per second and core; two signatures and one verification by \
         openssl {limit:.0}, ratio {:.2} (reach 0.3)",
        ours / limit
    );
}

/// What the terminal of a new office asks for.
fn request(world: &World, number: usize) -> String {
    let code = number.to_string();
    world
        .office(&code, "institution", &format!("見本医院{code}"), None)
        .unwrap();
    let link = world.link(&code).unwrap();
    let login = STANDARD.encode(format!("{}:{}", link.id, link.password));
    let signed = Command::new("openssl")
        .args([
            "req",
            "-new",
            "-newkey",
            "ec",
            "-nodes",
            "-keyout",
            "/dev/null",
        ])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            "/CN=terminal",
        ])
        .args(["-outform", "DER"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(signed.status.success());
    let body = STANDARD.encode(signed.stdout);
    format!(
        "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: {HOST}\r\n\
         Authorization: Basic {login}\r\nContent-Type: application/pkcs10\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn enrol(load: &Load, address: SocketAddr, requests: Vec<String>) {
    let requests = Arc::new(Mutex::new(requests));
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let (load, requests) = (load.clone(), Arc::clone(&requests));
            tokio::spawn(async move {
                let next = || requests.lock().unwrap().pop();
                while let Some(request) = next() {
                    let mut line = load.connect(address).await;
                    ask(&mut line, &request, &mut Vec::new()).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
}
