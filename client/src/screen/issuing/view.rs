//! How the screen looks.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill};
use shared::enrolment::job::JobKind;

use super::{Export, Issuing, Message, Place, jobs, key_of, offices, order, words};
use crate::api::Failure;
use crate::say;
use crate::screen::{Context, failed};
use crate::ui::dialog::{Behind, card, over};
use crate::ui::token::space;
use crate::ui::{Element, button, check, page, text};

pub(super) fn view<'a>(issuing: &'a Issuing, context: &'a Context) -> Element<'a, Message> {
    let waiting = issuing.jobs.wait_for(context);
    let jobs = match waiting {
        0 => say!("issuing.place.jobs"),
        count => say!("issuing.place.jobs_waiting", count = count),
    };
    let places = Row::new()
        .push(check::toggle(
            say!("issuing.place.offices"),
            issuing.place == Place::Offices,
            Message::PlacePressed(Place::Offices),
        ))
        .push(check::toggle(
            jobs,
            issuing.place == Place::Jobs,
            Message::PlacePressed(Place::Jobs),
        ))
        .spacing(space::XS);
    let mut head = Row::new()
        .push(text::title(say!("issuing.title")))
        .push(places)
        .spacing(space::M)
        .align_y(Center);
    if issuing.place == Place::Offices {
        for kind in JobKind::ALL {
            let key = format!("{:?}", key_of(*kind));
            let message = Message::OrderPressed(*kind);
            let may = issuing.offices.target(*kind).map(|_| message);
            head = head.push(button::keyed(words::kind_pressed(*kind), key).on_press_maybe(may));
        }
    }
    if issuing.place == Place::Offices || issuing.jobs.results_query().is_some() {
        let export = button::keyed(say!("issuing.export"), "F6");
        head = head.push(export.on_press(Message::ExportPressed));
    }
    let failure = match &issuing.export {
        Some(Export::Failed(failure)) => Some(not_all(failure)),
        _ => None,
    };
    let present = match issuing.place {
        Place::Offices => offices::view(&issuing.offices).map(Message::Offices),
        Place::Jobs => jobs::view(&issuing.jobs, context).map(Message::Jobs),
    };
    let page = container(
        Column::new()
            .push(head.wrap().vertical_spacing(space::XS))
            .push(page::slot(failure))
            .push(present)
            .spacing(space::S),
    )
    .padding(space::M)
    .width(Fill)
    .height(Fill);
    let front = match (&issuing.order, &issuing.export) {
        (Some(order), _) => Some(order::view(order).map(Message::Order)),
        (None, Some(Export::Saving(saving))) => Some(card(saving.view().map(Message::Saving))),
        (None, Some(Export::UnderWay { .. })) => Some(gathering()),
        (None, _) => jobs::question(&issuing.jobs).map(|it| it.map(Message::Jobs)),
    };
    over(page, front, Behind::Dimmed).into()
}

/// Not all rows of the list came, so there is no file.
fn not_all<'a>(failure: &Failure) -> Element<'a, Message> {
    let again = button::secondary(say!("issuing.again")).on_press(Message::ExportPressed);
    failed(failure)
        .line(say!("issuing.not_saved"))
        .action(again)
        .into()
}

/// While the rows are fetched.
fn gathering<'a>() -> Element<'a, Message> {
    let content = Column::new()
        .push(text::section(say!("issuing.export")))
        .push(text::body(say!("issuing.gathering")))
        .push(button::keyed(say!("issuing.stop"), "Esc").on_press(Message::StopPressed))
        .spacing(space::L);
    card(content)
}
