//! The story of the store, told once and run on SQLite and on PostgreSQL alike.

pub(crate) mod database;
mod foundation;

/// Makes one test per database out of each named story.
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(crate::store::story::database::Database::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(crate::store::story::database::Database::postgres().await).await;
            })+
        }
    };
}
pub(crate) use on_both_databases;

/// So many rounds: `every_time`, or the `whole` number in `cargo verify --long`.
#[expect(
    clippy::disallowed_methods,
    reason = "it is the one switch between the two, and set by `cargo verify`"
)]
pub(crate) fn so_many(every_time: u32, whole: u32) -> u32 {
    match std::env::var_os("MIMAMORI_TEST_LONG") {
        Some(_) => whole,
        None => every_time,
    }
}
