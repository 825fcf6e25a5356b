use shared::Language;
use shared::text::Refused;

use super::*;

fn folder_with(text: &str) -> (tempfile::TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::new(place.path().to_owned());
    std::fs::write(folder.settings(), text).unwrap();
    (place, folder)
}

fn load(text: &str) -> Result<Settings, SettingsError> {
    let (_place, folder) = folder_with(text);
    Settings::load(&folder, Overrides::default())
}

fn sentence(text: &str) -> String {
    load(text).err().expect("refused").to_string()
}

#[test]
fn the_file_that_init_writes_says_the_defaults() {
    let settings = load(&new_file("mimamori.example.jp")).unwrap();
    assert_eq!(settings.terminals, ([0, 0, 0, 0], 8443).into());
    assert_eq!(settings.enrolment, ([0, 0, 0, 0], 8444).into());
    assert_eq!(settings.link_address(8444), "mimamori.example.jp:8444");
    // Uncommented, every line of it must still be a setting that exists and mean the default.
    let all: String = new_file("localhost")
        .lines()
        .filter(|line| !line.contains("postgres://") && !line.contains("server."))
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let (place, _) = folder_with("");
    let elsewhere = place.path().display().to_string();
    for file in ["mail-password", "mail-authority.pem"] {
        std::fs::write(place.path().join(file), "見本").unwrap();
    }
    let explicit = load(&all.replace("/etc/mimamori", &elsewhere)).unwrap();
    assert_eq!(
        format!("{:?}", explicit.limits),
        format!("{:?}", settings.limits)
    );
    assert!(settings.mail.smtp.is_none());
    assert_eq!(explicit.mail.password_by, settings.mail.password_by);
    assert_eq!(explicit.mail.password_delay, settings.mail.password_delay);
    assert_eq!(explicit.mail.language, settings.mail.language);
    let smtp = explicit.mail.smtp.unwrap();
    assert_eq!((smtp.port, smtp.tls), (587, SmtpTls::default()));
}

#[test]
fn a_value_that_cannot_be_is_refused_in_words_with_what_is_expected() {
    let mail = "[mail]\nserver = \"smtp.example.jp\"\nsender = \"a@example.jp\"\n";
    for (line, says) in [
        ("helpdesk_opens = \"25:00\"", "time_of_day"),
        ("helpdesk_closed_days = [\"2026-13-01\"]", "day"),
    ] {
        let said = sentence(&format!("{mail}{line}"));
        let name = line.split(' ').next().unwrap();
        assert!(said.contains(name) && said.contains("line 4"), "{said}");
        let expected = Refused::new(says).sentence(Language::En);
        assert!(said.contains(&expected), "{said}");
    }
    let said = sentence("log = info");
    assert!(
        said.contains("log") && said.contains("between double quotes"),
        "{said}"
    );
}

#[test]
fn a_setting_of_mail_that_cannot_be_is_named_with_its_reason() {
    let place = tempfile::tempdir().unwrap();
    let password = place.path().join("password");
    std::fs::write(&password, "\n").unwrap();
    let password = format!("{:?}", password.display().to_string());
    let mail = |lines: &str| {
        let text = "[mail]\nserver = \"smtp.example.jp\"\nsender = \"a@example.jp\"\n";
        sentence(&format!("{text}{lines}"))
    };
    for (lines, reason) in [
        (
            "user = \"x\"".to_owned(),
            "mail.user and password_file belong together",
        ),
        (
            format!("password_file = {password}"),
            "mail.user and password_file",
        ),
        (
            format!("user = \"x\"\npassword_file = {password}"),
            "is empty",
        ),
        (
            format!("user = \"x\"\npassword_file = {password}\ntls = \"none\""),
            "must not be sent without encryption",
        ),
        (
            "authority = \"/nowhere\"".to_owned(),
            "/nowhere cannot be read",
        ),
        (
            "helpdesk = \"nobody\"".to_owned(),
            "mail.helpdesk is \"nobody\"",
        ),
        (
            "link_password = \"fax\"".to_owned(),
            "one of mail, letter, phone",
        ),
        (
            "link_password_delay_minutes = -1".to_owned(),
            "between 0 and 14400",
        ),
        (
            "sender_name = \"a\\nBcc: b@example.jp\"".to_owned(),
            "one line",
        ),
        ("tls = \"maybe\"".to_owned(), "unknown variant `maybe`"),
        ("sendr = \"x\"".to_owned(), "unknown field `sendr`"),
    ] {
        let sentence = mail(&lines);
        assert!(sentence.contains(reason), "{lines}: {sentence}");
    }
    assert!(sentence("[mail]\nserver = \"x\"").contains("mail.sender is missing"));
    assert!(sentence("[mail]\nsender = \"a@example.jp\"").contains("mail.server is missing"));
}

#[test]
fn a_flag_wins_over_the_file() {
    let (_place, folder) = folder_with("terminals = \"127.0.0.1:1\"\nenrolment = \"127.0.0.1:2\"");
    let overrides = Overrides {
        terminals: Some(([127, 0, 0, 1], 9).into()),
        ..Overrides::default()
    };
    let settings = Settings::load(&folder, overrides).unwrap();
    assert_eq!(settings.terminals.port(), 9);
    assert_eq!(settings.enrolment.port(), 2);
}

#[test]
fn a_broken_setting_is_named_with_its_reason() {
    assert!(sentence("\nterminal = 1").contains("line 2: unknown field `terminal`"));
    let expected = "line 1: terminals: expected a numeric address and a port, for example";
    assert!(sentence("terminals = \"nowhere:8443\"").contains(expected));
    assert!(sentence("database = \"mysql://x\"").starts_with("database: "));
    let sentence_of_limit = sentence("[limits]\nhead_seconds = 0");
    assert_eq!(
        sentence_of_limit,
        "limits.head_seconds is 0, but must lie between 1 and 3600"
    );
    assert!(sentence("server_key = \"/x\"").contains("belong together"));
    assert!(sentence("public_enrolment = \"a b\"").contains("public_enrolment is"));
    assert!(sentence("public_terminals = \"a\"").contains("public_terminals is"));
}

#[test]
fn an_address_of_version_6_stands_in_brackets_in_a_link() {
    let settings = load("host = \"::1\"").unwrap();
    assert_eq!(settings.link_address(1), "[::1]:1");
}

#[test]
fn every_public_address_is_a_host_that_the_certificate_must_name() {
    let settings = load(
        "host = \"a.example.jp\"\npublic_enrolment = \"b.example.jp:443\"\n\
         public_terminals = \"[2001:db8::1]:8443\"",
    );
    let hosts = [
        ("host", "a.example.jp"),
        ("public_enrolment", "b.example.jp"),
        ("public_terminals", "2001:db8::1"),
    ];
    assert_eq!(settings.unwrap().hosts(), hosts);
}

#[test]
fn files_with_secrets_are_the_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("authority.key");
    write_private(&path, "secret").unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
