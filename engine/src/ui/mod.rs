//! Pages for people. So far the one that matters at night: the answer to a page.

pub mod answer;
