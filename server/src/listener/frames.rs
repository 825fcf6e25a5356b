//! Follows the frames of HTTP/2 (RFC 9113, 4.1) just far enough to tell whether one is whole. What
//! they mean, and whether they are right, is for the library to say.

/// The client's preface, which no frame precedes (RFC 9113, 3.4), in octets.
const PREFACE: usize = 24;
const FRAME_HEAD: usize = 9;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 0x4;

/// Where in the stream of frames a connection is.
pub(super) struct Frames {
    /// Octets left of the preface, or of the present frame behind its head.
    left: usize,
    head: [u8; FRAME_HEAD],
    /// How much of `head` has been read.
    head_read: usize,
    /// Whether a request's head was begun that goes on in the next frame.
    head_open: bool,
}

impl Frames {
    /// Before the preface.
    pub(super) fn new() -> Self {
        Self {
            left: PREFACE,
            head: [0; FRAME_HEAD],
            head_read: 0,
            head_open: false,
        }
    }

    /// Takes the next octets; true when they end with a whole frame and no head is open.
    pub(super) fn follow(&mut self, mut octets: &[u8]) -> bool {
        loop {
            let skipped = self.left.min(octets.len());
            self.left -= skipped;
            octets = &octets[skipped..];
            if octets.is_empty() {
                return self.left == 0 && self.head_read == 0 && !self.head_open;
            }
            let taken = (FRAME_HEAD - self.head_read).min(octets.len());
            self.head[self.head_read..self.head_read + taken].copy_from_slice(&octets[..taken]);
            self.head_read += taken;
            octets = &octets[taken..];
            if self.head_read == FRAME_HEAD {
                self.enter_frame();
            }
        }
    }

    fn enter_frame(&mut self) {
        let [high, middle, low, kind, flags, ..] = self.head;
        self.left = u32::from_be_bytes([0, high, middle, low]) as usize;
        self.head_read = 0;
        if kind == HEADERS || kind == CONTINUATION {
            self.head_open = flags & END_HEADERS == 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u32).to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags, 0, 0, 0, 1];
        frame.extend(payload);
        frame
    }

    /// Preface, SETTINGS, a head in three frames, DATA, PING; and where in it something is whole.
    fn conversation() -> (Vec<u8>, Vec<usize>) {
        let mut octets = vec![b'p'; PREFACE];
        let mut whole = vec![PREFACE];
        for (frame, ends) in [
            (frame(4, 0, &[]), true),
            (frame(HEADERS, 0, b"abc"), false),
            (frame(CONTINUATION, 0, b"d"), false),
            (frame(CONTINUATION, END_HEADERS, b""), true),
            (frame(0, 1, b"body"), true),
            (frame(6, 0, &[0; 8]), true),
        ] {
            octets.extend(frame);
            whole.extend(ends.then_some(octets.len()));
        }
        (octets, whole)
    }

    proptest! {
        #[test]
        fn only_the_end_of_a_frame_outside_of_a_head_is_whole(
            mut cuts in proptest::collection::vec(1_usize..90, 0..12)
        ) {
            let (octets, whole) = conversation();
            cuts.retain(|cut| *cut < octets.len());
            cuts.sort_unstable();
            cuts.dedup();
            let mut frames = Frames::new();
            let mut from = 0;
            for cut in cuts {
                let is_whole = frames.follow(&octets[from..cut]);
                prop_assert_eq!(is_whole, whole.contains(&cut), "at {}", cut);
                from = cut;
            }
            prop_assert!(frames.follow(&octets[from..]));
        }
    }
}
