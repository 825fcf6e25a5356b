//! A server whose disk is full refuses clearly and loses nothing (row E): a real disk, real files.

use std::time::{Duration, Instant};

use harness::reference::curl_and_openssl;
use harness::small_disk;
use serde_json::{Value, json};

use crate::contract::days_ago;
use crate::power_cut::people;
use crate::prefecture::{EAST, identity, person, world};
use crate::wire::{Answer, Terminal, fresh_key};

fn body(number: u32) -> Value {
    json!({ "details": person(number, &days_ago(2)), "although_alike": true })
}

async fn write(terminal: &Terminal, body: &Value, key: &str) -> Answer {
    let sent = terminal.send("POST", "/v1/returnees", Some(body), Some(key));
    sent.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_whose_disk_is_full_says_so_and_goes_on_within_a_second_of_space() {
    let mut world = world();
    let user = world.user(EAST, "hanako", "staff").unwrap();
    let identity = identity(&world, EAST, "terminal");
    let link = world.link(EAST).unwrap();
    let fresh = curl_and_openssl::prepare(&world, &link, &world.beside("fresh")).unwrap();
    world.power_cut();
    world.serve_on_a_small_disk(48 * 1024).unwrap();
    let data = world.data_in_use();
    let mut terminal = Terminal::new(&world, &identity);
    assert_eq!(terminal.log_in(&user).await.status, 200);

    for round in 0..3 {
        small_disk::fill(&data).unwrap();
        // What room its files have left over is used up first.
        let mut number = round * 10_000;
        let (refused, key) = loop {
            let key = fresh_key();
            let answer = write(&terminal, &body(number), &key).await;
            if answer.status != 200 {
                break (answer, key);
            }
            number += 1;
            assert!(number % 10_000 < 5_000, "the disk is never full");
        };
        assert_eq!((refused.status, refused.code()), (503, "store-unavailable"));
        let sentence = refused.body["detail"].as_str().unwrap();
        assert!(sentence.contains("保存"), "{sentence}");
        if round == 0 {
            let (code, answer) = curl_and_openssl::redeem(&world, &link, &fresh).unwrap();
            assert_eq!(code, 503, "{answer}");
        }

        small_disk::clear(&data).unwrap();
        let room = Instant::now();
        while write(&terminal, &body(number), &key).await.status != 200 {
            assert!(room.elapsed() < Duration::from_secs(1), "round {round}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let people = people(&terminal).await;
        let own = body(number)["details"]["name"].as_str().unwrap().to_owned();
        assert_eq!(people.get(&own), Some(&1), "once, and under its own key");
        let (code, answer) = curl_and_openssl::redeem(&world, &link, &fresh).unwrap();
        assert_eq!(code, 200, "the link was not burnt: {answer}");
    }
    let data = data.into_os_string();
    world
        .operator(["audit".into(), "verify".into(), "--data".into(), data])
        .unwrap();
}
