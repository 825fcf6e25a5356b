//! How words are drawn.

use super::*;

/// 直, 骨, 角 and 神 have other shapes in Chinese; see [`font`].
#[test]
fn han_characters_are_japanese() {
    let theme = Theme::of(Appearance::Light);
    let draw = |font: iced::Font, name: &str| {
        let words = iced::widget::text("直骨角神").size(64).font(font);
        let mut driven = picture::drive::<Said>(container(words).padding(20), (400.0, 150.0));
        picture::take(&mut driven, theme, name)
    };
    let window = draw(font::REGULAR, "han-window");
    let japanese = draw(iced::Font::with_name("Noto Sans CJK JP"), "han-japanese");
    let chinese = draw(iced::Font::with_name("Noto Sans CJK SC"), "han-chinese");
    assert_ne!(
        japanese.pixels(),
        chinese.pixels(),
        "the two shapes differ; install fonts-noto-cjk"
    );
    assert_ne!(
        window.pixels(),
        chinese.pixels(),
        "the window does not write Chinese"
    );
    if font::prepare() == Ok("Noto Sans CJK JP") {
        assert_eq!(window.pixels(), japanese.pixels());
    }
}

/// A face without Han characters makes the engine look for another by locale.
#[test]
fn han_characters_are_japanese_by_fallback_too() {
    let theme = Theme::of(Appearance::Light);
    let draw = |font: iced::Font, name: &str| {
        let words = iced::widget::text("直骨角神").size(64).font(font);
        let mut driven = picture::drive::<Said>(container(words).padding(20), (400.0, 150.0));
        picture::take(&mut driven, theme, name)
    };
    let fallback = draw(iced::Font::with_name("Iced-Icons"), "han-fallback");
    let japanese = draw(
        iced::Font::with_name("Noto Sans CJK JP"),
        "han-japanese-again",
    );
    assert_eq!(fallback.pixels(), japanese.pixels());
}

#[test]
fn what_is_as_long_as_a_hash_stays_in_its_place() {
    let theme = Theme::of(Appearance::Light);
    let hash = || "ab".repeat(32);
    let ink = |words: super::text::Words<'static>| {
        let place = container(container(words).width(200)).width(Fill);
        let picture = picture::take(&mut drive(place), theme, "long");
        // Drawn at twice its size, four octets a pixel.
        let width = 800 * 2 * 4;
        let beside = picture.pixels().chunks(width);
        let beside = beside.map(|row| &row[210 * 2 * 4..]);
        let ground = picture.pixels()[width - 4..width].to_vec();
        let beside: Vec<u8> = beside.flatten().copied().collect();
        beside.chunks(4).filter(|dot| *dot != ground).count()
    };
    assert_eq!(ink(text::breaking(text::hint(hash()))), 0);
    assert!(ink(text::hint(hash())) > 0, "without it, it runs on");
}
