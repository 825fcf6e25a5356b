//! 利用者の管理: the accounts of the office's staff, as its administrators (利用者認証実施者) keep them:
//! made, handed over inside the enrolled terminal, named, deleted (M-08).

mod deed;
mod form;
mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use iced::Task;
use iced::widget::operation;
use jiff::SignedDuration;
use shared::accounts::administration::{
    Account, Accounts, AccountsQuery, ListAccounts, PasswordHandedOver,
};
use shared::id::UserId;
use shared::mail::SpokenPassword;

use super::read_out::ReadOut;
use super::{Context, InView, Screen, Step};
use crate::api::Failure;
use crate::ui::Element;
use crate::ui::focus::focus_if_idle;
use crate::ui::keys::Binding;
use deed::Deed;
use form::Form;

/// How long a password that is to be written down is shown.
const SHOWN: SignedDuration = SignedDuration::from_mins(5);

/// The name of the list, for the focus.
const LIST: &str = "accounts-list";

/// The screen's state.
pub struct AccountsScreen {
    accounts: Option<Vec<Account>>,
    cursor: usize,
    failure: Option<Failure>,
    loading: bool,
    /// Which question was asked last; an answer to an older one is dropped.
    turn: u64,
    /// Somebody has just come here and waits for the list, which gets the keys with its rows.
    entering: bool,
    front: Option<Front>,
    /// Whether it can be seen: it is in front, and the window is not locked.
    is_seen: bool,
    /// What was done last.
    done: Option<Done>,
}

/// What stands in front of the list.
enum Front {
    Form(Form),
    Deed(Deed),
    /// A password to hand over, and whose.
    Handed(Box<Account>, ReadOut),
    /// One that cannot be shown any more, whose it is, and why not.
    Gone(Box<Account>, Gone),
}

/// Why a password that was made cannot be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gone {
    /// The answer that held it was lost on the line.
    Lost,
    /// It was shown, and hidden by the time or because somebody left.
    Hidden,
}

/// What was done last, and to whom.
enum Done {
    Renamed(String),
    Deleted(String),
}

/// What happened on it.
#[derive(Clone)]
pub struct Message(Happened);

#[derive(Clone)]
enum Happened {
    /// The list arrived, or not, as the answer to this question.
    Listed(u64, Result<Accounts, Failure>),
    ReloadPressed,
    Moved(usize),
    AddPressed,
    RenamePressed(usize),
    PasswordPressed,
    DeletePressed,
    Form(form::Message),
    Deed(deed::Message),
    HidePressed,
}

fn on_form(message: form::Message) -> Message {
    Message(Happened::Form(message))
}

fn on_deed(message: deed::Message) -> Message {
    Message(Happened::Deed(message))
}

impl AccountsScreen {
    fn load(&mut self, context: &Context) -> Task<Message> {
        self.loading = true;
        self.turn += 1;
        let turn = self.turn;
        let list = context.api.call::<ListAccounts>(AccountsQuery {});
        Task::perform(list, move |result| Message(Happened::Listed(turn, result)))
    }

    /// The account that is marked.
    fn chosen(&self) -> Option<&Account> {
        self.accounts.as_ref()?.get(self.cursor)
    }

    /// The one that is marked, if it can be changed here.
    fn to_change(&self) -> Option<&Account> {
        self.chosen().filter(|account| account.is_kept_here())
    }

    /// Marks this one, wherever it stands.
    fn mark(&mut self, id: UserId) {
        let place = self.accounts.iter().flatten().position(|it| it.id == id);
        self.cursor = place.unwrap_or(self.cursor);
    }

