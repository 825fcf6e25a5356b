use super::*;
use proptest::prelude::*;

fn cp932(bytes: &[u8]) -> Decoded {
    let decoded = decode(bytes).expect("a list");
    assert_eq!(decoded.encoding, Encoding::Cp932);
    decoded
}

#[test]
fn reads_the_nec_and_ibm_characters_of_cp932() {
    // 髙 and 﨑 stand in the IBM extension, once at FBFC and once at ED95 (NEC's selection).
    assert_eq!(
        cp932(b"\x8E\x81\x96\xBC\n\xFB\xFC\xFA\xB1").text,
        "氏名\n髙﨑"
    );
    assert_eq!(
        cp932(b"\x8E\x81\x96\xBC\n\xEE\xE0\xED\x95").text,
        "氏名\n髙﨑"
    );
    assert_eq!(cp932(b"\x87\x40\x87\x8A").text, "①㈱");
}

#[test]
fn reads_wave_dash_and_minus_as_windows_means_them() {
    assert_eq!(cp932(b"\x81\x60\x81\x7C\x81\x5B\x81\x5D").text, "～－ー‐");
}

#[test]
fn reads_half_width_kana_as_they_stand() {
    assert_eq!(cp932(b"\x96\xBC\xD4\xCF\xC0\xDE").text, "名ﾔﾏﾀﾞ");
}

#[test]
fn writes_what_it_reads_in_every_encoding() {
    let text = "氏名,フリガナ\n髙﨑 ～－①,ﾀｶｻｷ\n";
    for encoding in [
        Encoding::Utf8,
        Encoding::Utf8Marked,
        Encoding::Cp932,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
    ] {
        for line_break in [LineBreak::Lf, LineBreak::CrLf, LineBreak::Cr] {
            let decoded = decode(&encode(text, encoding, line_break)).expect("a list");
            assert_eq!(decoded.text, text);
            assert_eq!(
                (decoded.encoding, decoded.line_break),
                (encoding, line_break)
            );
            assert_eq!(decoded.damaged, 0);
        }
    }
}

#[test]
fn writes_characters_of_an_office_font_back_to_their_places() {
    let bytes = b"\x96\xBC\xF0\x40\xF0\x7E\xF0\x80\xF9\xFC";
    let decoded = cp932(bytes);
    assert!(decoded.text.chars().skip(1).all(|c| PRIVATE.contains(&c)));
    assert_eq!(encode(&decoded.text, Encoding::Cp932, LineBreak::Lf), bytes);
}

#[test]
fn writes_look_alikes_and_lost_characters_of_other_systems() {
    let bytes = encode("〜−‖¢£¬\u{FFFD}𠮷", Encoding::Cp932, LineBreak::Lf);
    assert_eq!(cp932(&bytes).text, "～－∥￠￡￢〓〓");
}

#[test]
fn reports_line_place_and_bytes_of_what_it_cannot_read() {
    let decoded = cp932(b"\x8E\x81\x96\xBC,x\r\n\x8E\x52\x93\x63\xFF,\x8E,\r\n\x81");
    assert_eq!(decoded.text, "氏名,x\n山田\u{FFFD},\u{FFFD},\n\u{FFFD}");
    let places: Vec<_> = decoded
        .damage
        .iter()
        .map(|d| (d.line, d.place, d.bytes.as_slice()))
        .collect();
    assert_eq!(
        places,
        [(2, 3, &b"\xFF"[..]), (2, 5, b"\x8E"), (3, 1, b"\x81")]
    );
    assert_eq!(decoded.damaged, 3);
}

#[test]
fn a_torn_utf8_file_is_still_read_as_utf8() {
    let whole = "氏名,フリガナ,生年月日\n見本 太郎,ミホン タロウ,1990/1/1\n".as_bytes();
    let torn = decode(&whole[..whole.len() - 14]).expect("a list");
    assert_eq!(torn.encoding, Encoding::Utf8);
    assert_eq!(torn.damaged, 1);
    assert!(torn.text.ends_with(LOST));
}

#[test]
fn refuses_what_is_no_text() {
    assert_eq!(
        decode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        Err(ReadError::NotText)
    );
    assert_eq!(decode(&[0xFF; 100]), Err(ReadError::NotText));
    assert_eq!(decode(b"\xFF\xFEA\0\0\0"), Err(ReadError::NotText));
}

#[test]
fn lists_a_thousand_damages_and_counts_them_all() {
    let mut bytes = "氏名\n".repeat(140_000).into_bytes();
    for at in (0..bytes.len()).step_by(140) {
        bytes[at] = b'\xFF';
    }
    let decoded = decode(&bytes).expect("a list");
    assert_eq!(decoded.encoding, Encoding::Utf8);
    assert_eq!(decoded.damage.len(), LISTED_DAMAGE);
    assert!(decoded.damaged >= 7_000, "{}", decoded.damaged);
}

proptest! {
    #[test]
    fn any_bytes_are_text_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(decoded) = decode(&bytes) {
            prop_assert!(decoded.text.len() <= 3 * bytes.len());
            prop_assert!(!decoded.text.contains('\r'));
            prop_assert_eq!(decoded.damaged > 0, !decoded.damage.is_empty());
        }
    }

    #[test]
    fn cp932_text_comes_back_from_its_bytes(bytes in prop::collection::vec(
        prop_oneof![Just(vec![0x41_u8]), Just(vec![0xB1]), (0x88_u8..=0x9F, 0x9F_u8..=0xFC).prop_map(|(a, b)| vec![a, b])],
        1..100,
    )) {
        let bytes: Vec<u8> = [b"\x96\xBC".to_vec(), bytes.concat()].concat();
        if let Ok(decoded) = decode(&bytes) && decoded.encoding == Encoding::Cp932 && decoded.damaged == 0 {
            let again = decode(&encode(&decoded.text, Encoding::Cp932, LineBreak::CrLf)).expect("text");
            prop_assert_eq!(again.text, decoded.text);
        }
    }
}
