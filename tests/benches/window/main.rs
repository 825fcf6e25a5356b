//! How fast the window is there, how fast it follows the keys, and what memory it takes, against
//! a browser that shows a table of the same people as a file.
//!
//! `cargo bench --package mimamori-tests --bench window`
//!
//! Everything is seen from outside, on a virtual display of 1920 × 1080 and without a GPU: from
//! the start of the program, or from the key, to the pixels.
#![expect(clippy::print_stdout, reason = "it reports to whoever started it")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing to report"
)]
#![expect(clippy::disallowed_methods, reason = "it runs today")]

mod browser;
mod people;

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use harness::display::Display;
use harness::keyring::Keyring;
use harness::process::{Running, run};
use harness::tour::Tour;
use harness::world::{World, program};

/// Starts of which the median counts.
const STARTS: usize = 7;
/// Keys of which the slowest hundredth counts.
const KEYS: usize = 400;
const PATIENCE: Duration = Duration::from_secs(30);

fn main() {
    let world = World::start().unwrap();
    world
        .office("990001", "health-centre", "見本保健所", None)
        .unwrap();
    let user = world.user("990001", "hanako", "staff").unwrap();
    people::take_in(&world, 100_000);
    let (keyring, display) = (
        Keyring::start().unwrap(),
        Display::start(1920, 1080).unwrap(),
    );
    let link = world.link("990001").unwrap();
    let mut enrol = Command::new(program("mimamori"));
    keyring.enter(enrol.args(["enrol", "--link", &link.url, "--password-stdin"]));
    run(&mut enrol, &format!("{}\n", link.password))
        .unwrap()
        .success()
        .unwrap();

    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-bench");
    let picture = pictures.join("start.png");
    let ours = start(&display, &picture, || window(&world, &keyring, &display));
    let page = browser::page(&world.beside("page.html"), 1_000);
    let theirs = start(&display, &pictures.join("browser.png"), || {
        browser::open(&display, &world.beside("browser"), &page)
    });
    println!(
        "figure: start to first usable screen: {ours:.3} s, browser {theirs:.3} s, ratio {:.2} (reach 0.25 s)",
        ours / theirs
    );

    let memory_of_browser = {
        let browser = browser::open(&display, &world.beside("browser-2"), &page);
        thread::sleep(Duration::from_secs(5));
        browser.memory()
    };
    let mut tour = Tour::new(&world, &keyring, &display, &pictures);
    tour.open().unwrap();
    tour.log_in(&user).unwrap();
    tour.work_list().unwrap();
    let latencies = keys_to_pixels(&display);
    let memory = tour.memory();
    // The last key was answered with the first pixels of many.
    thread::sleep(Duration::from_secs(1));
    tour.picture("scrolled").unwrap();
    let at = |part: usize| latencies[latencies.len() * part / 100].as_secs_f64() * 1e3;
    println!(
        "figure: from Page Down to pixels, 100,000 rows: median {:.1} ms, p99 {:.1} ms (reach p99 16.7 ms a frame)",
        at(50),
        at(99)
    );
    let (ours, theirs) = (memory as f64 / 1e6, memory_of_browser as f64 / 1e6);
    println!(
        "figure: memory (PSS): {ours:.0} MB, browser {theirs:.0} MB, ratio 1/{:.1} (reach 1/8)",
        theirs / ours
    );
}

fn window(world: &World, keyring: &Keyring, display: &Display) -> Running {
    let mut command = Command::new(program("mimamori"));
    display
        .enter(keyring.enter(&mut command))
        .stdin(Stdio::null());
    Running::start(&mut command, &world.beside("window.log")).unwrap()
}

/// The median time in seconds from the start of a program to the last change of its first screen,
/// of which a picture is left: whether it is the screen that was meant is for the eye.
fn start(display: &Display, picture: &Path, open: impl Fn() -> Running) -> f64 {
    let mut times: Vec<_> = (0..STARTS)
        .map(|_| {
            let watching = display.settling().unwrap();
            let mut running = open();
            let time = watching.wait(PATIENCE).unwrap();
            display.picture(picture).unwrap();
            running.kill();
            // The display goes back to black before the next start.
            thread::sleep(Duration::from_millis(500));
            time
        })
        .collect();
    times.sort_unstable();
    times[STARTS / 2].as_secs_f64()
}

/// How long each of many presses of Page Down takes to show on the screen, sorted.
fn keys_to_pixels(display: &Display) -> Vec<Duration> {
    let mut keyboard = display.keyboard().unwrap();
    let mut times: Vec<_> = (0..KEYS)
        .map(|_| {
            let watching = display.settling().unwrap();
            keyboard.press("Page_Down").unwrap();
            watching.first(PATIENCE).unwrap()
        })
        .inspect(|_| thread::sleep(Duration::from_millis(60)))
        .collect();
    times.sort_unstable();
    times
}
