//! Duty in words, for notices: headline and text in the language that the person reads, names as the configuration has them,
//! times on the reader's own wall clock.

use crate::model::{Amiss, Directory, Draft, Language, PersonId, ScheduleId};
use crate::notify;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Who reads, and what they see names and times by.
pub(super) struct Reader<'a> {
    pub(super) directory: &'a Directory,
    pub(super) language: Language,
    zone: TimeZone,
}

impl<'a> Reader<'a> {
    pub(super) fn of(draft: &Draft<'a>, person: &PersonId) -> Self {
        let notify::Reader { zone, language } = notify::Reader::of(draft, person);
        Self { directory: draft.view.directory, language, zone }
    }

    fn is_english(&self) -> bool {
        self.language == Language::English
    }

    fn clock(&self, at: Timestamp) -> String {
        let at = at.to_zoned(self.zone.clone());
        if self.is_english() {
            return at.strftime("%a %-d %b %H:%M").to_string();
        }
        let day = ["月", "火", "水", "木", "金", "土", "日"];
        let day = day[usize::from(at.weekday().to_monday_zero_offset().unsigned_abs())];
        format!("{}({day}) {}", at.strftime("%-m月%-d日"), at.strftime("%H:%M"))
    }

    fn place(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// `Mon 2 Mar 09:00 (Asia/Tokyo)`.
    pub(super) fn instant(&self, at: Timestamp) -> String {
        format!("{} ({})", self.clock(at), self.place())
    }

    /// `from Mon 2 Mar 09:00 to Tue 3 Mar 09:00 (Asia/Tokyo)`.
    pub(super) fn span(&self, starts_at: Timestamp, ends_at: Timestamp) -> String {
        let (from, to, place) = (self.clock(starts_at), self.clock(ends_at), self.place());
        match self.language {
            Language::English => format!("from {from} to {to} ({place})"),
            Language::Japanese => format!("{from} から {to} まで ({place})"),
        }
    }

    fn name<'p>(&'p self, person: &'p PersonId) -> &'p str {
        self.directory.name_of(person.as_str())
    }

    /// A shift has begun, and whose is the next.
    pub(super) fn begins(
        &self,
        schedule: &ScheduleId,
        until: Timestamp,
        next: Option<&PersonId>,
    ) -> (String, String) {
        let (until, next) = (self.instant(until), next.map(|next| self.name(next)));
        if self.is_english() {
            let next = match next {
                Some(next) => format!("After you: {next}."),
                None => "Nobody is on call after you.".to_owned(),
            };
            let subject = format!("You are on call on {schedule}");
            return (subject.clone(), format!("{subject} until {until}. {next}"));
        }
        let next = match next {
            Some(next) => format!("次の担当は {next} さんです。"),
            None => "次の担当者はいません。".to_owned(),
        };
        let subject = format!("{schedule} のオンコール担当になりました");
        (subject, format!("{schedule} のオンコール担当です。{until} まで。{next}"))
    }

    /// A shift is over, and who has it now.
    pub(super) fn relieved(
        &self,
        schedule: &ScheduleId,
        by: Option<&PersonId>,
    ) -> (String, String) {
        let by = by.map(|by| self.name(by));
        if self.is_english() {
            let now = match by {
                Some(by) => format!("{by} is on call now."),
                None => "Nobody is on call now: the fallback is paged.".to_owned(),
            };
            let subject = format!("Your shift on {schedule} is over");
            return (subject.clone(), format!("{subject}. {now}"));
        }
        let now = match by {
            Some(by) => format!("現在の担当は {by} さんです。"),
            None => "現在の担当者はいません。予備の担当者が呼び出されます。".to_owned(),
        };
        let subject = format!("{schedule} のシフトが終わりました");
        (subject.clone(), format!("{subject}。{now}"))
    }

    /// A shift begins before long.
    pub(super) fn soon(
        &self,
        schedule: &ScheduleId,
        starts_at: Timestamp,
        ends_at: Timestamp,
    ) -> (String, String) {
        let span = self.span(starts_at, ends_at);
        match self.language {
            Language::English => (
                format!("Your shift on {schedule} begins soon"),
                format!("You are on call on {schedule} {span}."),
            ),
            Language::Japanese => (
                format!("まもなく {schedule} のシフトが始まります"),
                format!("{schedule} のオンコール担当です: {span}。"),
            ),
        }
    }

    /// The headline of hours that are amiss; `again` within a day of them.
    pub(super) fn amiss_headline(&self, schedule: &ScheduleId, twice: bool, again: bool) -> String {
        match (self.language, twice, again) {
            (Language::English, false, false) => format!("Shifts that nobody has on {schedule}"),
            (Language::English, false, true) => {
                format!("Within a day nobody has a shift on {schedule}")
            }
            (Language::English, true, false) => {
                format!("Somebody is on call twice at once on {schedule}")
            }
            (Language::English, true, true) => {
                format!("Within a day somebody is on call twice at once on {schedule}")
            }
            (Language::Japanese, false, false) => {
                format!("{schedule} に担当者のいない時間があります")
            }
            (Language::Japanese, false, true) => {
                format!("24時間以内に {schedule} の担当者がいなくなります")
            }
            (Language::Japanese, true, false) => {
                format!("{schedule} の担当がほかの担当と重なっています")
            }
            (Language::Japanese, true, true) => {
                format!("24時間以内に {schedule} の担当がほかの担当と重なります")
            }
        }
    }

    /// One of them; `goes_on` when it is longer than is looked ahead.
    pub(super) fn amiss_line(
        &self,
        amiss: &Amiss,
        starts_at: Timestamp,
        ends_at: Timestamp,
        goes_on: bool,
    ) -> String {
        let span = self.span(starts_at, ends_at);
        if self.is_english() {
            let who = match amiss {
                Amiss::Gap => "nobody is on call".to_owned(),
                Amiss::Uncovered(person) => {
                    format!("{} is on call and absent", self.name(person))
                }
                Amiss::Twice(person, other) => {
                    format!("{} is on call here and on {other}", self.name(person))
                }
            };
            let open = if goes_on { ", and on" } else { "" };
            return format!("- {who} {span}{open}");
        }
        let who = match amiss {
            Amiss::Gap => "担当者なし".to_owned(),
            Amiss::Uncovered(person) => format!("担当の {} さんは不在", self.name(person)),
            Amiss::Twice(person, other) => {
                format!("{} さんは {other} も担当", self.name(person))
            }
        };
        let open = if goes_on { "、以降も続きます" } else { "" };
        format!("- {who}: {span}{open}")
    }

    /// The text around the lines.
    pub(super) fn amiss_text(
        &self,
        schedule: &ScheduleId,
        twice: bool,
        lines: &[String],
        more: usize,
    ) -> String {
        let mut text = lines.join("\n");
        match (self.language, more) {
            (_, 0) => {}
            (Language::English, more) => {
                text.push_str(&format!(
                    "\n- and {more} more: `nightbell schedule gaps {schedule}`"
                ));
            }
            (Language::Japanese, more) => {
                text.push_str(&format!("\n- ほか {more} 件: `nightbell schedule gaps {schedule}`"));
            }
        }
        let command = format!("`nightbell schedule override add {schedule}`");
        let consequence = match (self.language, twice) {
            (Language::English, false) => "When nobody is on call, the fallback is paged.",
            (Language::English, true) => "Whoever is on call twice is paged for both.",
            (Language::Japanese, false) => "担当者がいないときは、予備の担当者が呼び出されます。",
            (Language::Japanese, true) => "担当が重なっている人は、両方で呼び出されます。",
        };
        match self.language {
            Language::English => {
                format!("{text}\n\n{consequence} {command} gives the time to somebody.")
            }
            Language::Japanese => {
                format!("{text}\n\n{consequence}{command} で担当者を決められます。")
            }
        }
    }
}

/// What is told of a swap. Names and spans come in as the reader sees them; `back` is the shift in return.
pub(super) enum SwapNews<'a> {
    Offered {
        until: String,
        id: &'a str,
        note: &'a str,
    },
    /// To whose shift it was.
    Taken,
    /// To whoever takes it.
    Taking,
    Declined,
    Withdrawn,
    Expired,
}

