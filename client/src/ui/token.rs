//! Every colour, size and distance of the window, and nowhere else.
//!
//! The values follow the design system of Japan's Digital Agency. Three tables
//! of the same roles exist: light, dark and high contrast; a widget names the
//! role and never the colour.

use iced::Color;

/// What a colour is for. One table of these is one appearance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Roles {
    /// Filled buttons, the current item, links.
    pub primary: Color,
    /// The same while the pointer is over it.
    pub primary_hover: Color,
    /// The same while it is held down.
    pub primary_pressed: Color,
    /// What is written on a filled button.
    pub on_primary: Color,
    /// Selected rows and information.
    pub primary_surface: Color,
    /// Body text.
    pub text: Color,
    /// Secondary text.
    pub text_secondary: Color,
    /// An example inside an empty field.
    pub placeholder: Color,
    /// What cannot be used at present.
    pub disabled: Color,
    /// The page itself.
    pub page: Color,
    /// Bars, cards and headings that stand above the page.
    pub raised: Color,
    /// Lines between rows and around cards.
    pub line: Color,
    /// The border of an input; 3:1 against the page.
    pub input_border: Color,
    /// The mark of an error.
    pub error: Color,
    /// Text of an error; 4.5:1 against its surface.
    pub error_text: Color,
    /// The surface behind an error.
    pub error_surface: Color,
    /// The mark of success.
    pub success: Color,
    /// Text of success.
    pub success_text: Color,
    /// The surface behind success.
    pub success_surface: Color,
    /// The mark of a warning.
    pub warning: Color,
    /// Text of a warning.
    pub warning_text: Color,
    /// The surface behind a warning.
    pub warning_surface: Color,
    /// What must be done now.
    pub urgent: Color,
    /// The outer, dark part of the focus ring.
    pub focus_outer: Color,
    /// The inner, bright part of the focus ring.
    pub focus_inner: Color,
}

