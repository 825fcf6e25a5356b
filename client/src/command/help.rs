//! What `--help` says: in the language that the window speaks.

use clap::Command;

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
        let line = in_words(Arguments::command());
        let wrong = line.try_get_matches_from(["mimamori", "enrol"]);
        assert_eq!(wrong.map_err(|error| error.exit_code()).err(), Some(2));
    }
}