/// What happens to one shift: who did it, on which schedule, the shift and what is given for it.
pub(super) struct SwapFacts<'a> {
    pub(super) who: &'a str,
    pub(super) schedule: &'a ScheduleId,
    pub(super) span: &'a str,
    pub(super) back: Option<&'a str>,
}

/// A shift as it stands in a sentence.
pub(super) fn shift(
    reader: &Reader<'_>,
    schedule: &ScheduleId,
    from: Timestamp,
    to: Timestamp,
) -> String {
    let span = reader.span(from, to);
    match reader.language {
        Language::English => format!("the shift on {schedule} {span}"),
        Language::Japanese => format!("{schedule} のシフト ({span})"),
    }
}

/// Headline and text.
pub(super) fn swap(
    language: Language,
    news: &SwapNews<'_>,
    facts: &SwapFacts<'_>,
) -> (String, String) {
    match language {
        Language::English => swap_english(news, facts),
        Language::Japanese => swap_japanese(news, facts),
    }
}

fn noted(note: &str) -> String {
    if note.is_empty() { String::new() } else { format!("\n\n{note}") }
}

fn swap_english(news: &SwapNews<'_>, facts: &SwapFacts<'_>) -> (String, String) {
    let SwapFacts { who, schedule, span, back } = facts;
    match news {
        SwapNews::Offered { until, id, note } => {
            let back = back.map(|back| format!(" in return for {back}")).unwrap_or_default();
            let note = noted(note);
            (
                format!("{who} offers you a shift on {schedule}"),
                format!(
                    "{who} offers {span}{back}. Accept or decline until {until}: `nightbell schedule swap accept {id}`.{note}"
                ),
            )
        }
        SwapNews::Taken => {
            let back = back.map(|back| format!(" You take {back} in return.")).unwrap_or_default();
            (format!("{who} takes your shift on {schedule}"), format!("{who} takes {span}.{back}"))
        }
        SwapNews::Taking => {
            let back =
                back.map(|back| format!(" {who} takes {back} in return.")).unwrap_or_default();
            (format!("You take {who}'s shift on {schedule}"), format!("You take {span}.{back}"))
        }
        SwapNews::Declined => (
            format!("{who} declines your shift"),
            format!("{who} does not take {span}: it stays yours."),
        ),
        SwapNews::Withdrawn => (
            format!("{who} keeps the shift offered to you"),
            format!("{who} took the offer of {span} back."),
        ),
        SwapNews::Expired => (
            "Nobody took the shift you offered".to_owned(),
            format!("Nobody took {span} in time: it stays yours."),
        ),
    }
}

