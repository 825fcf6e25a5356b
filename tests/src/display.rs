//! A virtual display with a keyboard and a camera.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Running, run, wait_until};
use crate::scratch::Scratch;
use crate::{Because, Failure, Outcome};

/// A picture stands still when it has not changed for this long.
const STILL: Duration = Duration::from_millis(250);

/// How the window manager behaves: one window over the whole screen, closed by Alt+F4.
const MANAGER: &str = r#"<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <keyboard><keybind key="A-F4"><action name="Close"/></keybind></keyboard>
  <applications>
    <application type="normal"><decor>no</decor><maximized>yes</maximized><focus>yes</focus></application>
  </applications>
</openbox_config>
"#;

/// A running X server without a screen, with a window manager; gone when dropped.
pub struct Display {
    // Dropped in this order: the manager would complain about a lost server.
    manager: Option<Running>,
    server: Running,
    number: String,
    size: (u32, u32),
    home: Scratch,
}

impl Display {
    /// Starts one of this size in pixels, on a number that is free.
    ///
    /// # Errors
    /// When Xvfb is missing or does not come up within ten seconds.
    pub fn start(width: u32, height: u32) -> Outcome<Self> {
        let home = Scratch::new("display")?;
        let mut server = Running::start(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-nolisten",
                    "tcp",
                    // Or it would begin anew, refusing whoever comes meanwhile, each time the only
                    // client leaves: a question of ours before the window manager is in.
                    "-noreset",
                    "-screen",
                    "0",
                    &format!("{width}x{height}x24"),
                ])
                .arg("-fbdir")
                .arg(home.path())
                .stdin(Stdio::null()),
            &home.join("xvfb.log"),
        )?;
        let number = server
            .wait_for_line(Duration::from_secs(10), |line| {
                line.trim().parse::<u32>().ok()
            })
            .map(|number| format!(":{number}"))?;
        let size = (width, height);
        let mut display = Self {
            manager: None,
            server,
            number,
            size,
            home,
        };
        display.manager = Some(display.manager()?);
        Ok(display)
    }

    fn manager(&self) -> Outcome<Running> {
        let settings = self.home.join("openbox.xml");
        fs::write(&settings, MANAGER).because("writing the window manager's settings")?;
        let mut openbox = Command::new("openbox");
        self.enter(&mut openbox)
            .env("LC_ALL", "C.UTF-8")
            .arg("--sm-disable")
            .arg("--config-file")
            .arg(settings);
        let manager = Running::start(openbox.stdin(Stdio::null()), &self.home.join("openbox.log"))?;
        // It is there when it has said so to the display: it then has an answer for every window.
        wait_until(Duration::from_secs(30), "the window manager", || {
            self.xdotool(&["get_num_desktops"]).ok()
        })
        .map_err(|failure| Failure::new(format!("{failure}\n{}", manager.log())))?;
        Ok(manager)
    }

    /// Lets a command open its windows here, and nowhere else.
    pub fn enter<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("DISPLAY", &self.number)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Waits for a window whose title holds `title` to have the keyboard.
    ///
    /// # Errors
    /// When none is there within `limit`.
    pub fn wait_for_window(&self, title: &str, limit: Duration) -> Outcome<()> {
        let window = wait_until(limit, &format!("a window called {title}"), || {
            self.window(title)
        })?;
        self.xdotool(&["windowactivate", "--sync", &window])?;
        let (width, height) = self.size;
        // The pointer would lie over what is to be seen.
        self.xdotool(&["mousemove", &width.to_string(), &height.to_string()])
            .map(drop)
    }

    /// The visible window whose title holds `title`. xdotool's own search by name does not find
    /// a Japanese name that a program has set in UTF-8 only.
    fn window(&self, title: &str) -> Option<String> {
        let windows = self
            .xdotool(&["search", "--onlyvisible", "--name", ""])
            .ok()?;
        let called = |window: &&str| {
            self.xdotool(&["getwindowname", window])
                .is_ok_and(|name| name.contains(title))
        };
        windows.lines().find(called).map(str::to_owned)
    }

    /// Presses keys by their X names, one after the other: `Tab`, `ctrl+s`, `Return`.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn press(&self, keys: &[&str]) -> Outcome<()> {
        let mut arguments = vec!["key", "--clearmodifiers", "--delay", "40"];
        arguments.extend(keys);
        self.xdotool(&arguments).map(drop)
    }

    /// Types a text as a person would.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn write(&self, text: &str) -> Outcome<()> {
        self.xdotool(&["type", "--clearmodifiers", "--delay", "20", "--", text])
            .map(drop)
    }

    /// Waits until nothing moves any more, for at most `limit`.
    pub fn rest(&self, limit: Duration) {
        let until = Instant::now() + limit;
        let mut last = self.frame().ok();
        let mut since = Instant::now();
        while Instant::now() < until && since.elapsed() < STILL {
            thread::sleep(Duration::from_millis(50));
            let now = self.frame().ok();
            if now != last {
                (last, since) = (now, Instant::now());
            }
        }
    }

    /// Looks at the screen as it is now, to see how long from now it takes to change.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn settling(&self) -> Outcome<Settling<'_>> {
        Ok(Settling {
            before: self.glimpse()?,
            started: Instant::now(),
            display: self,
        })
    }

    /// A keyboard that is held ready: a key goes out at once, without a program to start.
    ///
    /// # Errors
    /// When xdotool is missing.
    pub fn keyboard(&self) -> Outcome<Keyboard> {
        let mut command = Command::new("xdotool");
        let mut xdotool = Running::start(
            self.enter(command.arg("-")).stdin(Stdio::piped()),
            &self.home.join("keyboard.log"),
        )?;
        let input = xdotool.input().expect("its input was asked for");
        Ok(Keyboard {
            input,
            _xdotool: xdotool,
        })
    }

    /// A few lines of the screen, spread over it: enough to see that something changed, and quick.
    fn glimpse(&self) -> Outcome<Vec<u8>> {
        use std::os::unix::fs::FileExt;
        let doing = "reading the screen";
        let file = File::open(self.home.join("Xvfb_screen0")).because(doing)?;
        let size = file.metadata().because(doing)?.len();
        let line = self.size.0 as usize * 4;
        let mut seen = vec![0; line * 24];
        for (number, part) in seen.chunks_exact_mut(line).enumerate() {
            // An odd fraction, so that no line of a list falls on the same height each time.
            file.read_exact_at(part, (size - line as u64) * (2 * number as u64 + 1) / 49)
                .because(doing)?;
        }
        Ok(seen)
    }

    /// Saves what is seen as a PNG.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn picture(&self, file: &Path) -> Outcome<()> {
        let frame = self.frame()?;
        let doing = format!("writing {}", file.display());
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).because(&doing)?;
        }
        let out = BufWriter::new(File::create(file).because(&doing)?);
        let mut encoder = png::Encoder::new(out, frame.width, frame.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&frame.rgb))
            .because(&doing)
    }

    /// What is seen at this moment.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn frame(&self) -> Outcome<Frame> {
        let dump = fs::read(self.home.join("Xvfb_screen0")).because("reading the screen")?;
        Frame::parse(&dump).ok_or_else(|| Failure::new("the screen is not in the expected form"))
    }

    /// Whether the X server is still there.
    pub fn alive(&mut self) -> bool {
        self.server.ended().is_none()
            && self
                .manager
                .as_mut()
                .is_some_and(|manager| manager.ended().is_none())
    }

    fn xdotool(&self, arguments: &[&str]) -> Outcome<String> {
        run(self.enter(&mut Command::new("xdotool")).args(arguments), "")?
            .success()
            .because("xdotool")
    }
}

