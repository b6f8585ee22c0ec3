//! A plugin outside the server: how does it do on a case, on one try, on many batches? The host's own linker, limits and
//! functions, with a scripted outside and fuel counted; what `nightbell plugin test`, `run` and `bench` stand on.
//!
//! Reading order: `engine` compiles; `piece` is one plugin file to be asked; `stage` answers it in the place of the
//! outside; `case` asks it what a case asks; `pace` measures; `to_wire`, `from_wire` and `events` are the words.
//!
//! Nothing here is part of a running server, and nothing leaves the process.

mod case;
mod engine;
mod events;
mod from_wire;
mod pace;
mod piece;
pub(super) mod stage;
mod to_wire;

pub use engine::{Count, Workshop, WorkshopError};
pub use pace::{Pace, PaceOrder};
pub use piece::{Piece, Tried};
