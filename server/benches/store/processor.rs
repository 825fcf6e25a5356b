//! Processor time of this program and of those that it has waited for: other work on the machine
//! does not change it.

use std::time::Duration;

/// Linux counts it in these, whatever its clock.
const TICK: Duration = Duration::from_millis(10);

/// What `work` takes of the processor, in this program and in those that it starts and waits for.
pub(crate) async fn used<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let before = ticks();
    let done = work.await;
    (TICK * (ticks() - before), done)
}

fn ticks() -> u32 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // Behind the name, which may hold anything: the state is the third field, and the times in
    // user and kernel mode, of this program and of those waited for, are the 14th to 17th.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let times = fields.split(' ').skip(11).take(4);
    times.map(|time| time.parse::<u32>().unwrap()).sum()
}
