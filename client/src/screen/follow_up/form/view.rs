//! How the form looks, and its keys.

use iced::keyboard::key::Named;
use iced::widget::{Column, Row, container, scrollable, space as gap};
use iced::{Center, Fill, Length, Padding};
use shared::follow_up::import::AlikePerson;
use shared::follow_up::period::Period;
use shared::follow_up::returnee::Sex;

use super::super::{clash, words};
use super::field::{consent_key, consent_word, sex_key};
use super::{Field, Form, Message, Verdict};
use crate::language::spoken;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::area::area;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::field::field;
use crate::ui::keys::{Binding, Shortcut, binding};
use crate::ui::token::space;
use crate::ui::{Element, button, check, page, text};

/// The width of a field; as many stand side by side as there is room for.
const FIELD: f32 = 330.0;

/// The name of what scrolls.
pub(super) const FORM: &str = "returnee-form";

/// The name by which a field is focused.
pub(super) fn name(field: Field) -> String {
    format!("returnee-{}", field.as_str())
}

/// The name of the first field, for the focus.
pub(in super::super) fn focus_name() -> String {
    name(Field::Name)
}

/// The form.
pub(in super::super) fn view<'a>(form: &'a Form, context: &'a Context) -> Element<'a, Message> {
    let content = if let Some(both) = &form.clash {
        both.clash.view(
            Field::label,
            Message::Compared,
            Message::SavePressed,
            Message::CompareLeft,
        )
    } else if let Some(alike) = &form.alike {
        resemblance(form, alike)
    } else {
        fields(form, context)
    };
    let title = match &form.seen {
        Some(seen) => say!("follow_up.form.correct", name = seen.details.name),
        None => say!("follow_up.form.new"),
    };
    let failure = form.failure.as_ref().map(|failure| {
        let again =
            button::secondary(say!("follow_up.record.again")).on_press(Message::SavePressed);
        // What a cut line means for the input is said by its own advice.
        let kept = failure.problem().map(|_| say!("follow_up.record.kept"));
        let banner = failed(failure).action(again);
        Element::from(match kept {
            Some(kept) => banner.line(kept),
            None => banner,
        })
    });
    let body = Column::new()
        .push(text::title(title))
        .push(Column::new().push(page::slot(failure)).push(content))
        .spacing(space::L)
        .padding(space::L);
    let foot = (form.clash.is_none() && form.alike.is_none()).then(|| {
        let save = if form.saving {
            button::primary(say!("follow_up.form.saving"))
        } else {
            button::primary(say!("follow_up.form.save")).on_press(Message::SavePressed)
        };
        let row = Row::new()
            .push(save)
            .push(button::quiet(say!("follow_up.form.leave")).on_press(Message::CancelPressed))
            .push(text::hint(say!("follow_up.form.required")))
            .spacing(space::M)
            .align_y(Center);
        container(row).padding(Padding::from([space::S, space::L]))
    });
    Column::new()
        .push(scrollable(body).id(FORM).width(Fill).height(Fill))
        .push(foot.is_some().then(page::line))
        .push(foot)
        .into()
}

fn fields<'a>(form: &'a Form, context: &'a Context) -> Element<'a, Message> {
    let all = Field::ALL.into_iter().map(|field| match field {
        Field::Sex => choice(
            form,
            field,
            [Sex::Male, Sex::Female, Sex::Other].map(|sex| (sex_key(sex), words::sex(sex))),
        ),
        Field::Consent => choice(
            form,
            field,
            [true, false].map(|agreed| (consent_key(agreed), consent_word(agreed))),
        ),
        Field::Remarks => remarks(form),
        Field::HealthCentre => health_centre(form, context),
        _ => input(form, field, context),
    });
    Column::new()
        .push(page::slot(errors(form).or_else(|| over(form, context))))
        .push(
            Row::with_children(all)
                .spacing(space::L)
                .wrap()
                .vertical_spacing(space::M),
        )
        .into()
}

