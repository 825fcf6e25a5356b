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
