//! The code that proves an address: made of a random salt and the key of links, so that it is written down nowhere, survives a
//! restart between asking and sending, and cannot be found out from the store alone.

use super::AnswerLinks;
use hmac::Mac as _;
use nightbell_core::model::{MethodId, PersonId};

/// What is signed here is nothing that could be a link.
const CODE: &[u8] = b"nightbell code 1\0";
const PROOF: &[u8] = b"nightbell code proof 1\0";
/// Codes have six digits.
const CODES: u64 = 1_000_000;

/// Whose address, and the salt of the code that is on its way there.
#[derive(Clone, Debug)]
pub struct CodeFor<'a> {
    /// Whose.
    pub person: &'a PersonId,
    /// Which of their methods.
    pub method: &'a MethodId,
    /// Random.
    pub salt: &'a [u8; 32],
}

impl CodeFor<'_> {
    /// Texts with their length before them, so that no two mean the same.
    fn payload(&self, code: &str) -> Vec<u8> {
        let mut payload = self.salt.to_vec();
        for text in [self.person.as_str(), self.method.as_str(), code] {
            payload.extend((text.len() as u64).to_be_bytes());
            payload.extend(text.as_bytes());
        }
        payload
    }
}

impl AnswerLinks {
    /// The code, six digits.
    pub fn code(&self, code: &CodeFor<'_>) -> String {
        let bytes = self.mac(CODE, &code.payload("")).finalize().into_bytes();
        let number = bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % CODES)
    }

    /// What an entered code comes to; that of the right one is kept.
    pub fn proof(&self, code: &CodeFor<'_>, entered: &str) -> [u8; 32] {
        self.mac(PROOF, &code.payload(entered)).finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<'a>(salt: &'a [u8; 32], method: &'a MethodId, person: &'a PersonId) -> CodeFor<'a> {
        CodeFor { person, method, salt }
    }

    #[test]
    fn each_salt_method_and_key_has_a_code_of_its_own_and_the_same_each_time() {
        let (one, other) = (AnswerLinks::of([7; 32]), AnswerLinks::of([8; 32]));
        let (alice, bob): (PersonId, PersonId) = ("alice".into(), "bob".into());
        let (m, n): (MethodId, MethodId) = ("m".into(), "n".into());
        let first = one.code(&code(&[1; 32], &m, &alice));
        assert_eq!(first.len(), 6, "{first}");
        assert!(first.bytes().all(|digit| digit.is_ascii_digit()), "{first}");
        assert_eq!(first, one.code(&code(&[1; 32], &m, &alice)));
        let others = [
            one.code(&code(&[2; 32], &m, &alice)),
            one.code(&code(&[1; 32], &n, &alice)),
            one.code(&code(&[1; 32], &m, &bob)),
            other.code(&code(&[1; 32], &m, &alice)),
        ];
        assert!(others.iter().all(|other| *other != first), "{first} {others:?}");
    }

    #[test]
    fn a_proof_is_of_one_code_alone() {
        let links = AnswerLinks::of([7; 32]);
        let (person, method) = ("alice".into(), "m".into());
        let code = code(&[1; 32], &method, &person);
        assert_eq!(links.proof(&code, "123456"), links.proof(&code, "123456"));
        assert_ne!(links.proof(&code, "123456"), links.proof(&code, "123457"));
    }
}