/// Whose fourteen days were over before they were entered: a slip of one digit would leave somebody
/// in no list of those to call.
fn over<'a>(form: &'a Form, context: &'a Context) -> Option<Element<'a, Message>> {
    let today = context.world.today();
    let day = Field::EntryDate
        .day(form.text(Field::EntryDate), today)
        .ok()?;
    let last = Period::after_entry(day).last_day;
    if form.seen.is_some() || last >= today {
        return None;
    }
    let title = say!(
        "follow_up.form.over",
        day = words::long_day(day),
        last = words::long_day(last)
    );
    let banner = banner(Tone::Warning, title).line(say!("follow_up.form.over_what"));
    Some(banner.into())
}

/// What is wrong, each line leading to its field.
fn errors<'a>(form: &'a Form) -> Option<Element<'a, Message>> {
    let wrong = form.wrong();
    if wrong.is_empty() {
        return None;
    }
    let mut banner = banner(
        Tone::Error,
        say!("follow_up.form.wrong", count = wrong.len()),
    );
    for (field, _) in wrong {
        banner = banner.action(
            button::quiet(format!("→ {}", field.label())).on_press(Message::JumpPressed(field)),
        );
    }
    Some(banner.into())
}

fn input<'a>(form: &'a Form, what: Field, context: &'a Context) -> Element<'a, Message> {
    let typed = form.text(what);
    let label = if what.is_required() {
        say!("follow_up.form.label_required", label = what.label())
    } else {
        what.label()
    };
    let error = match form.verdicts.get(&what) {
        Some(Verdict::Wrong(refused)) => Some(refused.sentence(spoken())),
        _ => None,
    };
    let mut input = field(label, typed)
        .id(name(what))
        .example(words::said(&format!("follow_up.example.{}", what.as_str())))
        .on_input(move |text| Message::Typed(what, text))
        .on_leave(Message::Left(what))
        .on_submit(match what {
            Field::HealthCentre => Message::CentreEntered,
            _ => Message::NextPressed,
        })
        .error(error)
        .width(Length::Fixed(FIELD));
    if let Some(hint) = hint(form, what, context) {
        input = input.hint(hint);
    }
    input.into()
}

/// The health centre, and below it those that match while it is typed.
fn health_centre<'a>(form: &'a Form, context: &'a Context) -> Element<'a, Message> {
    let offered = form.offered();
    let none = offered.is_empty() && form.choosing.open && !form.centres.is_empty();
    let marked = form.choosing.marked;
    let rows = offered.into_iter().enumerate().map(|(at, office)| {
        let words = format!("{}  {}", office.code, office.name);
        check::toggle(words, at == marked, Message::CentreChosen(at))
            .width(Fill)
            .into()
    });
    let rows = Column::with_children(rows).spacing(space::XS);
    let hint = if none {
        say!("follow_up.form.no_such_centre")
    } else {
        say!("follow_up.form.choose_centre")
    };
    Column::new()
        .push(input(form, Field::HealthCentre, context))
        .push(form.choosing.open.then(|| text::hint(hint)))
        .push(form.choosing.open.then_some(rows))
        .spacing(space::XS)
        .width(FIELD)
        .into()
}

fn remarks<'a>(form: &'a Form) -> Element<'a, Message> {
    let error = match form.verdicts.get(&Field::Remarks) {
        Some(Verdict::Wrong(refused)) => Some(refused.sentence(spoken())),
        _ => None,
    };
    area(
        Field::Remarks.label(),
        &form.remarks,
        Message::RemarksEdited,
    )
    .id(name(Field::Remarks))
    .example(say!("follow_up.example.remarks"))
    .on_leave(Message::Left(Field::Remarks))
    .error(error)
    .width(Length::Fixed(2.0 * FIELD + space::L))
    .into()
}

/// What the form knows of a field: both calendars, the age, the days that follow, what was put
/// right.
fn hint(form: &Form, field: Field, context: &Context) -> Option<String> {
    let today = context.world.today();
    if let Some(Verdict::PutRight(typed)) = form.verdicts.get(&field) {
        return Some(say!("follow_up.form.put_right", typed = typed));
    }
    if field == Field::HealthCentre && form.text(field).is_empty() {
        return Some(say!(
            "follow_up.form.own_office",
            office = context.office.name
        ));
    }
    if field == Field::HealthCentre {
        let code = form.text(field);
        let mut known = form.centres.iter();
        let office = known.find(|office| office.code.as_str() == code)?;
        return Some(office.name.to_string());
    }
    if !field.is_day() {
        return None;
    }
    let day = field.day(form.text(field), today).ok()?;
    Some(match field {
        Field::BirthDate => {
            say!(
                "follow_up.form.age",
                day = words::long_day(day),
                age = day.age_on(today)
            )
        }
        _ => say!(
            "follow_up.form.period",
            day = words::long_day(day),
            first = words::short_day(day.plus(1)),
            last = words::short_day(day.plus(shared::follow_up::period::FOLLOW_UP_DAYS))
        ),
    })
}

