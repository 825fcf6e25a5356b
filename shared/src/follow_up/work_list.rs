//! The work list: who is due, late or with signs, page by page.

use serde::{Deserialize, Serialize};

use super::observation::Temperature;
use super::returnee::{PersonName, Reading};
use crate::Day;
use crate::accounts::Person;
use crate::contract::{Personal, endpoints};
use crate::id::{Cursor, Page, ReturneeId, Version};
use crate::offices::Office;
use crate::text::Phone;

/// How many rows a page holds unless asked otherwise, and at most.
pub const PAGE_ROWS: u16 = 50;

/// The most rows of one page.
pub const MOST_ROWS: u16 = 200;

/// Which returnees to list. Without any filter: all whose follow-up is open, the first to end
/// first. Filters add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WorkListQuery {
    /// Any part of name, reading, romaji, phone or passport number, in any width and kana. A
    /// search looks at ended follow-ups too, newest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// 今日未連絡: due today and not reached yet.
    #[serde(default)]
    pub not_reached_today: bool,
    /// 有症状: with an open sign.
    #[serde(default)]
    pub with_signs: bool,
    /// 自分の担当: assigned to the caller.
    #[serde(default)]
    pub mine: bool,
    /// 今日終了: whose last day is today.
    #[serde(default)]
    pub ending_today: bool,
    /// 終了: those whose follow-up has ended, instead of the open ones.
    #[serde(default)]
    pub ended: bool,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
    /// How many rows, 1 to [`MOST_ROWS`]; [`PAGE_ROWS`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u16>,
}

/// One cell of the strip that shows a follow-up day by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StripDay {
    /// Reached, nothing wrong.
    Well,
    /// A sign was seen.
    Sign,
    /// Tried, not reached.
    NotReached,
    /// Past or today, and nothing recorded.
    Missing,
    /// Yet to come.
    Ahead,
}

/// One line of the work list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WorkListRow {
    /// Who.
    pub id: ReturneeId,
    /// The returnee's version.
    pub version: Version,
    /// 氏名
    pub name: PersonName,
    /// フリガナ
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<Reading>,
    /// 電話番号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// 入国日
    pub entry_date: Day,
    /// Day 1 of the follow-up; the strip begins here.
    pub first_day: Day,
    /// The last day of the follow-up.
    pub last_day: Day,
    /// One for each day of the follow-up, 14 unless it was ended or extended.
    pub strip: Vec<StripDay>,
    /// The version of today's observation; 0 where there is none, so that a day can be recorded
    /// from the list.
    pub today_version: Version,
    /// The last temperature taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<Temperature>,
    /// The day on which it was taken; absent where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature_day: Option<Day>,
    /// Whether a sign is open.
    pub open_sign: bool,
    /// 担当
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Person>,
    /// Whether they came from another health centre and nobody here has taken them on yet.
    #[serde(default)]
    pub handed_over: bool,
    /// 管轄保健所
    pub health_centre: Office,
}

/// Asks for the sums of the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CountsQuery {}

/// The sums of the day, for 今日の仕事 and under the list.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Counts {
    /// Follow-ups that are open.
    pub open: u64,
    /// Of these, due today and not reached yet.
    pub not_reached_today: u64,
    /// With an open sign.
    pub with_signs: u64,
    /// Assigned to the caller, open.
    pub mine: u64,
    /// Whose last day is today.
    pub ending_today: u64,
}

endpoints! {
    /// Lists returnees, page by page.
    ListReturnees = Get "/v1/returnees" WorkListQuery => Page<WorkListRow>,
        session [Staff, Administrator], Personal::Reads;

    /// The sums of the day.
    CountReturnees = Get "/v1/returnee-counts" CountsQuery => Counts,
        session [Staff, Administrator], Personal::None;
}
