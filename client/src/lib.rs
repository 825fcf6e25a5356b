//! The window that health-centre staff work in.

#[cfg(test)]
mod picture;
pub mod ui;
