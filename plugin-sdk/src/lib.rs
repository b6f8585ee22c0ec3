pub mod packed;
#[doc(hidden)]
pub mod wire;
#[doc(hidden)]
pub use wit_bindgen;