/// The screen from a moment on, see [`Display::settling`].
pub struct Settling<'a> {
    display: &'a Display,
    before: Vec<u8>,
    started: Instant,
}

impl Settling<'_> {
    /// How long it took to change at all, seen to two milliseconds.
    ///
    /// # Errors
    /// When nothing has changed within `limit`.
    pub fn first(&self, limit: Duration) -> Outcome<Duration> {
        while self.started.elapsed() < limit {
            if self.display.glimpse()? != self.before {
                return Ok(self.started.elapsed());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(Failure::new(format!(
            "the screen has not changed within {limit:?}"
        )))
    }

    /// How long it took to the last change before the screen stays as it is.
    ///
    /// # Errors
    /// When nothing has changed, or it goes on changing, within `limit`.
    pub fn wait(&self, limit: Duration) -> Outcome<Duration> {
        let mut at = self.first(limit)?;
        let mut last = self.display.glimpse()?;
        while self.started.elapsed() < limit {
            thread::sleep(Duration::from_millis(2));
            let now = self.display.glimpse()?;
            if now != last {
                (last, at) = (now, self.started.elapsed());
            } else if self.started.elapsed() > at + STILL {
                return Ok(at);
            }
        }
        Err(Failure::new(format!(
            "the screen has not settled within {limit:?}"
        )))
    }
}

/// A keyboard that is held ready, see [`Display::keyboard`].
pub struct Keyboard {
    input: std::process::ChildStdin,
    _xdotool: Running,
}

impl Keyboard {
    /// Presses a key by its X name.
    ///
    /// # Errors
    /// When the display is gone.
    pub fn press(&mut self, key: &str) -> Outcome<()> {
        writeln!(self.input, "key {key}")
            .and_then(|()| self.input.flush())
            .because("pressing a key")
    }
}

/// One picture of the display.
#[derive(PartialEq, Eq)]
pub struct Frame {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Three bytes a pixel, row by row from the top left.
    pub rgb: Vec<u8>,
}

impl Frame {
    /// Reads the X window dump that Xvfb keeps of its screen: 25 big-endian words, the window's
    /// name, a colour table of 12 bytes an entry, and pixels as B, G, R and one unused byte.
    fn parse(dump: &[u8]) -> Option<Self> {
        let word = |index: usize| {
            Some(u32::from_be_bytes(
                dump.get(index * 4..index * 4 + 4)?.try_into().ok()?,
            ))
        };
        let (header, width, height) = (word(0)? as usize, word(4)?, word(5)?);
        let (bits_per_pixel, row, colours) = (word(11)?, word(12)? as usize, word(19)? as usize);
        if bits_per_pixel != 32 {
            return None;
        }
        let pixels = dump.get(header + colours * 12..)?;
        let rgb = pixels
            .chunks_exact(row)
            .take(height as usize)
            .flat_map(|row| row.chunks_exact(4).take(width as usize))
            .flat_map(|pixel| [pixel[2], pixel[1], pixel[0]])
            .collect();
        Some(Self { width, height, rgb })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_colours_of_a_screen_dump() {
        let mut words = [0_u32; 25];
        (
            words[0], words[4], words[5], words[11], words[12], words[19],
        ) = (104, 1, 2, 32, 4, 1);
        let mut dump: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        dump.extend([0; 4]); // the name
        dump.extend([0; 12]); // one colour
        dump.extend([3, 2, 1, 0, 6, 5, 4, 0]);
        let frame = Frame::parse(&dump).unwrap();
        assert_eq!(
            (frame.width, frame.height, frame.rgb),
            (1, 2, vec![1, 2, 3, 4, 5, 6])
        );
    }

    #[test]
    fn refuses_a_dump_that_is_cut_off() {
        assert!(Frame::parse(&[0; 50]).is_none());
    }
}
