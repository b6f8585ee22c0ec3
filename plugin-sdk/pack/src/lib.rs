//! Nightbell.
