//! What a response means for the delivery.

use nightbell_plugin::http::Response;
use nightbell_plugin::{Failure, Receipt};

/// Delivered, or why not and whether trying again can help.
pub(crate) fn of(response: &Response) -> Result<Receipt, Failure> {
    let said = |what: &str| {
        let excerpt = response.excerpt();
        let colon = if excerpt.is_empty() { "" } else { ": " };
        format!("expected a 2xx, got {} ({what}){colon}{excerpt}", response.status)
    };
    match response.status {
        200..=299 => Ok(Receipt::delivered()),
        300..=399 => Err(Failure::permanent(said("a redirect: give the final address"))),
        404 | 410 => Err(Failure::bad_address(said("the address is gone"))),
        408 | 425 | 429 | 500..=599 => {
            let failure = Failure::transient(said("not now"));
            Err(match response.retry_after_s() {
                Some(seconds) => failure.retry_after_s(seconds),
                None => failure,
            })
        }
        _ => Err(Failure::permanent(said("refused"))),
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use nightbell_plugin::http::{Header, Response};
    use nightbell_plugin::{Failure, FailureKind, Receipt};

    fn response(status: u16, retry_after: Option<&str>, body: &str) -> Response {
        let header =
            |value: &str| Header { name: "Retry-After".to_owned(), value: value.to_owned() };
        let headers = retry_after.map(header).into_iter().collect();
        Response { status, headers, body: body.as_bytes().to_vec() }
    }

    fn failure(status: u16, retry_after: Option<&str>, body: &str) -> Failure {
        of(&response(status, retry_after, body)).expect_err("not a 2xx")
    }

    #[test]
    fn any_2xx_is_delivered() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(of(&response(status, None, "")), Ok(Receipt::delivered()), "{status}");
        }
    }

    #[test]
    fn the_status_says_whether_trying_again_helps() {
        let check = |kind: FailureKind, statuses: &[u16]| {
            for status in statuses {
                assert_eq!(failure(*status, None, "").kind, kind, "{status}");
            }
        };
        check(FailureKind::Transient, &[408, 425, 429, 500, 502, 503, 504, 599]);
        check(FailureKind::BadAddress, &[404, 410]);
        check(FailureKind::Permanent, &[0, 100, 301, 302, 308, 400, 401, 403, 405, 413, 422, 600]);
    }

    #[test]
    fn the_receivers_wait_is_kept_where_trying_again_helps() {
        assert_eq!(failure(503, Some("120"), "").retry_after_s, Some(120));
        assert_eq!(failure(503, None, "").retry_after_s, None);
        assert_eq!(failure(400, Some("120"), "").retry_after_s, None);
    }

    #[test]
    fn what_the_receiver_said_is_kept_in_one_bounded_line() {
        let failure = failure(500, None, &format!("<h1>Oops</h1>\r\nlater {}", "x".repeat(1000)));
        assert!(
            failure.message.starts_with("expected a 2xx, got 500 (not now): <h1>Oops</h1> later x")
        );
        assert!(failure.message.chars().count() < 250, "{}", failure.message);
    }
}
