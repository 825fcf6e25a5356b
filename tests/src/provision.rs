//! What the whole check needs of the system beyond Rust and a C compiler, and how to get it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::run;
use crate::{Failure, Outcome, postgres};

/// One package of Debian, and how one sees that it is there.
pub struct Package {
    /// Its name for apt.
    pub name: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    present: Sign,
}

enum Sign {
    /// A program on the path.
    Program(&'static str),
    /// A shared library among the system's.
    Library(&'static str),
    /// A file or folder.
    File(&'static str),
    /// PostgreSQL 15 or later.
    Postgres,
}

const fn package(name: &'static str, purpose: &'static str, present: Sign) -> Package {
    Package {
        name,
        purpose,
        present,
    }
}

/// What opening the window needs.
pub const WINDOW: &[Package] = &[
    package(
        "libx11-xcb1",
        "the window",
        Sign::Library("libX11-xcb.so.1"),
    ),
    package(
        "libxcursor1",
        "the window",
        Sign::Library("libXcursor.so.1"),
    ),
    package("libxi6", "the window", Sign::Library("libXi.so.6")),
    package(
        "libxkbcommon-x11-0",
        "the window's keyboard",
        Sign::Library("libxkbcommon-x11.so.0"),
    ),
    package(
        "fonts-morisawa-bizud-gothic",
        "Japanese text",
        Sign::File("/usr/share/fonts/truetype/bizud-gothic/BIZUDPGothic-Regular.ttf"),
    ),
];

/// What a private keyring needs.
pub const KEYRING: &[Package] = &[
    package(
        "dbus",
        "a session for the keyring",
        Sign::Program("dbus-daemon"),
    ),
    package(
        "gnome-keyring",
        "the keystore",
        Sign::Program("gnome-keyring-daemon"),
    ),
    package(
        "libsecret-tools",
        "looking into the keystore",
        Sign::Program("secret-tool"),
    ),
];

/// What a machine without a screen needs for the window.
pub const DISPLAY: &[Package] = &[
    package("xvfb", "a virtual display", Sign::Program("Xvfb")),
    package("xdotool", "a virtual keyboard", Sign::Program("xdotool")),
    package(
        "openbox",
        "a window manager on the virtual display",
        Sign::Program("openbox"),
    ),
];

/// A mail server to send to.
pub const MAIL: &[Package] = &[
    package(
        "openssl",
        "the mail server's certificate, and an EST client that is not ours",
        Sign::Program("openssl"),
    ),
    package(
        "python3-aiosmtpd",
        "a mail server that is not ours",
        Sign::File("/usr/lib/python3/dist-packages/aiosmtpd/__init__.py"),
    ),
];

/// Something else than our own client that speaks to the server.
pub const CURL: &[Package] = &[package(
    "curl",
    "a client that is not ours",
    Sign::Program("curl"),
)];

/// What the rest of the check needs.
pub const CHECK: &[Package] = &[
    package("postgresql", "the store's second engine", Sign::Postgres),
    package(
        "fonts-noto-cjk",
        "telling Japanese characters from Chinese ones",
        Sign::File("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    ),
    package(
        "strongswan-pki",
        "an EST client that is not ours",
        Sign::Program("pki"),
    ),
    package(
        "libstrongswan-standard-plugins",
        "TLS 1.3 in that client",
        Sign::File("/usr/lib/ipsec/plugins/libstrongswan-openssl.so"),
    ),
    package(
        "softhsm2",
        "a token for the authority's key",
        Sign::Program("softhsm2-util"),
    ),
    package(
        "poppler-utils",
        "reading the letters that are printed",
        Sign::Program("pdftotext"),
    ),
];

/// What the benchmarks measure against.
pub const BENCHMARKS: &[Package] = &[
    package(
        "nginx-light",
        "the yardstick of the TLS benchmarks",
        Sign::Program("/usr/sbin/nginx"),
    ),
    package(
        "chromium",
        "the yardstick of the window's benchmarks",
        Sign::Program("chromium"),
    ),
];

/// Those of `wanted` that this machine lacks.
pub fn missing<'a>(wanted: &[&'a [Package]]) -> Vec<&'a Package> {
    wanted
        .iter()
        .flat_map(|group| group.iter())
        .filter(|package| !package.present.is_seen())
        .collect()
}

/// The command that would install these, for a person to type.
pub fn command_for(packages: &[&Package]) -> String {
    let names: Vec<_> = packages.iter().map(|package| package.name).collect();
    format!(
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
        names.join(" ")
    )
}

/// Sees to it that everything wanted is there: installs what is missing where that is allowed,
/// that is, as root or where `sudo` asks for no password. `say` hears what is being done.
///
/// # Errors
/// With the exact command to type, when it may not install; with apt's own words when that fails.
pub fn provide(wanted: &[&[Package]], say: &mut dyn FnMut(&str)) -> Outcome<()> {
    let lacking = missing(wanted);
    if lacking.is_empty() {
        return Ok(());
    }
    for package in &lacking {
        say(&format!("missing: {} ({})", package.name, package.purpose));
    }
    let command = command_for(&lacking);
    let Some(prefix) = privilege() else {
        return Err(Failure::new(format!(
            "This machine lacks system packages. Please run:\n\n    {command}\n"
        )));
    };
    if !has_package_lists() {
        say("apt-get update");
        apt(&prefix, &["update"])?;
    }
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(lacking.iter().map(|package| package.name));
    say(&format!("apt-get {}", install.join(" ")));
    if apt(&prefix, &install).is_err() {
        // Lists that are weeks old name files that the mirrors no longer have.
        say("once more with fresh package lists");
        apt(&prefix, &["update"])?;
        apt(&prefix, &install)
            .map_err(|failure| Failure::new(format!("{failure}\nBy hand:\n\n    {command}\n")))?;
    }
    match missing(wanted).as_slice() {
        [] => Ok(()),
        left => Err(Failure::new(format!(
            "Installed, but still not found: {}",
            command_for(left)
        ))),
    }
}

impl Sign {
    fn is_seen(&self) -> bool {
        match self {
            Self::Program(name) => on_path(name),
            Self::Library(name) => library_folders()
                .iter()
                .any(|folder| Path::new(folder).join(name).exists()),
            Self::File(path) => Path::new(path).exists(),
            Self::Postgres => postgres::programs().is_some(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the search path is what is asked about"
)]
fn on_path(name: &str) -> bool {
    if name.starts_with('/') {
        return Path::new(name).exists();
    }
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn library_folders() -> [&'static str; 5] {
    [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
        "/lib",
    ]
}

fn has_package_lists() -> bool {
    fs::read_dir("/var/lib/apt/lists").is_ok_and(|lists| {
        lists
            .flatten()
            .any(|list| list.file_name().to_string_lossy().contains("Packages"))
    })
}

/// What to put before apt-get, or nothing when it may not be called.
fn privilege() -> Option<Vec<&'static str>> {
    if !on_path("apt-get") {
        return None;
    }
    let root =
        run(Command::new("id").arg("-u"), "").is_ok_and(|answer| answer.stdout.trim() == "0");
    if root {
        return Some(vec![]);
    }
    let sudo = on_path("sudo")
        && run(Command::new("sudo").args(["-n", "true"]), "").is_ok_and(|a| a.status.success());
    sudo.then(|| vec!["sudo", "-n"])
}

fn apt(prefix: &[&str], arguments: &[&str]) -> Outcome<()> {
    let mut words = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
    words.extend(arguments);
    run(Command::new(words[0]).args(&words[1..]), "")?
        .success()
        .map(drop)
        .map_err(|failure| Failure::new(format!("apt-get {}: {failure}", arguments.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_missing_and_names_the_command() {
        let made_up = [package(
            "no-such-package",
            "nothing",
            Sign::Program("no-such-program"),
        )];
        let shell = [package("dash", "the shell", Sign::Program("sh"))];
        let lacking = missing(&[&made_up, &shell]);
        assert_eq!(
            lacking
                .iter()
                .map(|package| package.name)
                .collect::<Vec<_>>(),
            ["no-such-package"]
        );
        assert!(command_for(&lacking).ends_with("--no-install-recommends no-such-package"));
    }
}
