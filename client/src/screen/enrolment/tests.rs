//! The enrolment screen, driven.
