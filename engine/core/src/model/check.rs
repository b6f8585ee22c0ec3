//! What was done to find out whether a person's contact methods work, and what came of it.

use super::{DeliveryId, MethodId, PersonId};
use jiff::Timestamp;

/// A code on its way. The code itself is kept nowhere: the shell makes it of the salt and a key of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Random; what the code is made of.
    pub salt: [u8; 32],
    /// What the entered code must come to.
    pub proof: [u8; 32],
    /// It holds until then, exclusive.
    pub expires_at: Timestamp,
    /// Wrong codes entered so far.
    pub wrong: u32,
}

/// Without salt and proof: they are as good as the code to whoever has the key.
impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Code");
        shown.field("expires_at", &self.expires_at).field("wrong", &self.wrong);
        shown.finish_non_exhaustive()
    }
}

/// How a test page went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestOutcome {
    /// On its way.
    UnderWay,
    /// The other side took it.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// It did not arrive.
    Failed {
        /// When.
        at: Timestamp,
        /// In the channel's words.
        reason: String,
    },
}

/// The last test page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestPage {
    /// Its delivery.
    pub delivery: DeliveryId,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// What became of it.
    pub outcome: TestOutcome,
}

/// The other side said that nobody can be reached there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undeliverable {
    /// Since when.
    pub since: Timestamp,
    /// In the channel's words.
    pub reason: String,
}

/// What is known of one method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodCheck {
    /// Which.
    pub method: MethodId,
    /// The address that all of it is about: it says nothing of another one.
    pub address: String,
    /// The code that is waited for.
    pub code: Option<Code>,
    /// When codes were sent, of the last hour, oldest first.
    pub codes_sent: Vec<Timestamp>,
    /// When tests were sent, of the last hour, oldest first.
    pub tests_sent: Vec<Timestamp>,
    /// The last one.
    pub test: Option<TestPage>,
    /// Set while nobody can be reached there.
    pub undeliverable: Option<Undeliverable>,
}

impl MethodCheck {
    /// Nothing known.
    pub fn new(method: MethodId, address: String) -> Self {
        Self {
            method,
            address,
            code: None,
            codes_sent: Vec::new(),
            tests_sent: Vec::new(),
            test: None,
            undeliverable: None,
        }
    }
}

/// What is known of one person's methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// Whose.
    pub person: PersonId,
    /// When codes or tests were sent to any of their methods, those since removed too, of the last hour, oldest first:
    /// adding an address again buys no further code.
    pub sent: Vec<Timestamp>,
    /// In no order that means anything; each method at most once.
    pub methods: Vec<MethodCheck>,
}

impl Checks {
    /// Nothing known.
    pub fn new(person: PersonId) -> Self {
        Self { person, sent: Vec::new(), methods: Vec::new() }
    }

    /// What is known of a method while it has this address.
    pub fn of(&self, method: &MethodId, address: &str) -> Option<&MethodCheck> {
        self.methods.iter().find(|one| one.method == *method && one.address == address)
    }
}
