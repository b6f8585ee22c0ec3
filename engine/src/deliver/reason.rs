//! Why somebody is told, in the language that they read.

use nightbell_core::model::{Language, PageReason, PolicyId, Target};

/// Why this person, in words that follow "because".
pub(super) fn reason(reason: &PageReason, policy: &PolicyId, language: Language) -> String {
    match language {
        Language::English => english(reason, policy),
        Language::Japanese => japanese(reason, policy),
    }
}

fn english(reason: &PageReason, policy: &PolicyId) -> String {
    let PageReason::Step { step, target } = reason else {
        return match reason {
            PageReason::Responder => "you were asked to help",
            PageReason::Fallback => "you are the fallback: nobody else answered",
            PageReason::Assigned => "the incident was handed to you",
            PageReason::Follows => "you were paged for it, or follow it",
            PageReason::Notice | PageReason::Step { .. } => "it is about you",
        }
        .to_owned();
    };
    let step = step + 1;
    match target {
        Target::Schedule(id) => format!("you are on call for {id} (step {step} of {policy})"),
        Target::Person(_) => format!("you are step {step} of {policy}"),
        Target::Next(id) => format!("you are next on call for {id} (step {step} of {policy})"),
        Target::Team(id) => format!("you are in {id} (step {step} of {policy})"),
        Target::Room(_) => format!("this room is step {step} of {policy}"),
    }
}

fn japanese(reason: &PageReason, policy: &PolicyId) -> String {
    let PageReason::Step { step, target } = reason else {
        return match reason {
            PageReason::Responder => "応援を頼まれました",
            PageReason::Fallback => {
                "ほかに誰も応答しなかったため、予備の担当者として呼び出されました"
            }
            PageReason::Assigned => "このインシデントを引き継ぎました",
            PageReason::Follows => "以前に呼び出されたか、フォロー中のインシデントです",
            PageReason::Notice | PageReason::Step { .. } => "あなたに関するお知らせです",
        }
        .to_owned();
    };
    let place = format!("{policy} のステップ {}", step + 1);
    match target {
        Target::Schedule(id) => format!("{id} のオンコール担当です ({place})"),
        Target::Person(_) => format!("{place} の担当です"),
        Target::Next(id) => format!("{id} の次のオンコール担当です ({place})"),
        Target::Team(id) => format!("{id} のメンバーです ({place})"),
        Target::Room(_) => format!("このルームは {place} です"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_somebody_is_told_is_said_in_their_language() {
        let step = |target| PageReason::Step { step: 0, target };
        for (why, english, japanese) in [
            (
                step(Target::Schedule("primary".into())),
                "you are on call for primary (step 1 of shop)",
                "primary のオンコール担当です (shop のステップ 1)",
            ),
            (
                step(Target::Person("a".into())),
                "you are step 1 of shop",
                "shop のステップ 1 の担当です",
            ),
            (
                PageReason::Fallback,
                "you are the fallback: nobody else answered",
                "ほかに誰も応答しなかったため、予備の担当者として呼び出されました",
            ),
        ] {
            let said = |language| reason(&why, &"shop".into(), language);
            assert_eq!(said(Language::English), english);
            assert_eq!(said(Language::Japanese), japanese);
        }
    }
}
