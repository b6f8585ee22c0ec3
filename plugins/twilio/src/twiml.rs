//! Writes TwiML, the XML that tells Twilio what to say and which keys to wait for.

use crate::settings::Settings;
use crate::words::Language;

/// How often a prompt is said before the call ends.
const TIMES: usize = 3;

/// A document under way.
pub(crate) struct Twiml<'a> {
    text: String,
    language: Language,
    voice: Option<&'a str>,
}

impl<'a> Twiml<'a> {
    /// An empty one, which speaks this language.
    pub(crate) fn new(settings: &'a Settings, language: Language) -> Self {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#.to_owned();
        let voice = settings.voices.get(language.name()).map(String::as_str);
        Self { text, language, voice }
    }

    /// Says a text.
    pub(crate) fn say(mut self, message: &str) -> Self {
        self.text.push_str("<Say language=\"");
        self.text.push_str(self.language.words().tag);
        if let Some(voice) = self.voice {
            self.text.push_str("\" voice=\"");
            self.text.push_str(voice);
        }
        self.text.push_str("\">");
        self.push_escaped(message);
        self.text.push_str("</Say>");
        self
    }

    /// Two seconds of silence.
    pub(crate) fn pause(mut self) -> Self {
        self.text.push_str(r#"<Pause length="2"/>"#);
        self
    }

    /// Says the prompt three times; a key pressed meanwhile goes to `action`.
    pub(crate) fn gather(mut self, action: &str, prompt: &str) -> Self {
        self.text.push_str(r#"<Gather numDigits="1" timeout="5" method="POST" action=""#);
        self.push_escaped(action);
        self.text.push_str("\">");
        for time in 0..TIMES {
            if time > 0 {
                self = self.pause();
            }
            self = self.say(prompt);
        }
        self.text.push_str("</Gather>");
        self
    }

    /// Answers a text message.
    pub(crate) fn message(mut self, message: &str) -> Self {
        self.text.push_str("<Message>");
        self.push_escaped(message);
        self.text.push_str("</Message>");
        self
    }

    /// The document.
    pub(crate) fn end(mut self) -> String {
        self.text.push_str("</Response>");
        self.text
    }

    /// XML 1.0 has no place for control characters, not even as references.
    fn push_escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => self.text.push(' '),
                c => self.text.push(c),
            }
        }
    }
}
