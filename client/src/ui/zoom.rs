//! How large everything is drawn: 80 to 200 per cent.

use serde::{Deserialize, Serialize};

/// A size in per cent; always within 80..=200.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u16", into = "u16")]
pub struct Zoom(u16);

impl Zoom {
    /// As it comes: 100 per cent.
    pub const NORMAL: Self = Self(100);
    const STEP: u16 = 10;

    /// One step larger, 200 per cent at most.
    pub fn larger(self) -> Self {
        Self::from(self.0 + Self::STEP)
    }

    /// One step smaller, 80 per cent at least.
    pub fn smaller(self) -> Self {
        Self::from(self.0 - Self::STEP)
    }

    /// The factor by which logical pixels are multiplied.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }
}

impl Default for Zoom {
    fn default() -> Self {
        Self::NORMAL
    }
}

impl From<u16> for Zoom {
    fn from(percent: u16) -> Self {
        Self(percent.clamp(80, 200))
    }
}

impl From<Zoom> for u16 {
    fn from(zoom: Zoom) -> Self {
        zoom.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_between_80_and_200_per_cent() {
        let mut zoom = Zoom::NORMAL;
        for _ in 0..30 {
            zoom = zoom.larger();
        }
        assert_eq!(u16::from(zoom), 200);
        for _ in 0..30 {
            zoom = zoom.smaller();
        }
        assert_eq!(u16::from(zoom), 80);
    }
}
