use super::*;
use crate::offices::Office;
use crate::quarantine_list::{Field, List, Outcome, Remembered};
use crate::table::decode::decode;

fn today() -> Day {
    Day::new(2026, 11, 20).expect("a day")
}

fn office() -> Office {
    serde_json::from_value(serde_json::json!({
        "code": "990001", "kind": "health-centre", "name": "見本市保健所",
    }))
    .expect("an office")
}

#[test]
fn a_dry_run_finds_exactly_what_was_planted() {
    let sample = Recipe::of_an_office(today(), vec!["見本市保健所".to_owned()]).make();
    let list = List::read(&sample.bytes, &Remembered::default()).expect("a list");
    assert_eq!(
        list.mapping().unread().collect::<Vec<_>>(),
        [0, 11],
        "number and seat"
    );
    assert_eq!(list.mapping().missing(), Vec::<Field>::new());
    let mut found = Vec::new();
    let (mut good, mut nobody) = (0, Vec::new());
    for outcome in list.dry_run(today(), &[office()]) {
        match outcome {
            Outcome::Good(row) => {
                good += 1;
                assert_eq!(row.details.health_centre.expect("one").as_str(), "990001");
            }
            Outcome::Bad { problems, .. } => {
                found.extend(problems.into_iter().map(|problem| Planted {
                    row: problem.row,
                    field: problem.field,
                    reason: problem.reason.reason,
                }))
            }
            Outcome::NoPerson(row) => nobody.push(row),
        }
    }
    assert_eq!(found, sample.planted);
    assert_eq!(good, sample.good);
    assert!(good > 160);
    // The repeated headings, eight numbered blank rows, and 以上.
    assert_eq!(nobody.len(), 10);
    assert_eq!(nobody[0], 55);
}

#[test]
fn a_faultless_list_is_taken_in_whole() {
    let sample = Recipe::faultless(1_000, today()).make();
    let list = List::read(&sample.bytes, &Remembered::default()).expect("a list");
    let bad: Vec<_> = list
        .dry_run(today(), &[])
        .filter(|row| !matches!(row, Outcome::Good(_)))
        .collect();
    assert_eq!(bad, []);
    assert_eq!((list.people(), sample.good), (1_000, 1_000));
}

#[test]
fn the_same_recipe_gives_the_same_bytes() {
    let recipe = Recipe::of_an_office(today(), Vec::new());
    assert_eq!(recipe.make().bytes, recipe.make().bytes);
    assert_ne!(
        recipe.make().bytes,
        Recipe { seed: 2, ..recipe }.make().bytes
    );
}

#[test]
fn comes_as_cp932_with_one_broken_byte() {
    let decoded = decode(&Recipe::of_an_office(today(), Vec::new()).make().bytes).expect("a list");
    assert_eq!(decoded.encoding, Encoding::Cp932);
    assert_eq!(decoded.line_break, LineBreak::CrLf);
    assert_eq!(decoded.damaged, 1);
}

#[test]
fn nobody_in_it_could_be_real() {
    let sample = Recipe::faultless(3_000, today()).make();
    let list = List::read(&sample.bytes, &Remembered::default()).expect("a list");
    for outcome in list.dry_run(today(), &[]) {
        let Outcome::Good(row) = outcome else {
            panic!("{outcome:?}")
        };
        let details = row.details;
        assert!(details.name.as_str().ends_with('号'));
        assert!(details.phone.expect("one").as_str()[3..].starts_with("-0000-"));
        assert!(
            details
                .passport_number
                .expect("one")
                .as_str()
                .starts_with("XX")
        );
        assert!(details.mail.expect("one").as_str().ends_with("@example.jp"));
    }
}
