//! Pages of lists: `{items, next}`; `next` is the cursor of the following page, null on the last.

use super::Problem;
use crate::limits;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DEFAULT: usize = 50;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// At most so many items, 1 to 200; 50 when absent.
    pub(super) limit: Option<usize>,
    /// `next` of the page before.
    pub(super) cursor: Option<String>,
}

impl Paging {
    /// # Errors
    /// 400 unless it is 1 to `limits::PAGE_MAX`.
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        match self.limit.unwrap_or(DEFAULT) {
            limit @ 1..=limits::PAGE_MAX => Ok(limit),
            got => Err(Problem::bad_request(format!(
                "`limit`: expected 1 to {}, got {got}",
                limits::PAGE_MAX
            ))),
        }
    }

    /// The cursor of lists that go by number.
    ///
    /// # Errors
    /// 400 when it is none of ours.
    pub(super) fn before(&self) -> Result<Option<u64>, Problem> {
        let read = |text: &String| {
            text.parse().map_err(|_| {
                Problem::bad_request("`cursor`: expected the `next` of an earlier page")
            })
        };
        self.cursor.as_ref().map(read).transpose()
    }

    /// One page of values that are in order of their keys.
    ///
    /// # Errors
    /// As [`Paging::limit`].
    pub(super) fn cut<V, T>(
        &self,
        all: impl Iterator<Item = V>,
        key: impl Fn(&V) -> &str,
        show: impl Fn(V) -> T,
    ) -> Result<List<T>, Problem> {
        let limit = self.limit()?;
        let after = self.cursor.as_deref();
        let mut rest = all.filter(|value| after.is_none_or(|after| key(value) > after));
        let mut items = Vec::new();
        let mut last = String::new();
        for value in rest.by_ref().take(limit) {
            key(&value).clone_into(&mut last);
            items.push(show(value));
        }
        let next = rest.next().is_some().then_some(last);
        Ok(List { items, next })
    }
}

/// One page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// The cursor of the following page; null on the last.
    pub(super) next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: Option<usize>, cursor: Option<&str>) -> List<&'static str> {
        let paging = Paging { limit, cursor: cursor.map(str::to_owned) };
        paging.cut(["a", "b", "c"].into_iter(), |v| v, |v| v).expect("a page")
    }

    #[test]
    fn pages_tile_the_list() {
        for (limit, cursor, items, next) in [
            (None, None, &["a", "b", "c"][..], None),
            (Some(3), None, &["a", "b", "c"], None),
            (Some(2), None, &["a", "b"], Some("b")),
            (Some(2), Some("b"), &["c"], None),
            (Some(1), Some("zzz"), &[], None),
        ] {
            let page = page(limit, cursor);
            assert_eq!(
                (&page.items[..], page.next.as_deref()),
                (items, next),
                "{limit:?} {cursor:?}"
            );
        }
        for limit in [0, limits::PAGE_MAX + 1] {
            assert!(Paging { limit: Some(limit), cursor: None }.limit().is_err());
        }
    }
}