fn swap_japanese(news: &SwapNews<'_>, facts: &SwapFacts<'_>) -> (String, String) {
    let SwapFacts { who, schedule, span, back } = facts;
    match news {
        SwapNews::Offered { until, id, note } => {
            let back = back.map(|back| format!("代わりに {back} を希望しています。"));
            let (back, note) = (back.unwrap_or_default(), noted(note));
            (
                format!("{who} さんから {schedule} のシフト交代の依頼です"),
                format!(
                    "{who} さんが {span} の交代を依頼しています。{back}{until} までに回答してください: `nightbell schedule swap accept {id}`{note}"
                ),
            )
        }
        SwapNews::Taken => {
            let back = back.map(|back| format!("代わりに {back} を担当します。"));
            let back = back.unwrap_or_default();
            (
                format!("{who} さんが {schedule} のシフトを引き受けました"),
                format!("{who} さんが {span} を引き受けました。{back}"),
            )
        }
        SwapNews::Taking => {
            let back = back.map(|back| format!("{who} さんは代わりに {back} を担当します。"));
            let back = back.unwrap_or_default();
            (
                format!("{who} さんの {schedule} のシフトを引き受けました"),
                format!("{span} を担当します。{back}"),
            )
        }
        SwapNews::Declined => (
            format!("{who} さんはシフトの交代を断りました"),
            format!("{who} さんは {span} を引き受けません。担当は変わりません。"),
        ),
        SwapNews::Withdrawn => (
            format!("{who} さんはシフトの交代を取り下げました"),
            format!("{who} さんは {span} の依頼を取り下げました。"),
        ),
        SwapNews::Expired => (
            "シフトの交代は期限までに決まりませんでした".to_owned(),
            format!("{span} を引き受ける人がいませんでした。担当は変わりません。"),
        ),
    }
}
