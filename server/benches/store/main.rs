//! What the server does behind its doors, each figure against a yardstick in the same run.
//!
//! `cargo bench --package mimamori-server --bench store [observations] [list]
//! [one-centre] [import] [issue] [desk] [log] [entry]`
#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing to report"
)]

mod desk;
mod entry;
mod import;
mod issue;
mod list;
mod log;
mod observations;
mod processor;
mod world;
mod yardstick;

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let all = wanted.is_empty();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let asked = |name: &str| all || wanted.iter().any(|word| word == name);
        if asked("observations") {
            observations::compare().await;
        }
        if asked("list") {
            list::in_the_country().await;
        }
        if asked("one-centre") {
            list::in_one_health_centre().await;
        }
        if asked("import") {
            import::compare().await;
        }
        if asked("issue") {
            issue::compare().await;
        }
        if asked("desk") {
            desk::compare().await;
        }
        if asked("log") {
            log::compare().await;
        }
        if asked("entry") {
            entry::compare().await;
        }
    });
}