    fn listed(&mut self, result: Result<Accounts, Failure>) {
        self.loading = false;
        match result {
            Ok(accounts) => {
                let marked = self.chosen().map(|account| account.id);
                self.failure = None;
                self.cursor = self.cursor.min(accounts.accounts.len().saturating_sub(1));
                self.accounts = Some(accounts.accounts);
                if let Some(marked) = marked {
                    self.mark(marked);
                }
            }
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// An account as it stands now, in the list, where it stands by name.
    fn take(&mut self, account: Account) {
        let id = account.id;
        // Where the list did not arrive, one account is not all of them.
        let Some(accounts) = &mut self.accounts else {
            return;
        };
        accounts.retain(|it| it.id != id);
        accounts.push(account);
        accounts.sort_by(|a, b| (a.name.as_str(), a.id).cmp(&(b.name.as_str(), b.id)));
        self.mark(id);
    }

    /// Shows the password that was made, this once.
    fn hand_over(&mut self, made: PasswordHandedOver, context: &Context) {
        let account = Box::new(made.account.clone());
        self.take(made.account);
        self.front = Some(match made.password {
            Some(password) => {
                // With the hyphens between the groups, as it is to be written down.
                let groups = password.reveal().split_inclusive('-');
                let groups = groups.map(str::to_owned).collect();
                let spoken = Arc::new(SpokenPassword { groups });
                let shown = ReadOut::new(spoken, context.world.now(), SHOWN);
                Front::Handed(account, shown)
            }
            None => Front::Gone(account, Gone::Lost),
        });
    }

    /// Somebody sees it from now on, and with it a password that came while nobody did: only now
    /// does its time begin, or it would be over before anybody could write it down.
    fn seen(&mut self, context: &Context) {
        let was_seen = std::mem::replace(&mut self.is_seen, true);
        if let Some(Front::Handed(_, shown)) = &mut self.front
            && !was_seen
        {
            shown.show_from(context.world.now(), SHOWN);
        }
    }

    /// Takes a password out of view; whoever looks next is told so.
    fn hide(&mut self) {
        self.front = match self.front.take() {
            Some(Front::Handed(account, _)) => Some(Front::Gone(account, Gone::Hidden)),
            other => other,
        };
    }

    fn open(&mut self, front: Front) -> Step<Message> {
        let task = match &front {
            Front::Form(form) => form.entered().map(on_form),
            Front::Deed(_) => operation::focus(deed::STAY),
            Front::Handed(..) | Front::Gone(..) => Task::none(),
        };
        self.front = Some(front);
        self.done = None;
        Step::Run(task)
    }

    /// Back to the list, which is asked for anew: what was sent may have arrived although no answer
    /// came, and colleagues keep the same accounts.
    fn back(&mut self, context: &Context) -> Step<Message> {
        self.front = None;
        Step::Run(Task::batch([self.load(context), focus_if_idle(LIST)]))
    }

    fn update_form(&mut self, message: form::Message, context: &Context) -> Step<Message> {
        let Some(Front::Form(form)) = &mut self.front else {
            return Step::None;
        };
        match form.update(message, context) {
            form::Action::None => Step::None,
            form::Action::Run(task) => Step::Run(task.map(on_form)),
            form::Action::Closed => self.back(context),
            form::Action::Added(made) => {
                self.hand_over(*made, context);
                Step::None
            }
            form::Action::Renamed(account) => {
                self.done = Some(Done::Renamed(account.name.to_string()));
                self.take(*account);
                self.back(context)
            }
        }
    }

    fn update_deed(&mut self, message: deed::Message, context: &Context) -> Step<Message> {
        let Some(Front::Deed(deed)) = &mut self.front else {
            return Step::None;
        };
        match deed.update(message, context) {
            deed::Action::None => Step::None,
            deed::Action::Run(task) => Step::Run(task.map(on_deed)),
            deed::Action::Closed => self.back(context),
            deed::Action::HandedOver(made) => {
                self.hand_over(*made, context);
                Step::None
            }
            deed::Action::Deleted(account) => {
                self.done = Some(Done::Deleted(account.name.to_string()));
                if let Some(accounts) = &mut self.accounts {
                    accounts.retain(|it| it.id != account.id);
                    self.cursor = self.cursor.min(accounts.len().saturating_sub(1));
                }
                self.back(context)
            }
        }
    }
}

impl Screen for AccountsScreen {
    type Message = Message;

    fn new(context: &Context) -> (Self, Task<Message>) {
        let mut screen = Self {
            accounts: None,
            cursor: 0,
            failure: None,
            loading: false,
            turn: 0,
            entering: true,
            front: None,
            is_seen: true,
            done: None,
        };
        let task = screen.load(context);
        (screen, task)
    }

    fn entered(&mut self, context: &Context) -> Task<Message> {
        self.seen(context);
        self.entering = self.accounts.is_none();
        let focus = match &self.front {
            Some(Front::Form(form)) => form.entered().map(on_form),
            Some(Front::Deed(_)) => operation::focus(deed::STAY),
            Some(Front::Handed(..) | Front::Gone(..)) => Task::none(),
            None => operation::focus(LIST),
        };
        Task::batch([self.load(context), focus])
    }

    fn reload(&mut self, context: &Context) -> Task<Message> {
        self.load(context)
    }

    fn update(&mut self, message: Message, context: &Context) -> Step<Message> {
        match message.0 {
            Happened::Listed(turn, _) if turn != self.turn => Step::None,
            Happened::Listed(_, result) => {
                self.listed(result);
                let is_awaited = std::mem::take(&mut self.entering) && self.accounts.is_some();
                match is_awaited && self.front.is_none() {
                    // Whoever types elsewhere by now goes on typing.
                    true => Step::Run(focus_if_idle(LIST)),
                    false => Step::None,
                }
            }
            Happened::ReloadPressed => {
                self.done = None;
                Step::Run(self.load(context))
            }
            Happened::Moved(to) => {
                self.cursor = to;
                Step::None
            }
            // What is in front is finished or put away first.
            Happened::AddPressed
            | Happened::RenamePressed(_)
            | Happened::PasswordPressed
            | Happened::DeletePressed
                if self.front.is_some() =>
            {
                Step::None
            }
            Happened::AddPressed => self.open(Front::Form(Form::add())),
            Happened::RenamePressed(at) => {
                self.cursor = at;
                match self.to_change().cloned() {
                    Some(account) => self.open(Front::Form(Form::rename(account))),
                    None => Step::None,
                }
            }
            Happened::PasswordPressed => match self.to_change().cloned() {
                Some(account) => self.open(Front::Deed(Deed::password(account))),
                None => Step::None,
            },
            Happened::DeletePressed => match self.to_change().cloned() {
                Some(account) => self.open(Front::Deed(Deed::delete(account))),
                None => Step::None,
            },
            Happened::Form(message) => self.update_form(message, context),
            Happened::Deed(message) => self.update_deed(message, context),
            Happened::HidePressed => self.back(context),
        }
    }

    fn left(&mut self) {
        self.hide();
        self.is_seen = false;
        self.done = None;
    }

    fn passed(&mut self, context: &Context) {
        let now = context.world.now();
        let is_over = matches!(&self.front, Some(Front::Handed(_, shown)) if shown.is_over(now));
        // Behind the lock nobody has seen it.
        if is_over && self.is_seen {
            self.hide();
        }
    }

    fn view<'a>(&'a self, context: &'a Context) -> Element<'a, Message> {
        view::view(self, context)
    }

    fn bindings(&self) -> Vec<Binding<Message>> {
        view::bindings(self)
    }

    fn unsaved_count(&self) -> usize {
        match &self.front {
            Some(Front::Form(form)) => usize::from(form.is_changed()),
            // The password that it makes comes with its answer, and is kept nowhere.
            Some(Front::Deed(deed)) => usize::from(deed.sending),
            _ => 0,
        }
    }

    fn in_view(&self) -> Option<InView> {
        matches!(self.front, Some(Front::Handed(..))).then_some(InView::Once)
    }
}
