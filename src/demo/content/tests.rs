//! What the demo content promises, checked on the whole county.

mod households;
mod inquiries;
mod officers;
mod talks;
