//! What `--help` says, and what is said of a line that cannot be read: in the language that the
//! window speaks.

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::say;

/// This command line and its commands with their words of `locales/command.yml`. What a command is
/// for stands there under its name, what each of its options is for beside that.
pub(super) fn in_words(mut line: Command) -> Command {
    // With what clap adds of itself.
    line.build();
    described(line, "command.help").mut_subcommands(|command| match command.get_name() {
        "help" => command.about(say!("command.help.help_about")),
        name => {
            let key = format!("command.help.{name}");
            described(command, &key)
        }
    })
}

fn described(command: Command, key: &str) -> Command {
    let layout = format!(
        "{{about-with-newline}}\n{} {{usage}}\n\n{{all-args}}",
        say!("command.help.usage")
    );
    command
        .about(say!(format!("{key}.about")))
        .help_template(layout)
        .subcommand_help_heading(say!("command.help.commands"))
        .mut_args(|argument| {
            let heading = match argument.is_positional() {
                true => say!("command.help.arguments"),
                false => say!("command.help.options"),
            };
            let words = match argument.get_id().as_str() {
                common @ ("help" | "version") => say!(format!("command.help.{common}")),
                own => say!(format!("{key}.{own}")),
            };
            argument.help(words).help_heading(heading)
        })
}

/// What is wrong with a line, and how it is used; `None` where nothing is wrong, because it asks for
/// the help or the version.
pub(super) fn what_is_wrong(error: &clap::Error) -> Option<String> {
    let context = |kind| match error.get(kind)? {
        ContextValue::String(one) => Some(one.clone()),
        ContextValue::Strings(several) => Some(several.join(" ")),
        ContextValue::StyledStr(usage) => Some(usage.to_string()),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let value = context(ContextKind::InvalidValue).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return None,
        ErrorKind::MissingRequiredArgument => say!("command.wrong.missing", word = argument),
        ErrorKind::UnknownArgument => say!("command.wrong.unknown", word = argument),
        ErrorKind::ArgumentConflict => {
            let prior = context(ContextKind::PriorArg).unwrap_or_default();
            match prior == argument {
                true => say!("command.wrong.twice", word = argument),
                false => say!("command.wrong.conflict", word = argument, other = prior),
            }
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            say!("command.wrong.no_value", word = argument)
        }
        ErrorKind::TooManyValues => {
            say!("command.wrong.a_value", word = argument, value = value)
        }
        _ => say!("command.wrong.line"),
    };
    // Of what lacks its value clap does not say how it is used.
    let Some(usage) = context(ContextKind::Usage) else {
        return Some(format!("{what}\n{}", say!("command.wrong.help")));
    };
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    Some(format!("{what}\n{} {usage}", say!("command.help.usage")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::command::Arguments;
    use crate::language::{Language, speak};

    /// The help of the program and of each of its commands, in this language.
    fn helps(language: Language) -> String {
        speak(language);
        let mut line = in_words(Arguments::command());
        let mut helps = line.render_long_help().to_string();
        for command in line.get_subcommands_mut() {
            if command.get_name() != "help" {
                helps.push_str(&command.render_long_help().to_string());
            }
        }
        helps
    }

    #[test]
    fn help_speaks_the_language_of_the_window() {
        let japanese = helps(Language::Ja);
        for words in ["使い方:", "コマンド:", "オプション:", "引数:", "--untold"] {
            assert!(japanese.contains(words), "{words} is not in: {japanese}");
        }
        for words in ["Usage", "Options", "Print", "command.help"] {
            assert!(!japanese.contains(words), "{words} is in: {japanese}");
        }
        let english = helps(Language::En);
        for words in ["Usage:", "Commands:", "Options:", "Arguments:", "--untold"] {
            assert!(english.contains(words), "{words} is not in: {english}");
        }
        assert!(!english.contains("command.help"), "{english}");
    }

    #[test]
    fn what_help_says_changes_nothing_of_what_is_understood() {
        speak(Language::Ja);
        for words in [
            &["mimamori", "enrol", "--link", "x", "--password-stdin"][..],
            &["mimamori", "status", "--json"],
            &["mimamori", "leave", "--yes", "--untold"],
            &["mimamori", "mimamori://localhost/x"],
            &["mimamori"],
        ] {
            let line = in_words(Arguments::command());
            assert!(line.try_get_matches_from(words).is_ok(), "{words:?}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_what_is_wrong_in_both_languages() {
        let said = |words: &[&str]| {
            let read = in_words(Arguments::command()).try_get_matches_from(words);
            what_is_wrong(&read.unwrap_err())
        };
        for (words, japanese, english) in [
            (
                &["mimamori", "enrol"][..],
                "「--link <LINK>」が必要です。",
                "--link <LINK> is needed.",
            ),
            (
                &["mimamori", "status", "--jsn"],
                "「--jsn」はここでは使えません。",
                "--jsn means nothing here.",
            ),
            (
                &["mimamori", "enrol", "--link"],
                "「--link <LINK>」に値がありません。",
                "--link <LINK> has no value.",
            ),
            (
                &["mimamori", "leave", "--yes", "--yes"],
                "「--yes」は1回だけ指定できます。",
                "--yes can be given once only.",
            ),
            (
                &["mimamori", "status", "--json=x"],
                "「--json」に値「x」は付けられません。",
                "--json takes no value, such as x.",
            ),
        ] {
            for (language, what, heading) in [
                (Language::Ja, japanese, "使い方:"),
                (Language::En, english, "Usage:"),
            ] {
                speak(language);
                let said = said(words).unwrap();
                let (first, then) = said.split_once('\n').unwrap();
                assert_eq!(first, what);
                let usage = format!("{heading} mimamori {}", words[1]);
                let is_told_how = then.starts_with(&usage) || then.contains("`mimamori --help`");
                assert!(is_told_how, "{said}");
            }
        }
        assert_eq!(said(&["mimamori", "status", "--help"]), None);
    }
}
