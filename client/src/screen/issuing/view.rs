//! How the screen looks.

use iced::widget::{Column, Row, container};
use iced::{Center, Fill};
use shared::enrolment::job::JobKind;

use super::{Issuing, Message, Place, Saved, jobs, offices, order, words};
use crate::say;
use crate::screen::Context;
use crate::ui::banner::banner;
use crate::ui::chip::Tone;
use crate::ui::dialog::{Behind, over};
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
        for (kind, key) in JobKind::ALL.iter().zip(["F2", "F3", "F4"]) {
            let message = Message::OrderPressed(*kind);
            let may = issuing.offices.selected().map(|_| message);
            head = head.push(button::keyed(words::kind_pressed(*kind), key).on_press_maybe(may));
        }
    }
    if issuing.place == Place::Offices || issuing.jobs.results_query().is_some() {
        let export = button::keyed(say!("issuing.export"), "F6");
        let busy = issuing.saved == Some(Saved::UnderWay);
        head = head.push(export.on_press_maybe((!busy).then_some(Message::ExportPressed)));
    }
    let saved = issuing.saved.as_ref().map(saved);
    let present = match issuing.place {
        Place::Offices => offices::view(&issuing.offices).map(Message::Offices),
        Place::Jobs => jobs::view(&issuing.jobs, context).map(Message::Jobs),
    };
    let page = container(
        Column::new()
            .push(head.wrap().vertical_spacing(space::XS))
            .push(page::slot(saved))
            .push(present)
            .spacing(space::S),
    )
    .padding(space::M)
    .width(Fill)
    .height(Fill);
    let order = issuing.order.as_ref();
    let front = match order {
        Some(order) => Some(order::view(order).map(Message::Order)),
        None => jobs::question(&issuing.jobs).map(|it| it.map(Message::Jobs)),
    };
    over(page, front, Behind::Dimmed).into()
}

fn saved<'a>(saved: &Saved) -> Element<'a, Message> {
    match saved {
        Saved::UnderWay => banner(Tone::Info, say!("issuing.saving")),
        Saved::At(path) => {
            banner(Tone::Success, say!("issuing.saved")).line(path.display().to_string())
        }
        Saved::Nowhere => banner(Tone::Info, say!("issuing.saved_nowhere")),
        Saved::Failed(why) => banner(Tone::Error, say!("issuing.not_saved", why = why))
            .line(say!("issuing.not_saved_why")),
    }
    .into()
}
