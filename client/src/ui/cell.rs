//! One line in a cell of a table. What does not fit ends in `…`, so that nobody takes the part for
//! the whole; whoever looks for words finds all of them, and whoever looks for what is cut finds `…`.

use iced::advanced::layout::{self, Layout};
use iced::advanced::renderer;
use iced::advanced::text::paragraph::Plain;
use iced::advanced::text::{Alignment, Paragraph as _, Shaping, Text};
use iced::advanced::widget::operation::Operation;
use iced::advanced::widget::text::{self, Format, Style};
use iced::advanced::widget::tree::{self, Tree};
use iced::advanced::{Widget, mouse};
use iced::alignment::Vertical;
use iced::widget::text::{LineHeight, Wrapping};
use iced::{Font, Length, Rectangle, Renderer, Size};

use super::theme::Theme;
use super::token::size;
use super::{Element, font};

type Paragraph = <Renderer as iced::advanced::text::Renderer>::Paragraph;

/// How words are drawn in a theme.
type Look<'a> = Box<dyn Fn(&Theme) -> Style + 'a>;

/// A cell; see [`cell`].
pub struct Cell<'a> {
    words: String,
    font: Option<Font>,
    style: Option<Look<'a>>,
}

/// Words in a cell of a table: one line, and `…` where it is cut.
pub fn cell<'a>(words: impl Into<String>) -> Cell<'a> {
    Cell {
        words: words.into(),
        font: None,
        style: None,
    }
}

/// How wide these words are in a cell of the usual font, in pixels.
pub fn cell_width(words: &str) -> f32 {
    let words = Text {
        content: words,
        bounds: Size::INFINITE,
        size: size::SMALL.into(),
        line_height: LineHeight::Relative(size::TABLE_LEADING),
        font: font::REGULAR,
        align_x: Alignment::Default,
        align_y: Vertical::Top,
        shaping: Shaping::Advanced,
        wrapping: Wrapping::None,
    };
    Paragraph::with_text(words).min_width()
}

impl<'a> Cell<'a> {
    /// In this font instead of the usual one.
    #[must_use]
    pub fn font(mut self, font: Font) -> Self {
        self.font = Some(font);
        self
    }

    /// In this style instead of the surrounding one.
    #[must_use]
    pub fn style(mut self, style: impl Fn(&Theme) -> Style + 'a) -> Self {
        self.style = Some(Box::new(style));
        self
    }

    fn lay(
        &self,
        paragraph: &mut Plain<Paragraph>,
        renderer: &Renderer,
        limits: &layout::Limits,
        words: &str,
    ) -> layout::Node {
        let format = Format {
            size: Some(size::SMALL.into()),
            font: self.font,
            line_height: LineHeight::Relative(size::TABLE_LEADING),
            wrapping: Wrapping::None,
            ..Format::default()
        };
        text::layout(paragraph, renderer, limits, words, format)
    }

    /// Lays what is shown, which is `width` wide, word by word.
    fn part(
        &self,
        apart: &mut Apart,
        renderer: &Renderer,
        limits: &layout::Limits,
        shown: &str,
        width: f32,
    ) {
        let known = apart.of.as_ref();
        if known.is_some_and(|(words, font)| words == shown && *font == self.font) {
            return;
        }
        apart.words.clear();
        apart.of = Some((shown.to_owned(), self.font));
        if shown.trim() != shown || !shown.contains(' ') {
            return;
        }
        let words = shown.split(' ').map(|word| {
            let mut paragraph = Plain::default();
            self.lay(&mut paragraph, renderer, limits, word);
            paragraph
        });
        let words: Vec<Plain<Paragraph>> = words.collect();
        let said: f32 = words.iter().map(Plain::min_width).sum();
        let blank = (width - said) / (words.len() - 1) as f32;
        let mut from = 0.0;
        for word in words {
            let next = from + word.min_width() + blank;
            if word.min_width() > 0.0 {
                apart.words.push((from, word));
            }
            from = next;
        }
    }
}

/// What is remembered of a cell from one drawing to the next.
#[derive(Default)]
struct State {
    paragraph: Plain<Paragraph>,
    /// For which words, font and width it was cut, and where.
    cut: Option<(String, Option<Font>, f32, usize)>,
    apart: Apart,
}

/// The words between the blanks, each by itself and so far from the beginning; none where there is
/// no blank.
///
/// The software renderer keeps the picture of every letter but of a blank, which has none: it runs
/// the typeface's hinting program for each blank in each frame. In a list that was a third of all
/// its time.
#[derive(Default)]
struct Apart {
    words: Vec<(f32, Plain<Paragraph>)>,
    of: Option<(String, Option<Font>)>,
}

