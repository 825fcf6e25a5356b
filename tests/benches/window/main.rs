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
    let presses = page_down(&display, &tour);
    let memory = tour.memory();
    // The last key was answered with the first pixels of many.
    thread::sleep(Duration::from_secs(1));
    tour.picture("scrolled").unwrap();
    for ours in [true, false] {
        let of: Vec<_> = presses.iter().filter(|it| it.is_ours || !ours).collect();
        let whose = match ours {
            true => "that the machine's host took nothing from",
            false => "in all",
        };
        println!(
            "figure: {} presses of Page Down in 100,000 rows {whose}: the window's thread {}, to pixels {} (reach p99 16.7 ms a frame)",
            of.len(),
            in_words(of.iter().map(|press| press.thread)),
            in_words(of.iter().map(|press| press.pixels)),
        );
    }
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

/// A press of Page Down.
struct Press {
    /// From the key to the pixels.
    pixels: Duration,
    /// The processor time that the window's thread needed, with all that came of the press until
    /// the next: the rows that are fetched, the clock.
    thread: Duration,
    /// The machine's host gave no processor to others meanwhile. It counts in hundredths of a
    /// second: a shorter loan shows at one press of several.
    is_ours: bool,
}

fn page_down(display: &Display, tour: &Tour<'_>) -> Vec<Press> {
    let mut keyboard = display.keyboard().unwrap();
    (0..KEYS)
        .map(|_| {
            let (lent, used) = (lent(), tour.drawing_time());
            let watching = display.settling().unwrap();
            keyboard.press("Page_Down").unwrap();
            let pixels = watching.first(PATIENCE).unwrap();
            thread::sleep(Duration::from_millis(60));
            Press {
                pixels,
                thread: tour.drawing_time() - used,
                is_ours: self::lent() == lent,
            }
        })
        .collect()
}

/// How long the machine's host has given our processors to others, in its own counting.
fn lent() -> u64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let all = stat.lines().next().unwrap();
    all.split_whitespace().nth(8).unwrap().parse().unwrap()
}

fn in_words(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<_> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied();
    let [median, slowest] = [50, 99].map(|part| at(part).unwrap_or(f64::NAN));
    format!("median {median:.1} ms, p99 {slowest:.1} ms")
}
