//! `audit verify | export | head`.

use std::{
    fs::{self, File},
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{Location, Refusal, context, print, print_json, roots};
use crate::{
    app::App,
    audit::SignedHead,
    authority::Roots,
    store::audit::{self, Act, Actor, Broken, Exported, Head, hex, verify},
};

/// What can be done with the audit log.
#[derive(Subcommand)]
pub(super) enum Audit {
    /// Checks every entry against the one before it, and prints the log's present end. Kept
    /// elsewhere, that line proves later that nothing up to it was removed.
    Verify {
        /// An end printed earlier, which the log must still contain.
        #[arg(long, value_name = "NUMBER:HASH", value_parser = read)]
        end: Option<Head>,
        /// File with signed heads, one a line, each of which the log must still contain.
        #[arg(long, value_name = "FILE")]
        head: Option<PathBuf>,
        /// Checks this exported copy instead of the database.
        #[arg(long, value_name = "FILE")]
        copy: Option<PathBuf>,
        /// Prints one JSON object: `whole`, and the end or the place where the log is broken.
        #[arg(long)]
        json: bool,
    },
    /// Prints the log, one JSON object a line. The export itself is its last entry.
    Export,
    /// Prints the log's present end, signed by the authority, as one line of JSON to be kept
    /// elsewhere.
    Head,
}

pub(super) async fn run(place: &Location, command: Audit) -> Result<(), Refusal> {
    match command {
        Audit::Verify {
            end,
            head,
            copy: Some(copy),
            json,
        } => {
            context::check_set_up(&place.folder)?;
            let roots = roots::known(&place.folder)?;
            let expected = expected(end, head.as_deref(), &roots)?;
            print_verdict(verify_copy(&copy, &expected)?, json)
        }
        Audit::Verify {
            end, head, json, ..
        } => {
            let context = context::open(place).await?;
            let expected = expected(end, head.as_deref(), &context.app.authority.roots())?;
            let mut reader = context.app.store.reader().await?;
            let found = verify(&mut reader, &expected).await?;
            drop(reader);
            context.app.store.close().await;
            print_verdict(found, json)
        }
        Audit::Export => {
            let context = context::open(place).await?;
            export(&context.app).await?;
            context.app.store.close().await;
            Ok(())
        }
        Audit::Head => {
            let context = context::open_to_sign(place).await?;
            let app = &context.app;
            let mut reader = app.store.reader().await?;
            let head = audit::head(&mut reader).await?;
            drop(reader);
            let now = app.clock.now();
            let authority = app.authority.issuing();
            // A token that hangs is not waited for without an end.
            let signed = authority
                .signs(move |authority| SignedHead::sign(&head, authority, now))
                .await?;
            app.store.close().await;
            print_json(&signed)
        }
    }
}

/// The ends that the log must contain: one given by hand, and those signed in a file.
fn expected(end: Option<Head>, heads: Option<&Path>, roots: &Roots) -> Result<Vec<Head>, Refusal> {
    let mut expected: Vec<Head> = end.into_iter().collect();
    if let Some(path) = heads {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        for (line, text) in (1..).zip(text.lines()) {
            let head = SignedHead::believe(text, roots.all())
                .map_err(|error| format!("{}, line {line}: {error}", path.display()))?;
            expected.push(head);
        }
        if text.lines().next().is_none() {
            return Err(format!("{} holds no head", path.display()).into());
        }
    }
    Ok(expected)
}

/// Checks a copy from its first entry to its last.
fn verify_copy(path: &Path, expected: &[Head]) -> Result<Result<Head, Broken>, Refusal> {
    let unreadable = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let mut head = Head::start();
    for (number, line) in (1..).zip(BufReader::new(File::open(path).map_err(unreadable)?).lines()) {
        let entry: Exported = serde_json::from_str(&line.map_err(unreadable)?)
            .map_err(|error| format!("{}, line {number}: {error}", path.display()))?;
        let followed = head.follow(&entry).and_then(|()| head.check(expected));
        if let Err(broken) = followed {
            return Ok(Err(broken));
        }
    }
    let furthest = expected.iter().map(|head| head.number).max();
    Ok(match furthest.filter(|furthest| *furthest > head.number) {
        Some(furthest) => Err(Broken::CutOff {
            last: head.number,
            head: furthest,
        }),
        None => Ok(head),
    })
}

async fn export(app: &App) -> Result<(), Refusal> {
    // First, so that it is part of what is handed out.
    let act = Act::new(Actor::default(), "command audit export");
    app.store
        .write(act, (), |_, ()| Box::pin(async move { Ok(()) }))
        .await?;
    let mut reader = app.store.reader().await?;
    let end = audit::head(&mut reader).await?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut after = 0;
    loop {
        let entries = audit::entries(&mut reader, after, end.number).await?;
        let Some(last) = entries.last() else { break };
        after = last.number;
        for entry in &entries {
            serde_json::to_writer(&mut out, entry)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}

pub(super) fn print_end(head: &Head) -> Result<(), Refusal> {
    print(format_args!("{}:{}", head.number, hex(&head.hash)))
}

/// Prints the end of a log that is whole. One that is broken is a failure, told in a sentence
/// besides what `json` prints.
fn print_verdict(found: Result<Head, Broken>, json: bool) -> Result<(), Refusal> {
    match (&found, json) {
        (Ok(head), false) => print_end(head)?,
        (Ok(head), true) => print_json(&serde_json::json!({
            "whole": true, "number": head.number, "hash": hex(&head.hash),
        }))?,
        (Err(broken), true) => {
            let (how, at) = match broken {
                Broken::Entry(at) => ("changed", at),
                Broken::Gap(at) => ("missing-before", at),
                Broken::CutOff { last, .. } => ("cut-off-after", last),
                Broken::NotAsExported(at) => ("not-as-exported", at),
            };
            print_json(&serde_json::json!({
                "whole": false, "broken": how, "at": at, "reason": broken.to_string(),
            }))?;
        }
        (Err(_), false) => {}
    }
    found.map(drop).map_err(Refusal::from)
}

fn read(text: &str) -> Result<Head, String> {
    let parse = || {
        let (number, hash) = text.split_once(':')?;
        let hash = shared::enrolment::Fingerprint::parse(hash).ok()?;
        Some(Head {
            number: number.parse().ok()?,
            hash: hash.bytes().to_vec(),
        })
    };
    parse().ok_or_else(|| "an end is a number, a colon and 64 hexadecimal digits".to_owned())
}