const fn hex(rgb: u32) -> Color {
    Color::from_rgb8((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Dark on white, for a lit office.
pub const LIGHT: Roles = Roles {
    primary: hex(0x0017c1),
    primary_hover: hex(0x00118f),
    primary_pressed: hex(0x000060),
    on_primary: hex(0xffffff),
    primary_surface: hex(0xe8f1fe),
    text: hex(0x333333),
    text_secondary: hex(0x4d4d4d),
    placeholder: hex(0x767676),
    disabled: hex(0x949494),
    page: hex(0xffffff),
    raised: hex(0xf2f2f2),
    line: hex(0xcccccc),
    input_border: hex(0x666666),
    error: hex(0xec0000),
    error_text: hex(0xce0000),
    error_surface: hex(0xfdeeee),
    success: hex(0x259d63),
    success_text: hex(0x197a4b),
    success_surface: hex(0xe6f5ec),
    warning: hex(0xb78f00),
    warning_text: hex(0x927200),
    warning_surface: hex(0xfbf5e0),
    urgent: hex(0xfb5b01),
    focus_outer: hex(0x1a1a1a),
    focus_inner: hex(0xffd43d),
};

/// Light on near-black, for night duty.
pub const DARK: Roles = Roles {
    primary: hex(0x9db7f9),
    primary_hover: hex(0xc5d7fb),
    primary_pressed: hex(0xd9e6ff),
    on_primary: hex(0x000060),
    primary_surface: hex(0x1b2a55),
    text: hex(0xf2f2f2),
    text_secondary: hex(0xcccccc),
    placeholder: hex(0x999999),
    disabled: hex(0x767676),
    page: hex(0x1a1a1a),
    raised: hex(0x262626),
    line: hex(0x4d4d4d),
    input_border: hex(0x999999),
    error: hex(0xff5454),
    error_text: hex(0xff9696),
    error_surface: hex(0x3d1414),
    success: hex(0x51b883),
    success_text: hex(0x9bd4b5),
    success_surface: hex(0x12301f),
    warning: hex(0xd2a400),
    warning_text: hex(0xffd43d),
    warning_surface: hex(0x332a08),
    urgent: hex(0xff8d44),
    focus_outer: hex(0xffffff),
    focus_inner: hex(0xffd43d),
};

/// Black and white with the fewest further colours, for weak eyes.
pub const HIGH_CONTRAST: Roles = Roles {
    primary: hex(0x000060),
    primary_hover: hex(0x00118f),
    primary_pressed: hex(0x000000),
    on_primary: hex(0xffffff),
    primary_surface: hex(0xffffff),
    text: hex(0x000000),
    text_secondary: hex(0x000000),
    placeholder: hex(0x4d4d4d),
    disabled: hex(0x4d4d4d),
    page: hex(0xffffff),
    raised: hex(0xffffff),
    line: hex(0x000000),
    input_border: hex(0x000000),
    error: hex(0xa90000),
    error_text: hex(0xa90000),
    error_surface: hex(0xffffff),
    success: hex(0x0c472a),
    success_text: hex(0x0c472a),
    success_surface: hex(0xffffff),
    warning: hex(0x604b00),
    warning_text: hex(0x604b00),
    warning_surface: hex(0xffffff),
    urgent: hex(0x8b3200),
    focus_outer: hex(0x000000),
    focus_inner: hex(0xffd43d),
};

/// Text sizes in logical pixels.
pub mod size {
    /// Tables and hints.
    pub const SMALL: f32 = 14.0;
    /// Body text, buttons and fields.
    pub const BODY: f32 = 16.0;
    /// The heading of a section.
    pub const SECTION: f32 = 20.0;
    /// The title of a screen.
    pub const TITLE: f32 = 24.0;
    /// Digits that are compared with a slip of paper by eye.
    pub const DIGITS: f32 = 28.0;
    /// Line height of running text, relative to its size.
    pub const LEADING: f32 = 1.5;
    /// Line height in tables, relative to its size.
    pub const TABLE_LEADING: f32 = 1.3;
}

/// Distances in logical pixels.
pub mod space {
    /// Between an icon and its word.
    pub const XS: f32 = 4.0;
    /// Between things that belong together.
    pub const S: f32 = 8.0;
    /// Between fields.
    pub const M: f32 = 12.0;
    /// Inside cards.
    pub const L: f32 = 16.0;
    /// Between groups.
    pub const XL: f32 = 24.0;
    /// Around a page.
    pub const XXL: f32 = 32.0;
}

/// Corner radii in logical pixels.
pub mod radius {
    /// Chips and check boxes.
    pub const CHIP: f32 = 4.0;
    /// Inputs and buttons.
    pub const CONTROL: f32 = 8.0;
    /// Cards and dialogs.
    pub const CARD: f32 = 12.0;
}

/// The height of whatever is pressed or typed into.
pub const TARGET: f32 = 44.0;
/// The height of a row in a table.
pub const ROW: f32 = 36.0;
/// The width that running text and forms keep to, so that lines stay readable.
pub const MEASURE: f32 = 640.0;
/// The width of the outer part of the focus ring.
pub const RING_OUTER: f32 = 4.0;
/// The width of the inner part of the focus ring.
pub const RING_INNER: f32 = 2.0;
/// What a page leaves free around its widgets, so that no ring is cut off.
pub const RING: f32 = RING_OUTER + RING_INNER;

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(a: Color, b: Color) -> f32 {
        let (a, b) = (a.relative_luminance(), b.relative_luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_stands_out_four_and_a_half_to_one_in_every_appearance() {
        for (name, roles) in [
            ("light", LIGHT),
            ("dark", DARK),
            ("high contrast", HIGH_CONTRAST),
        ] {
            for (role, text, ground) in [
                ("text", roles.text, roles.page),
                ("text on raised", roles.text, roles.raised),
                ("secondary", roles.text_secondary, roles.raised),
                ("placeholder", roles.placeholder, roles.page),
                ("button", roles.on_primary, roles.primary),
                ("hovered button", roles.on_primary, roles.primary_hover),
                ("pressed button", roles.on_primary, roles.primary_pressed),
                ("selected row", roles.text, roles.primary_surface),
                ("error", roles.error_text, roles.error_surface),
                ("error on page", roles.error_text, roles.page),
                ("success", roles.success_text, roles.success_surface),
                ("warning", roles.warning_text, roles.page),
                ("text on a warning", roles.text, roles.warning_surface),
            ] {
                let found = contrast(text, ground);
                assert!(found >= 4.5, "{name}: {role} has {found:.2}:1");
            }
        }
    }

    #[test]
    fn edges_stand_out_three_to_one_in_every_appearance() {
        for roles in [LIGHT, DARK, HIGH_CONTRAST] {
            for edge in [roles.input_border, roles.error, roles.success, roles.urgent] {
                assert!(contrast(edge, roles.page) >= 3.0);
            }
            assert!(contrast(roles.focus_outer, roles.page) >= 3.0);
        }
    }
}
