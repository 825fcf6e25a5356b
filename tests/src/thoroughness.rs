//! How much a test puts the program through: little every time, everything in `cargo verify --long`.

/// So many rounds, bytes or tries: `every_time`, or the `whole` number in a long run.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "it is the one switch between the two, and set by `cargo verify`"
)]
pub fn so_many<N>(every_time: N, whole: N) -> N {
    match std::env::var_os("MIMAMORI_TEST_LONG") {
        Some(_) => whole,
        None => every_time,
    }
}
