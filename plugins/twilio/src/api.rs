//! One request to Twilio's API, and what its answer means for the delivery.

use nightbell_plugin::Failure;
use nightbell_plugin::http::{Request, Response};
use serde::Deserialize;

use crate::settings::Settings;

/// As long as one exchange may take; the host's limit for the whole call is a little above.
const TIMEOUT_MS: u32 = 10_000;

/// Twilio's error codes that speak of the number called: not a number, not reachable from here, a landline for a text,
/// a premium or short number, opted out with STOP, not verified on a trial account.
const NUMBER_IS_WRONG: [u32; 12] =
    [21211, 21214, 21217, 21219, 21265, 21266, 21268, 21401, 21608, 21610, 21612, 21614];
/// Too many requests; the sender's queue is full.
const NOT_NOW: [u32; 2] = [20429, 21611];

/// Both kinds of answer: a message or call has a `sid`, a refusal `code` and `message`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    sid: Option<String>,
    code: Option<u32>,
    message: Option<String>,
}

/// Posts a form below the account and answers the SID of what it made.
///
/// # Errors
/// [`Failure`], by what Twilio says.
pub(crate) fn post(
    settings: &Settings,
    resource: &str,
    form: &[(&str, &str)],
) -> Result<String, Failure> {
    let Settings { api, account_sid, .. } = settings;
    let response = Request::post(format!("{api}/2010-04-01/Accounts/{account_sid}/{resource}"))
        .basic_auth(account_sid, "auth_token")
        .header("accept", "application/json")
        .form(form)
        .timeout_ms(TIMEOUT_MS)
        .send()?;
    outcome(&response)
}

fn outcome(response: &Response) -> Result<String, Failure> {
    // What is not JSON comes from something in between, and says nothing but its status.
    let said: Said = response.json().unwrap_or_default();
    if response.is_success() {
        // Twilio took it: trying again would send it twice, whatever the rest of the answer is.
        return Ok(said.sid.unwrap_or_default());
    }
    let code = said.code.unwrap_or_default();
    let message = said.message.map_or_else(|| response.excerpt(), |text| one_line(&text));
    let refused = |what: &str| match said.code {
        Some(code) => {
            format!("Twilio: {what} (status {}, error {code}): {message}", response.status)
        }
        None => format!("Twilio: {what} (status {}): {message}", response.status),
    };
    if NUMBER_IS_WRONG.contains(&code) {
        return Err(Failure::bad_address(refused("the number cannot be reached")));
    }
    match response.status {
        408 | 425 | 429 | 500..=599 => {}
        _ if NOT_NOW.contains(&code) => {}
        401 | 403 => {
            return Err(Failure::permanent(refused(
                "not allowed; check `account_sid`, the secret `auth_token` and the account's permissions",
            )));
        }
        _ => return Err(Failure::permanent(refused("refused"))),
    }
    let failure = Failure::transient(refused("not now"));
    Err(match response.retry_after_s() {
        Some(seconds) => failure.retry_after_s(seconds),
        None => failure,
    })
}

fn one_line(text: &str) -> String {
    crate::sms::one_line(text, 200)
}

#[cfg(test)]
mod tests {
    use super::outcome;
    use nightbell_plugin::FailureKind::{self, BadAddress, Permanent, Transient};
    use nightbell_plugin::http::Response;

    fn response(status: u16, body: &str) -> Response {
        Response { status, headers: vec![], body: body.as_bytes().to_vec() }
    }

    #[test]
    fn a_message_that_was_taken_has_a_sid() {
        let body = r#"{"sid": "SM1", "status": "queued", "error_code": null}"#;
        assert_eq!(outcome(&response(201, body)), Ok("SM1".to_owned()));
        assert_eq!(outcome(&response(200, "ok")), Ok(String::new()), "sent is sent");
    }

    #[test]
    fn the_code_says_whose_fault_it_is() {
        let check = |status: u16, code: u32, kind: FailureKind| {
            let body = format!(r#"{{"code": {code}, "message": "no", "status": {status}}}"#);
            let failure = outcome(&response(status, &body)).expect_err("refused");
            assert_eq!(failure.kind, kind, "{status} {code}: {}", failure.message);
            assert!(failure.message.contains(&code.to_string()), "{}", failure.message);
        };
        for code in [21211, 21214, 21217, 21608, 21610, 21612, 21614] {
            check(400, code, BadAddress);
        }
        check(403, 21610, BadAddress);
        check(429, 20429, Transient);
        check(400, 21611, Transient);
        check(503, 20503, Transient);
        for (status, code) in [(401, 20003), (403, 20003), (404, 20404), (400, 21212), (400, 21408)]
        {
            check(status, code, Permanent);
        }
    }

    #[test]
    fn without_json_the_status_speaks() {
        for status in [408, 425, 429, 500, 502, 503, 504] {
            let failure = outcome(&response(status, "<h1>Oops</h1>\n")).expect_err("refused");
            assert_eq!(failure.kind, Transient, "{status}");
            assert!(failure.message.ends_with("<h1>Oops</h1>"), "{}", failure.message);
        }
        for status in [301, 400, 401, 404, 405] {
            assert_eq!(outcome(&response(status, "[]")).expect_err("refused").kind, Permanent);
        }
    }
}
