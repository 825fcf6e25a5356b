//! Whose offices a caller sees where no person's data is concerned: contacts, links,
//! certificates. The helpdesk and the ministry see the country, everybody else their own office
//! and those under it.

use std::collections::HashSet;

use shared::accounts::Role;
use shared::offices::OfficeCode;
use shared::text::Refused;
use shared::{Problem, ProblemCode};

use crate::app::Caller;
use crate::store;

/// Whose offices a caller sees.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// All.
    Country,
    /// The office with the number `root` and those under it.
    Offices {
        /// The caller's own.
        root: i64,
        /// All of them.
        numbers: HashSet<i64>,
    },
}

impl Reach {
    /// Whose offices this caller sees.
    ///
    /// # Errors
    /// `not-logged-in`; the store fails.
    pub(crate) async fn of(sql: &mut store::Connection, caller: &Caller) -> Result<Self, Problem> {
        let role = caller.person()?.role;
        if matches!(role, Role::Helpdesk | Role::Officer) {
            return Ok(Self::Country);
        }
        let root = caller.terminal.office_number;
        let offices = store::offices::with_descendants(sql, root).await?;
        let numbers = offices.iter().map(|office| office.number).collect();
        Ok(Self::Offices { root, numbers })
    }

    /// Whether the office with this number is among them.
    pub(crate) fn holds(&self, number: i64) -> bool {
        match self {
            Self::Country => true,
            Self::Offices { numbers, .. } => numbers.contains(&number),
        }
    }

    /// The number of the office with this code. Someone else's is not found, like one that does
    /// not exist.
    ///
    /// # Errors
    /// `not-found`; the store fails.
    pub(crate) async fn number(
        &self,
        sql: &mut store::Connection,
        code: &OfficeCode,
    ) -> Result<i64, Problem> {
        let known = store::offices::by_code(sql, code).await?;
        known
            .map(|known| known.number)
            .filter(|number| self.holds(*number))
            .ok_or_else(|| Problem::new(ProblemCode::NotFound))
    }

    /// The number of the office under which a list is asked for, itself among them: the one
    /// named, or else the caller's own; `None` for the whole country.
    ///
    /// # Errors
    /// `not-found` for one that the caller does not see; the store fails.
    pub(crate) async fn under(
        &self,
        sql: &mut store::Connection,
        named: Option<&OfficeCode>,
    ) -> Result<Option<i64>, Problem> {
        match (named, self) {
            (Some(code), _) => self.number(sql, code).await.map(Some),
            (None, Self::Country) => Ok(None),
            (None, Self::Offices { root, .. }) => Ok(Some(*root)),
        }
    }
}

/// Where a list of offices by code goes on.
///
/// # Errors
/// `invalid-field` for what is no cursor.
pub(crate) fn after(cursor: Option<&str>) -> Result<Option<OfficeCode>, Problem> {
    cursor
        .map(OfficeCode::parse)
        .transpose()
        .map_err(|_| Problem::refused("after", Refused::new("cursor")))
}
