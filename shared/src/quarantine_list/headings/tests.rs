use super::*;
use crate::quarantine_list::field::Field::{
    Address, BirthDate, EntryDate, Kana, Mail, Name, Phone, PlaceOfStay, Romaji,
};

fn table(text: &str) -> Table {
    Table::read(text.as_bytes(), &|_| 0).expect("a table")
}

fn fields(mapping: &Mapping, columns: usize) -> Vec<Option<Field>> {
    (0..columns).map(|column| mapping.field(column)).collect()
}

#[test]
fn finds_headings_below_title_lines() {
    let table = table("入国者名簿,,\n作成日,令和8年11月20日,\nNo,氏名,入国日\n1,見本,2026/11/1\n");
    let layout = Layout::find(&table);
    assert_eq!(
        (layout.first(), layout.levels(), layout.people()),
        (2, 1, 3)
    );
    assert_eq!(
        fields(&Mapping::propose(&layout), 3),
        [None, Some(Name), Some(EntryDate)]
    );
}

#[test]
fn joins_headings_that_stand_in_two_rows() {
    let table = table(
        "No,氏名,,,生年月日,連絡先,,滞在先,\n,漢字,カナ,ローマ字,,電話,メール,住所,名称\n1,見本,ミホン,MIHON,1990/1/1,090,a@b,県,宿\n",
    );
    let layout = Layout::find(&table);
    assert_eq!((layout.levels(), layout.people()), (2, 2));
    assert_eq!(
        layout.headings()[4..7],
        ["生年月日", "連絡先 電話", "連絡先 メール"]
    );
    assert_eq!(
        fields(&Mapping::propose(&layout), 9),
        [
            None,
            Some(Name),
            Some(Kana),
            Some(Romaji),
            Some(BirthDate),
            Some(Phone),
            Some(Mail),
            Some(PlaceOfStay),
            None
        ]
    );
}

#[test]
fn of_two_columns_with_one_meaning_the_first_counts() {
    let layout = Layout::find(&table("氏名,携帯電話,電話番号,入国日\n"));
    assert_eq!(
        fields(&Mapping::propose(&layout), 4),
        [Some(Name), Some(Phone), None, Some(EntryDate)]
    );
}

#[test]
fn a_list_without_headings_begins_with_its_first_person() {
    let table = table("名簿\n見本,1990/1/1,2026/11/1\n架空,1991/1/1,2026/11/2\n");
    let layout = Layout::find(&table);
    assert_eq!((layout.levels(), layout.people()), (0, 1));
    assert_eq!(layout.headings().len(), 3);
    assert_eq!(Mapping::propose(&layout).missing(), [Name, EntryDate]);
}

#[test]
fn unknown_headings_are_left_to_the_hand() {
    let table = table("いろは,にほへ,とちり\n見本,ミホン,12\n");
    let layout = Layout::find(&table);
    assert_eq!((layout.levels(), layout.known()), (1, 0));
    let mut mapping = Mapping::propose(&layout);
    assert_eq!(mapping.unread().collect::<Vec<_>>(), [0, 1, 2]);
    mapping.assign(0, Some(Name));
    mapping.assign(2, Some(EntryDate));
    assert!(mapping.missing().is_empty());
    mapping.assign(1, Some(Name));
    assert_eq!(fields(&mapping, 3), [None, Some(Name), Some(EntryDate)]);
    mapping.assign(99, Some(Address));
    assert_eq!(mapping.column(Address), None);
}

#[test]
fn remembers_a_mapping_by_its_headings() {
    let layout = Layout::find(&table("氏名,到着日,連絡用\n"));
    let mut mapping = Mapping::propose(&layout);
    mapping.assign(2, Some(Phone));
    let mut remembered = Remembered::default();
    remembered.remember(&mapping);
    let kept = serde_json::to_string(&remembered).expect("json");
    let remembered: Remembered = serde_json::from_str(&kept).expect("json");
    let again = Layout::find(&table("名簿,,\n氏 名,到着日,連絡用\n見本,2026/11/1,090\n"));
    assert_eq!(remembered.recall(&again), mapping);
    let other = Layout::find(&table("氏名,到着日,連絡用2\n"));
    assert_eq!(remembered.recall(&other).field(2), None);
}

#[test]
fn forgets_the_oldest_of_more_than_fifty() {
    let mut remembered = Remembered::default();
    let layouts: Vec<_> = (0..60)
        .map(|n| Layout::find(&table(&format!("氏名,入国日,欄{n}\n"))))
        .collect();
    for layout in &layouts {
        let mut mapping = Mapping::propose(layout);
        mapping.assign(2, Some(Phone));
        remembered.remember(&mapping);
    }
    assert_eq!(remembered.recall(&layouts[0]).field(2), None);
    assert_eq!(remembered.recall(&layouts[59]).field(2), Some(Phone));
}

#[test]
fn a_damaged_memory_is_not_believed() {
    let layout = Layout::find(&table("氏名,入国日\n"));
    let digest = layout.digest();
    for columns in [r#"["name","name"]"#, r#"["phone"]"#] {
        let kept = format!(r#"{{"mappings":[{{"digest":"{digest}","columns":{columns}}}]}}"#);
        let remembered: Remembered = serde_json::from_str(&kept).expect("json");
        assert_eq!(remembered.recall(&layout), Mapping::propose(&layout));
    }
}

#[test]
fn every_field_has_a_word_in_both_languages() {
    for field in Field::ALL {
        for language in [Language::Ja, Language::En] {
            assert!(
                !field.label(language).contains("quarantine_list"),
                "{field:?}"
            );
        }
        assert_eq!(serde_json::to_value(field).expect("json"), field.as_str());
    }
}
