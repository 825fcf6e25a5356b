//! Lists of offices, as they come.

use shared::text::search_key;

use super::*;
use crate::offices::changing::{self, Changes};
use crate::store::audit::Actor;
use crate::store::story::database::{Database, Server};
use crate::store::story::on_both_databases;

const LIST: &str = "\
コード,種別,機関名,上位コード,ふりがな,電話番号,所在地,備考
990001,都道府県,見本県,,みほんけん,03-1234-5678,見本県見本市1-1,
990001-1,保健所,見本東保健所,990001,みほんひがしほけんじょ,（03）1234－5679,,
990001-2,health-centre,見本西保健所,990001,,,,
";

fn act() -> Act {
    Act::new(Actor::default(), "command office import")
}

fn effects(plan: &Plan) -> Vec<(u32, Effect)> {
    plan.lines.iter().map(|it| (it.line, it.effect)).collect()
}

async fn a_list_is_taken_in_once_however_often_it_is_loaded(database: Database) {
    let server = Server::on(database).await;
    let app = &server.app;
    let first = plan(app, LIST.as_bytes()).await.unwrap();
    let all = |effect| vec![(2, effect), (3, effect), (4, effect)];
    assert_eq!(effects(&first), all(Effect::Added));
    assert_eq!(first.unread, ["備考"]);
    let mut reader = app.store.reader().await.unwrap();
    assert!(
        store::offices::all(&mut reader).await.unwrap().is_empty(),
        "it was a trial"
    );
    drop(reader);
    take_in(app, act(), first).await.unwrap();
    let again = plan(app, LIST.as_bytes()).await.unwrap();
    assert_eq!(effects(&again), all(Effect::Unchanged));

    // A blank leaves what is known, and what is given takes its place.
    let later = "code\tphone\taddress\n990001-1\t\t見本県見本市2-2\n990001\t0399998888\t\n";
    let later = plan(app, later.as_bytes()).await.unwrap();
    assert_eq!(
        effects(&later),
        [(2, Effect::Changed), (3, Effect::Changed)]
    );
    take_in(app, act(), later).await.unwrap();
    let mut reader = app.store.reader().await.unwrap();
    let east = "990001-1".parse().unwrap();
    let east = store::offices::by_code(&mut reader, &east)
        .await
        .unwrap()
        .unwrap();
    let known = store::offices::particulars(&mut reader, east.number)
        .await
        .unwrap();
    assert_eq!(known.phone.unwrap().as_str(), "03-1234-5679");
    assert_eq!(known.address.unwrap().as_str(), "見本県見本市2-2");
    // And the helpdesk finds it by all of them.
    let dialect = app.store.dialect();
    for text in ["みほんひがし", "1234-5679", "見本市2-2"] {
        let key = search_key(text);
        let found = store::offices::search::by_text(&mut reader, dialect, &key, 0, 9).await;
        assert!(found.unwrap().contains(&east.number), "{text}");
    }
}

async fn what_became_known_since_the_list_was_read_stays(database: Database) {
    let server = Server::on(database).await;
    let app = &server.app;
    let list = plan(app, LIST.as_bytes()).await.unwrap();
    take_in(app, act(), list).await.unwrap();
    let later = "code,address\n990001-1,見本県見本市2-2\n";
    let later = plan(app, later.as_bytes()).await.unwrap();
    let east: OfficeCode = "990001-1".parse().unwrap();
    let changes = Changes {
        particulars: Particulars {
            phone: Some("03-9999-8888".parse().unwrap()),
            ..Particulars::default()
        },
        ..Changes::default()
    };
    let changing = Act::new(Actor::default(), "command office change");
    let reason = "番号の変更".parse().unwrap();
    changing::change(app, changing, east.clone(), changes, reason)
        .await
        .unwrap();
    take_in(app, act(), later).await.unwrap();
    let mut reader = app.store.reader().await.unwrap();
    let east = store::offices::by_code(&mut reader, &east).await;
    let number = east.unwrap().unwrap().number;
    let known = store::offices::particulars(&mut reader, number).await;
    let known = known.unwrap();
    assert_eq!(known.phone.unwrap().as_str(), "03-9999-8888");
    assert_eq!(known.address.unwrap().as_str(), "見本県見本市2-2");
}

