//! What is known of people's methods: codes on their way, tests, marks of what cannot be reached.

use crate::model::{Checks, ContactMethod, MethodCheck, PersonId, Undeliverable};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Checks by person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct People {
    checks: BTreeMap<PersonId, Arc<Checks>>,
}

impl People {
    pub(super) fn put_checks(&mut self, checks: &Arc<Checks>) {
        self.checks.insert(checks.person.clone(), checks.clone());
    }

    /// What is known of a person's methods; `None`: nothing.
    pub fn checks(&self, person: &PersonId) -> Option<&Arc<Checks>> {
        self.checks.get(person)
    }

    /// All of it, by person.
    pub fn all_checks(&self) -> impl Iterator<Item = &Arc<Checks>> {
        self.checks.values()
    }

    /// What is known of one method as it is now.
    pub fn check(&self, person: &PersonId, method: &ContactMethod) -> Option<&MethodCheck> {
        self.checks.get(person)?.of(&method.id, &method.address)
    }

    /// The mark of a method that nobody can be reached through.
    pub fn undeliverable(
        &self,
        person: &PersonId,
        method: &ContactMethod,
    ) -> Option<&Undeliverable> {
        self.check(person, method)?.undeliverable.as_ref()
    }
}

impl super::State {
    /// What is known of people's methods.
    pub fn people(&self) -> &People {
        &self.people
    }
}
