//! People who were there before they could be found by an index are entered into it.

use crate::app::App;
use crate::store;
use crate::store::accounts::{enter_missing, is_missing};
use crate::store::audit::Act;

/// People entered by one write, so that nobody else's waits long.
const AT_ONCE: u16 = 50;

/// Enters everybody who waits for it. They are found meanwhile, but each look reads all of them.
///
/// # Errors
/// The store fails; who was entered until then remains so.
pub async fn enter_people(app: &App) -> Result<(), store::Error> {
    while is_missing(&mut app.store.reader().await?).await? {
        let act = Act::housekeeping("enter people");
        let write = app.store.write(act, (), |tx, ()| {
            Box::pin(async move { enter_missing(tx, AT_ONCE).await })
        });
        write.await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use shared::accounts::Role;
    use shared::accounts::administration::AccountToRename;
    use shared::id::{UserId, Version};
    use shared::offices::{OfficeCode, OfficeKind};

    use super::*;
    use crate::accounts::rename_account;
    use crate::store::accounts::named;
    use crate::store::offices::by_code;
    use crate::store::story::database::{Database, Server, with_key};
    use crate::store::story::on_both_databases;

    on_both_databases!(
        people_are_found_before_they_are_entered_and_afterwards,
        nobody_else_is_read_to_find_somebody,
        no_more_are_found_than_are_asked_for,
        whoever_was_renamed_is_found_by_the_new_name_alone,
    );

    async fn with_people(database: Database, logins: &[&str]) -> Server {
        let server = Server::on(database).await;
        let office = server
            .office("131016", OfficeKind::HealthCentre, None)
            .await;
        for login in logins {
            server.person(&office, login, Role::Staff).await;
        }
        server
    }

    async fn found(server: &Server, text: &str, most: usize) -> Vec<UserId> {
        let mut reader = server.app.store.reader().await.unwrap();
        named(&mut reader, text, most).await.unwrap()
    }

    async fn people_are_found_before_they_are_entered_and_afterwards(database: Database) {
        let server = with_people(database, &["higashi", "nishi", "minami"]).await;
        let wanted = ["ＩＧＡＳＨＩ", "h", "Nishi", "isi", " minami ", "ー"];
        let mut expected = Vec::new();
        for text in wanted {
            expected.push(found(&server, text, 9).await);
        }
        let counts: Vec<_> = expected.iter().map(Vec::len).collect();
        assert_eq!(counts, [1, 2, 1, 0, 1, 3]);
        let forget = "DELETE FROM account_gram; UPDATE account SET search = NULL";
        server.database.tamper(forget).await;
        for entered in [false, true] {
            if entered {
                enter_people(&server.app).await.unwrap();
            }
            let mut reader = server.app.store.reader().await.unwrap();
            assert_eq!(is_missing(&mut reader).await.unwrap(), !entered);
            for (text, expected) in wanted.iter().zip(&expected) {
                assert_eq!(found(&server, text, 9).await, *expected, "{text}");
            }
        }
    }

    async fn nobody_else_is_read_to_find_somebody(database: Database) {
        let server = with_people(database, &["higashi", "nishi"]).await;
        let nishi = found(&server, "nishi", 9).await;
        // What nobody reads is not missed, be it ever so broken.
        let broken = "UPDATE account SET name = '', search = 'nishi' WHERE login = 'higashi'";
        server.database.tamper(broken).await;
        assert_eq!(found(&server, "nishi", 9).await, nishi);
    }

    async fn no_more_are_found_than_are_asked_for(database: Database) {
        let server = with_people(database, &["taro-a", "taro-b", "taro-c"]).await;
        let all = found(&server, "taro", 9).await;
        assert_eq!(all.len(), 3);
        for text in ["taro", "・"] {
            assert_eq!(found(&server, text, 2).await, all[..2], "{text}");
        }
    }

    async fn whoever_was_renamed_is_found_by_the_new_name_alone(database: Database) {
        let server = with_people(database, &["hana-1"]).await;
        let mut reader = server.app.store.reader().await.unwrap();
        let office = OfficeCode::parse("131016").unwrap();
        let office = by_code(&mut reader, &office).await.unwrap().unwrap();
        drop(reader);
        let kanri = server
            .logged_in(&office, "kanri", Role::Administrator, 1)
            .await;
        let hana = found(&server, "hana-1", 9).await;
        let rename = AccountToRename {
            account: hana[0],
            version: Version(1),
            name: "見本 花子".parse().unwrap(),
        };
        rename_account(&server.app, &with_key(&kanri), rename)
            .await
            .unwrap();
        assert_eq!(found(&server, "花", 9).await, hana);
        // Of the old one a part: as a whole it is the login id, too.
        assert_eq!(found(&server, "hana", 9).await, []);
    }
}