fn choice<'a, const N: usize>(
    form: &'a Form,
    field: Field,
    options: [(&'static str, String); N],
) -> Element<'a, Message> {
    let on = form.text(field);
    let toggles = options
        .into_iter()
        .map(|(word, words)| check::toggle(words, on == word, Message::Chosen(field, word)).into());
    Column::new()
        .push(text::strong(field.label()))
        .push(Row::with_children(toggles).spacing(space::S))
        .spacing(space::S)
        .width(FIELD)
        .into()
}

/// Someone very like the one typed, beside them.
fn resemblance<'a>(form: &'a Form, alike: &'a AlikePerson) -> Element<'a, Message> {
    let line = |label: String, mine: String, theirs: String| {
        let or_blank = |words: String| {
            if words.is_empty() {
                words::blank()
            } else {
                words
            }
        };
        Row::new()
            .push(text::strong(label).width(Length::FillPortion(2)))
            .push(text::body(or_blank(mine)).width(Length::FillPortion(3)))
            .push(text::body(or_blank(theirs)).width(Length::FillPortion(3)))
            .spacing(space::M)
    };
    let mine = |field: Field| field.shown(form.text(field));
    let open = alike
        .id
        .map(|_| button::keyed(say!("follow_up.alike.open"), "F7").on_press(Message::OtherPressed));
    let actions = Row::new()
        .push(open)
        .push(button::keyed(say!("follow_up.alike.add"), "F8").on_press(Message::AddPressed))
        .push(button::quiet(say!("follow_up.clash.back")).on_press(Message::AlikeLeft))
        .spacing(space::M);
    Column::new()
        .push(
            banner(Tone::Warning, say!("follow_up.alike.title")).line(say!("follow_up.alike.what")),
        )
        .push(line(
            String::new(),
            say!("follow_up.alike.mine"),
            say!("follow_up.alike.theirs"),
        ))
        .push(page::line())
        .push(line(
            Field::Name.label(),
            mine(Field::Name),
            alike.name.to_string(),
        ))
        .push(line(
            Field::BirthDate.label(),
            mine(Field::BirthDate),
            alike.birth_date.map_or_else(String::new, words::long_day),
        ))
        .push(line(
            Field::EntryDate.label(),
            mine(Field::EntryDate),
            words::long_day(alike.entry_date),
        ))
        .push(gap::vertical().height(space::S))
        .push(actions.wrap().vertical_spacing(space::S))
        .spacing(space::M)
        .into()
}

/// The keys of the form.
pub(in super::super) fn bindings(form: &Form) -> Vec<Binding<Message>> {
    if form.clash.is_some() {
        return clash::bindings(
            Message::Compared,
            Message::SavePressed,
            Message::CompareLeft,
        );
    }
    let named = |key, words: &str, message| binding(Shortcut::named(key), say!(words), message);
    if form.alike.is_some() {
        return vec![
            named(Named::F7, "follow_up.alike.open", Message::OtherPressed),
            named(Named::F8, "follow_up.alike.add", Message::AddPressed),
            named(Named::Escape, "follow_up.clash.back", Message::AlikeLeft),
        ];
    }
    let mut bindings = Vec::new();
    if form.choosing.open {
        for (key, down) in [(Named::ArrowDown, true), (Named::ArrowUp, false)] {
            let words = "follow_up.form.choose_centre";
            bindings.push(named(key, words, Message::CentreStepped(down)));
        }
    }
    bindings.extend([
        binding(
            Shortcut::command("s"),
            say!("follow_up.key.save"),
            Message::SavePressed,
        ),
        binding(
            Shortcut::command_named(Named::Enter),
            say!("follow_up.key.save"),
            Message::SavePressed,
        ),
        named(
            Named::Escape,
            "follow_up.form.leave",
            Message::CancelPressed,
        ),
    ]);
    bindings
}
