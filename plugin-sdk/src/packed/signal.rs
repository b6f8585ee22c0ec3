//! What a signal says: its kind and how loud the source claims it is.
//! These two live here, below the component bindings, because the packed batch carries them as numbers.

/// What a signal says about its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// The condition holds.
    Trigger,
    /// Somebody at the source is looking at it.
    Acknowledge,
    /// The condition is over.
    Resolve,
    /// Something was changed (a deployment, a setting): no condition of its own.
    Change,
}

/// The source's claim. `Unknown` when it claims nothing; it is then treated as loudly as `Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// Users are hurt now.
    Critical,
    /// Something is broken.
    Error,
    /// Something will break.
    Warning,
    /// Good to know.
    Info,
    /// The source does not say.
    Unknown,
}

impl EventKind {
    /// Every kind, in the order of its code.
    pub const ALL: [Self; 4] = [Self::Trigger, Self::Acknowledge, Self::Resolve, Self::Change];

    /// The word for it in JSON, case files and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Change => "change",
        }
    }

    /// The code in a packed batch; `None` for a code that version 1 does not have.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Self::Trigger),
            1 => Some(Self::Acknowledge),
            2 => Some(Self::Resolve),
            3 => Some(Self::Change),
            _ => None,
        }
    }

    /// Reads a value of the component boundary. The component model has already refused other codes.
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(code: u8) -> Self {
        Self::from_code(u32::from(code)).expect("the component model checks enum codes")
    }
}

impl Severity {
    /// Every severity, in the order of its code: loudest claim first.
    pub const ALL: [Self; 5] =
        [Self::Critical, Self::Error, Self::Warning, Self::Info, Self::Unknown];

    /// The word for it in JSON, case files and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }

    /// The code in a packed batch; `None` for a code that version 1 does not have.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            0 => Some(Self::Critical),
            1 => Some(Self::Error),
            2 => Some(Self::Warning),
            3 => Some(Self::Info),
            4 => Some(Self::Unknown),
            _ => None,
        }
    }

    /// Reads a value of the component boundary. The component model has already refused other codes.
    #[doc(hidden)]
    #[must_use]
    pub fn _lift(code: u8) -> Self {
        Self::from_code(u32::from(code)).expect("the component model checks enum codes")
    }
}
