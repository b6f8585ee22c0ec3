//! The fake host of a native test: it records what a plugin asks for and answers from a script.
//! One per thread, so that tests run side by side. HMACs are real; nothing else leaves the process.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::log::Level;
use crate::secret::Algorithm;
use crate::{HttpError, MailError, SecretError, StateError, http, mail};

thread_local! {
    static CURRENT: RefCell<Host> = RefCell::new(Host::default());
}

/// A handle on the fake host of this thread.
///
/// ```
/// use nightbell_plugin::{http, testing::Host};
/// let host = Host::install();
/// host.answer_http(Ok(http::Response { status: 204, headers: vec![], body: vec![] }));
/// let response = http::Request::get("https://hooks.example.org/").send();
/// assert!(response.is_ok_and(|r| r.is_success()));
/// assert_eq!(host.requests()[0].url, "https://hooks.example.org/");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Host(Arc<Mutex<Facts>>);

/// A value of the plugin's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateValue {
    /// The bytes.
    pub value: Vec<u8>,
    /// Seconds of event time from the write on; `None` is for ever.
    pub ttl_s: Option<u64>,
}

#[derive(Debug, Default)]
struct Facts {
    settings: String,
    logs: Vec<(Level, String)>,
    state: BTreeMap<String, StateValue>,
    state_denied: bool,
    secrets: BTreeMap<String, Vec<u8>>,
    http_answers: VecDeque<Result<http::Response, HttpError>>,
    requests: Vec<http::Request>,
    mail_answers: VecDeque<Result<String, MailError>>,
    mails: Vec<mail::Message>,
    unscripted: Vec<String>,
    answers_the_rest: bool,
}

impl Host {
    /// Puts a fresh host in place on this thread: no settings, empty state, nothing granted, no answers.
    #[must_use]
    pub fn install() -> Self {
        let host = Self::default();
        host.install_here();
        host
    }

    /// Makes it this thread's host.
    pub(super) fn install_here(&self) {
        CURRENT.with(|current| current.replace(self.clone()));
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        // A panic of the plugin under test cannot have left half a change: no plugin code runs while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings given.
    #[must_use]
    pub fn settings_json(&self) -> String {
        self.facts().settings.clone()
    }

    /// Notes a line of the plugin's log.
    pub fn log(&self, level: Level, message: impl Into<String>) {
        // As the engine keeps it: on one line.
        let message =
            message.into().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.facts().logs.push((level, message));
    }

    /// Notes a request and gives the next answer of the script.
    ///
    /// # Errors
    /// The script's; `denied` when nothing is left of it.
    pub fn send_http(&self, request: http::Request) -> Result<http::Response, HttpError> {
        let mut facts = self.facts();
        let answer = facts.http_answers.pop_front().unwrap_or_else(|| {
            if facts.answers_the_rest {
                return Ok(http::Response { status: 200, headers: vec![], body: vec![] });
            }
            let line = format!("no answer for {} {}", request.method, request.url);
            facts.unscripted.push(line);
            Err(HttpError::Denied("no scripted answer is left".to_owned()))
        });
        facts.requests.push(request);
        answer
    }

    /// Notes a mail and gives the next answer of the script.
    ///
    /// # Errors
    /// The script's; `denied` when nothing is left of it.
    pub fn send_mail(&self, message: mail::Message) -> Result<String, MailError> {
        let mut facts = self.facts();
        let answer = facts.mail_answers.pop_front().unwrap_or_else(|| {
            if facts.answers_the_rest {
                return Ok("<tried@nightbell.invalid>".to_owned());
            }
            let line = format!("no answer for the mail `{}`", message.subject);
            facts.unscripted.push(line);
            Err(MailError::Denied("no scripted answer is left".to_owned()))
        });
        facts.mails.push(message);
        answer
    }

    /// From now on what the script has no answer for succeeds: an empty 200, a Message-ID.
    pub fn answer_the_rest(&self) {
        self.facts().answers_the_rest = true;
    }

    /// The secrets granted, by name.
    #[must_use]
    pub fn secrets(&self) -> BTreeMap<String, Vec<u8>> {
        self.facts().secrets.clone()
    }

    /// Puts this in the place of the plugin's whole state.
    pub fn replace_state(&self, state: BTreeMap<String, StateValue>) {
        self.facts().state = state;
    }

    /// The operator's settings as JSON.
    pub fn settings(&self, json: impl Into<String>) {
        self.facts().settings = json.into();
    }

    /// The answer to the next HTTP request that has none yet.
    pub fn answer_http(&self, answer: Result<http::Response, HttpError>) {
        self.facts().http_answers.push_back(answer);
    }

    /// The answer to the next mail that has none yet: a Message-ID or an error.
    pub fn answer_mail(&self, answer: Result<String, MailError>) {
        self.facts().mail_answers.push_back(answer);
    }

    /// Grants a secret.
    pub fn secret(&self, name: impl Into<String>, value: impl Into<Vec<u8>>) {
        self.facts().secrets.insert(name.into(), value.into());
    }

    /// Sets a value of the plugin's state before it runs.
    pub fn set_state(&self, key: impl Into<String>, value: impl Into<Vec<u8>>) {
        let value = StateValue { value: value.into(), ttl_s: None };
        self.facts().state.insert(key.into(), value);
    }

    /// Refuses all use of state from here on, as without the grant.
    pub fn deny_state(&self) {
        self.facts().state_denied = true;
    }

    /// Every line logged, in order.
    #[must_use]
    pub fn logs(&self) -> Vec<(Level, String)> {
        self.facts().logs.clone()
    }

    /// Every HTTP request, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<http::Request> {
        self.facts().requests.clone()
    }

