//! API tokens: what is kept of them.

use super::{PersonId, ScheduleId, TokenId};
use jiff::Timestamp;

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Reads everything.
    Read,
    /// Reads everything, acts as this person, edits their own methods and rules.
    Person(PersonId),
    /// Everything.
    Admin,
    /// Opens one calendar feed, and nothing else anywhere.
    Feed(Feed),
}

/// Whose duty a calendar feed shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedOf {
    /// Everybody's on one schedule.
    Schedule(ScheduleId),
    /// One person's on all schedules.
    Person(PersonId),
}

/// A calendar feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// What it shows.
    pub of: FeedOf,
    /// Who made it and may revoke it; `None`: an admin.
    pub made_by: Option<PersonId>,
}

/// An API token. The secret itself is shown once and never kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The public part.
    pub id: TokenId,
    /// What it may do.
    pub kind: TokenKind,
    /// What it is for, in its maker's words.
    pub name: String,
    /// SHA-256 of the whole token.
    pub sha256: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}