async fn what_is_wrong_is_named_with_its_line_and_nothing_is_taken_in(database: Database) {
    let server = Server::on(database).await;
    server.office("990009", OfficeKind::Prefecture, None).await;
    let list = "\
code,kind,name,parent,phone
,prefecture,見本県,,
990001,prefecture,見本県,,12
990002,castle,見本城,,
990003-1,health-centre,見本保健所,990003,
990009,prefecture,別の名前,,
990004,,見本県,,
990005,prefecture,見本県,990009,
990006,prefecture,見本県,,
990006,prefecture,見本県,,
";
    let wrong = match plan(&server.app, list.as_bytes()).await {
        Err(NotTakenIn::Wrong(wrong)) => wrong,
        other => panic!("{other:?}"),
    };
    let named: Vec<&str> = wrong.iter().map(|it| &it[..8]).collect();
    let lines = ["2", "3", "4", "5", "6", "7", "8", "10"];
    let expected: Vec<String> = lines
        .iter()
        .map(|it| format!("line {it}: ")[..8].to_owned())
        .collect();
    assert_eq!(named, expected, "{wrong:?}");
    assert!(wrong[1].contains("phone “12”"), "{}", wrong[1]);
    assert!(wrong[7].contains("line 9 already"), "{}", wrong[7]);
}

async fn all_that_is_wrong_with_a_line_is_named_at_once_and_nothing_that_follows_from_it(
    database: Database,
) {
    let server = Server::on(database).await;
    server.office("990009", OfficeKind::Prefecture, None).await;
    let too_wide = ",x".repeat(2_000);
    let list = format!(
        "\
code,kind,name,parent,phone
,,見本県,,12
990001,castle,見本城,,12
990001-1,health-centre,見本保健所,990001,
990001-1,health-centre,見本保健所,990001,12
990009,health-centre,別の名前,990001,
990002,,,,
990003,prefecture,見本県{too_wide}
990003-1,health-centre,見本保健所,990003,
"
    );
    let wrong = match plan(&server.app, list.as_bytes()).await {
        Err(NotTakenIn::Wrong(wrong)) => wrong,
        other => panic!("{other:?}"),
    };
    let expected = [
        "line 2: phone “12”",
        "line 2: there is no code",
        "line 3: kind “castle”",
        "line 3: phone “12”",
        "line 5: phone “12”",
        "line 5: 990001-1 stands in line 4 already",
        "line 6: 990009 is a prefecture, not a health-centre",
        "line 6: 990009 is called",
        "line 6: 990009 does not stand under 990001",
        "line 7: 990002 is new and has no kind",
        "line 7: 990002 is new and has no name",
        "line 8: the row is damaged",
    ];
    assert_eq!(wrong.len(), expected.len(), "{wrong:#?}");
    for (words, expected) in wrong.iter().zip(expected) {
        assert!(words.starts_with(expected), "{words} / {expected}");
    }
}

#[tokio::test]
async fn a_list_in_shift_jis_reads_the_same_and_one_without_headings_is_refused() {
    let server = Server::sqlite().await;
    let (bytes, _, lossy) = encoding_rs::SHIFT_JIS.encode(LIST);
    assert!(!lossy);
    let plain = plan(&server.app, LIST.as_bytes()).await.unwrap();
    assert_eq!(plan(&server.app, &bytes).await.unwrap(), plain);
    let none = plan(&server.app, "990001,都道府県,見本県\n".as_bytes()).await;
    assert!(matches!(none, Err(NotTakenIn::NoHeadings)), "{none:?}");
    let none = plan(&server.app, b"").await;
    assert!(matches!(none, Err(NotTakenIn::Unreadable(_))), "{none:?}");
}

on_both_databases!(
    a_list_is_taken_in_once_however_often_it_is_loaded,
    what_became_known_since_the_list_was_read_stays,
    what_is_wrong_is_named_with_its_line_and_nothing_is_taken_in,
    all_that_is_wrong_with_a_line_is_named_at_once_and_nothing_that_follows_from_it,
);