    /// Every mail, in order.
    #[must_use]
    pub fn mails(&self) -> Vec<mail::Message> {
        self.facts().mails.clone()
    }

    /// The plugin's state now. Time does not pass here: nothing expires.
    #[must_use]
    pub fn state(&self) -> BTreeMap<String, StateValue> {
        self.facts().state.clone()
    }

    /// What does not fit the script: calls without an answer, then answers without a call.
    #[must_use]
    pub fn unscripted(&self) -> Vec<String> {
        let facts = self.facts();
        let mut lines = facts.unscripted.clone();
        for (left, what) in [(facts.http_answers.len(), "HTTP"), (facts.mail_answers.len(), "mail")]
        {
            if left > 0 {
                lines.push(format!("{left} scripted {what} answers were not asked for"));
            }
        }
        lines
    }
}

/// What the crate's own modules call instead of the component's imports.
pub(crate) mod calls {
    use super::*;

    fn facts<R>(use_them: impl FnOnce(&mut Facts) -> R) -> R {
        CURRENT.with(|host| use_them(&mut host.borrow().facts()))
    }

    pub(crate) fn settings() -> String {
        facts(|f| f.settings.clone())
    }

    pub(crate) fn log(level: Level, message: &str) {
        CURRENT.with(|host| host.borrow().log(level, message));
    }

    fn with_state<R>(use_it: impl FnOnce(&mut Facts) -> R) -> Result<R, StateError> {
        facts(|f| match f.state_denied {
            true => Err(StateError::Denied("`state` is not granted".to_owned())),
            false => Ok(use_it(f)),
        })
    }

    pub(crate) fn state_get(key: &str) -> Result<Option<Vec<u8>>, StateError> {
        with_state(|f| f.state.get(key).map(|entry| entry.value.clone()))
    }

    pub(crate) fn state_set(key: &str, value: &[u8], ttl_s: Option<u64>) -> Result<(), StateError> {
        let value = StateValue { value: value.to_vec(), ttl_s };
        with_state(|f| f.state.insert(key.to_owned(), value)).map(drop)
    }

    pub(crate) fn state_delete(key: &str) -> Result<(), StateError> {
        with_state(|f| f.state.remove(key)).map(drop)
    }

    pub(crate) fn http(request: http::Request) -> Result<http::Response, HttpError> {
        CURRENT.with(|host| host.borrow().send_http(request))
    }

    pub(crate) fn mail(message: mail::Message) -> Result<String, MailError> {
        CURRENT.with(|host| host.borrow().send_mail(message))
    }

    pub(crate) fn sign(
        name: &str,
        algorithm: Algorithm,
        data: &[u8],
    ) -> Result<Vec<u8>, SecretError> {
        let Some(secret) = facts(|f| f.secrets.get(name).cloned()) else {
            return Err(SecretError::Denied(format!(
                "no secret `{name}` is granted: add it to the plugin's `secrets` in the config"
            )));
        };
        Ok(match algorithm {
            Algorithm::HmacSha256 => hmac_sha256(&secret, data),
            Algorithm::HmacSha1 => hmac_sha1(&secret, data),
        })
    }

    pub(crate) fn verify(
        name: &str,
        algorithm: Algorithm,
        data: &[u8],
        signature: &[u8],
    ) -> Result<bool, SecretError> {
        // A test has no one to hide the time from.
        sign(name, algorithm, data).map(|expected| expected == signature)
    }
}

fn hmac_sha256(secret: &[u8], data: &[u8]) -> Vec<u8> {
    use hmac::{KeyInit, Mac};
    let mut mac =
        hmac::Hmac::<sha2::Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn hmac_sha1(secret: &[u8], data: &[u8]) -> Vec<u8> {
    use hmac::{KeyInit, Mac};
    let mut mac =
        hmac::Hmac::<sha1::Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{log, secret, state};

    #[test]
    fn hmacs_are_the_real_ones() {
        // RFC 4231 test case 2 and RFC 2202 test case 2.
        let data = b"what do ya want for nothing?";
        let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let host = Host::install();
        host.secret("s", "Jefe");
        let sha256 = secret::sign("s", Algorithm::HmacSha256, data).expect("granted");
        assert!(hex(sha256.clone()).starts_with("5bdcc146bf60754e6a042426089575c7"));
        let sha1 = secret::sign("s", Algorithm::HmacSha1, data).expect("granted");
        assert_eq!(hex(sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(secret::verify("s", Algorithm::HmacSha256, data, &sha256), Ok(true));
        assert_eq!(secret::verify("s", Algorithm::HmacSha256, data, b"x"), Ok(false));
        assert!(secret::sign("other", Algorithm::HmacSha256, data).is_err());
    }

    #[test]
    fn state_is_kept_until_it_is_deleted_or_denied() {
        let host = Host::install();
        assert_eq!(state::get("k"), Ok(None));
        state::set_json("k", &7, Some(60)).expect("granted");
        assert_eq!(state::get_json::<u32>("k"), Ok(Some(7)));
        assert_eq!(host.state()["k"], StateValue { value: b"7".to_vec(), ttl_s: Some(60) });
        assert_eq!(state::get_json::<String>("k"), Ok(None), "unreadable is absent");
        assert_eq!(host.logs().len(), 1);
        state::delete("k").expect("granted");
        assert_eq!(state::get("k"), Ok(None));
        host.deny_state();
        assert!(matches!(state::get("k"), Err(StateError::Denied(_))));
    }

    #[test]
    fn a_fresh_host_forgets_the_last_one() {
        let old = Host::install();
        log::info("one");
        let new = Host::install();
        log::warn("two");
        assert_eq!(old.logs(), [(Level::Info, "one".to_owned())]);
        assert_eq!(new.logs(), [(Level::Warn, "two".to_owned())]);
    }
}
