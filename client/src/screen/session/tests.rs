//! Logging in and unlocking, driven.
