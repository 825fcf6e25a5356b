//! What a list would do, line by line, as it is looked at before anything is written.

use shared::id::{IdempotencyKey, Version};
use shared::offices::OfficeCode;
use shared::offices::contact_list::{ContactLine, ContactList, Says};
use shared::offices::contacts::{Contact, ContactEffect, ContactFindings, NewContact};
use shared::text::MailAddress;

use super::Trouble;
use crate::api::Failure;

/// The lines that say something about a contact.
pub(in super::super) struct Look {
    pub(in super::super) rows: Vec<LookRow>,
    pub(in super::super) cursor: usize,
    /// It was asked whether this shall be registered.
    pub(in super::super) asking: bool,
    pub(in super::super) failure: Option<Failure>,
    pub(in super::super) trouble: Option<Trouble>,
    /// The key of the write under way, the same for each try.
    pub(super) key: Option<IdempotencyKey>,
}

/// One line, and what it would do.
pub(in super::super) struct LookRow {
    pub(in super::super) line: u32,
    pub(in super::super) of_list: ContactLine,
    /// What the server said; `None` for what is not sent.
    pub(in super::super) effect: Option<ContactEffect>,
    pub(in super::super) present: Option<Contact>,
}

impl LookRow {
    fn contact(&self) -> Option<&shared::offices::contact_list::Contact> {
        match &self.of_list.says {
            Says::Contact(contact) => Some(contact),
            _ => None,
        }
    }

    /// The office that is meant, if that is certain.
    pub(in super::super) fn office(&self) -> Option<&OfficeCode> {
        match &self.of_list.says {
            Says::Contact(contact) => Some(&contact.office),
            Says::Dropped { office, .. } => Some(office),
            _ => None,
        }
    }

    /// The addresses of this line that are left out, because the first counts (M-01).
    pub(in super::super) fn dropped(&self) -> &[MailAddress] {
        match &self.of_list.says {
            Says::Contact(contact) => &contact.dropped,
            Says::Dropped { mails, .. } => mails,
            _ => &[],
        }
    }

    /// Whether it will be registered as it stands.
    pub(in super::super) fn is_good(&self) -> bool {
        let refused = |effect: ContactEffect| effect.refused().is_some();
        self.contact().is_some() && !self.effect.is_some_and(refused)
    }

    /// Whether somebody should look at it.
    fn is_issue(&self) -> bool {
        let shared = self.contact().is_some_and(|it| it.shared_with.is_some());
        !self.is_good() || shared || !self.dropped().is_empty()
    }

    fn new_contact(&self) -> Option<NewContact> {
        let contact = self.contact()?;
        Some(NewContact {
            office: contact.office.clone(),
            version: self.present.as_ref().map_or(Version(0), |it| it.version),
            mail: contact.mail.clone(),
            password_mail: contact.password_mail.clone(),
            no_password_mail: false,
        })
    }
}

impl Look {
    /// The lines of a list that nobody was asked about yet.
    pub(super) fn of(list: &ContactList, mark: usize) -> Self {
        let says_something =
            |line: &&ContactLine| !matches!(line.says, Says::Prose | Says::Name(_));
        let lines = list.lines.iter().filter(says_something);
        let rows = lines.map(|line| LookRow {
            line: line.line,
            of_list: line.clone(),
            effect: None,
            present: None,
        });
        let rows: Vec<LookRow> = rows.collect();
        Self {
            cursor: mark.min(rows.len().saturating_sub(1)),
            rows,
            asking: false,
            failure: None,
            trouble: None,
            key: None,
        }
    }

    /// Every contact of the list, to be compared.
    pub(super) fn contacts(&self) -> Vec<NewContact> {
        self.rows.iter().filter_map(LookRow::new_contact).collect()
    }

    /// Those that can be registered, with the versions that were seen.
    pub(super) fn good_contacts(&self) -> Vec<NewContact> {
        let good = self.rows.iter().filter(|row| row.is_good());
        good.filter_map(LookRow::new_contact).collect()
    }

    /// Takes in what the server found: one for each contact, in their order.
    pub(super) fn take(&mut self, findings: &ContactFindings) {
        let contacts = self.rows.iter_mut().filter(|row| row.contact().is_some());
        for (row, finding) in contacts.zip(&findings.findings) {
            row.effect = Some(finding.effect);
            row.present = finding.present.clone();
        }
        self.failure = None;
    }

    pub(in super::super) fn marked(&self) -> Option<&LookRow> {
        self.rows.get(self.cursor)
    }

    /// The nth office that may be meant on the marked line.
    pub(super) fn choice(&self, nth: usize) -> Option<(u32, OfficeCode)> {
        let row = self.marked()?;
        let office = row.of_list.choices().get(nth)?;
        Some((row.line, office.clone()))
    }

    /// Marks the next line that somebody should look at, from the top again after the last.
    pub(super) fn next_issue(&mut self) {
        let below = (self.cursor + 1..self.rows.len()).chain(0..self.cursor);
        let mut issues = below.filter(|at| self.rows[*at].is_issue());
        if let Some(at) = issues.next() {
            self.cursor = at;
        }
    }

    /// How many contacts would be registered with this effect.
    pub(in super::super) fn count(&self, effect: ContactEffect) -> usize {
        let rows = self.rows.iter();
        rows.filter(|row| row.effect == Some(effect)).count()
    }

    /// How many lines are left out as they stand.
    pub(in super::super) fn left_out(&self) -> usize {
        let rows = self.rows.iter().filter(|row| !row.is_good());
        rows.filter(|row| !matches!(row.of_list.says, Says::Dropped { .. }))
            .count()
    }

    /// How many addresses are left out because another of their office came first.
    pub(in super::super) fn dropped(&self) -> usize {
        self.rows.iter().map(|row| row.dropped().len()).sum()
    }

    /// How many contacts would be written.
    pub(in super::super) fn to_register(&self) -> usize {
        self.count(ContactEffect::New) + self.count(ContactEffect::Changed)
    }

    /// Whether they may have been registered without anybody knowing yet.
    pub(in super::super) fn may_be_registered(&self) -> bool {
        self.key.is_some() && matches!(self.failure, Some(Failure::Unreachable(_)))
    }
}