impl<Message> Widget<Message, Theme, Renderer> for Cell<'_> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(
        &mut self,
        tree: &mut Tree,
        renderer: &Renderer,
        limits: &layout::Limits,
    ) -> layout::Node {
        let State {
            paragraph,
            cut,
            apart,
        } = tree.state.downcast_mut::<State>();
        let width = limits.max().width;
        let known = cut.as_ref().filter(|(words, font, at, _)| {
            *words == self.words && *font == self.font && *at == width
        });
        if let Some((_, _, _, end)) = known {
            let shown = format!("{}…", &self.words[..*end]);
            return self.lay(paragraph, renderer, limits, &shown);
        }
        *cut = None;
        let whole = self.lay(paragraph, renderer, limits, &self.words);
        let all = paragraph.raw().min_bounds().width;
        if all <= width {
            self.part(apart, renderer, limits, &self.words, all);
            return whole;
        }
        // The longest beginning that leaves room for the sign; fewer letters are never wider.
        let ends: Vec<usize> = self.words.char_indices().map(|(at, _)| at).collect();
        let mut fits = |count: usize| {
            let shown = format!("{}…", &self.words[..ends[count]]);
            let node = self.lay(paragraph, renderer, limits, &shown);
            (paragraph.raw().min_bounds().width <= width, node)
        };
        let (mut least, mut most) = (0, ends.len());
        while most - least > 1 {
            let middle = usize::midpoint(least, most);
            match fits(middle).0 {
                true => least = middle,
                false => most = middle,
            }
        }
        let (_, node) = fits(least);
        *cut = Some((self.words.clone(), self.font, width, ends[least]));
        let shown = format!("{}…", &self.words[..ends[least]]);
        let all = paragraph.raw().min_bounds().width;
        self.part(apart, renderer, limits, &shown, all);
        node
    }

    fn operate(
        &mut self,
        tree: &mut Tree,
        layout: Layout<'_>,
        _renderer: &Renderer,
        operation: &mut dyn Operation,
    ) {
        operation.text(None, layout.bounds(), &self.words);
        if tree.state.downcast_ref::<State>().cut.is_some() {
            operation.text(None, layout.bounds(), "…");
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_ref::<State>();
        let own = self
            .style
            .as_ref()
            .map_or_else(Style::default, |own| own(theme));
        let bounds = layout.bounds();
        let mut draw = |from: f32, paragraph: &Plain<Paragraph>| {
            let bounds = Rectangle {
                x: bounds.x + from,
                ..bounds
            };
            text::draw(renderer, style, bounds, paragraph.raw(), own, viewport);
        };
        if state.apart.words.is_empty() {
            draw(0.0, &state.paragraph);
        }
        for (from, word) in &state.apart.words {
            draw(*from, word);
        }
    }
}

impl<'a, Message: 'a> From<Cell<'a>> for Element<'a, Message> {
    fn from(cell: Cell<'a>) -> Self {
        Self::new(cell)
    }
}

#[cfg(test)]
mod tests {
    use iced::Fill;
    use iced::widget::container;

    use super::*;
    use crate::picture;
    use crate::ui::theme::Appearance;

    /// Such a cell in so much width, as it looks.
    fn looks(words: &str, width: f32) -> Vec<u8> {
        let framed: Element<'_, ()> = container(container(cell(words)).width(width))
            .width(Fill)
            .into();
        let mut driven = picture::drive(framed, (400.0, 40.0));
        let picture = picture::take(&mut driven, Theme::of(Appearance::Light), "cell");
        picture.pixels().to_vec()
    }

    #[test]
    fn words_that_do_not_fit_end_in_the_sign_of_it() {
        let whole = "見本 花子 ヴァレンティナ";
        let cut = looks(whole, 100.0);
        let beginnings = whole.char_indices().map(|(at, _)| &whole[..at]);
        let ending: Vec<bool> = beginnings
            .map(|beginning| looks(&format!("{beginning}…"), 400.0) == cut)
            .collect();
        assert_eq!(ending.iter().filter(|same| **same).count(), 1);
        assert_eq!(
            looks("見本", 100.0),
            looks("見本", 400.0),
            "what fits is whole"
        );
    }

    #[test]
    fn words_with_blanks_between_them_look_as_if_they_were_drawn_at_once() {
        for words in [
            "見本 花子",
            "■ 異常なし",
            "(36.5) 11/19",
            "a  b c",
            " 見本",
            "花子",
        ] {
            let whole = iced::widget::text(words)
                .size(size::SMALL)
                .line_height(LineHeight::Relative(size::TABLE_LEADING))
                .wrapping(Wrapping::None);
            let framed: Element<'_, ()> =
                container(container(whole).width(400.0)).width(Fill).into();
            let mut driven = picture::drive(framed, (400.0, 40.0));
            let theme = Theme::of(Appearance::Light);
            let whole = picture::take(&mut driven, theme, "cell");
            let apart = looks(words, 400.0);
            let far = whole.pixels().iter().zip(&apart);
            let furthest = far.map(|(a, b)| a.abs_diff(*b)).max();
            assert_eq!(furthest, Some(0), "{words}");
        }
    }

    #[test]
    fn no_blank_is_drawn() {
        let mut tree = Tree::empty();
        let mut shown: Element<'_, ()> = cell("見本 花子 一号").into();
        tree.diff(&shown);
        let renderer = picture::renderer();
        let limits = layout::Limits::new(Size::ZERO, Size::new(400.0, 40.0));
        let widget = shown.as_widget_mut();
        widget.layout(&mut tree, &renderer, &limits);
        let apart = &tree.state.downcast_ref::<State>().apart.words;
        let drawn: Vec<f32> = apart.iter().map(|(from, _)| *from).collect();
        assert_eq!(drawn.len(), 3);
        assert!(drawn[0] == 0.0 && drawn[1] > 20.0 && drawn[2] > drawn[1] + 20.0);
    }

    #[test]
    fn whoever_looks_for_words_finds_all_of_them() {
        let framed: Element<'_, ()> = container(cell("見本 花子 ヴァレンティナ"))
            .width(60.0)
            .into();
        let mut driven = picture::drive(framed, (400.0, 40.0));
        assert!(driven.find("見本 花子 ヴァレンティナ").is_ok());
    }
}
