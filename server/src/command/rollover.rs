//! `authority rollover begin | activate | finish | abandon | show`: a new root, with an overlap.
//!
//! Each step does its work in an order in which it can be killed anywhere and repeated: what is
//! written last is the one file that says how far the rollover is.

use std::{fs, path::Path};

use clap::Subcommand;
use der::pem::{LineEnding, encode_string};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use shared::{
    Day,
    enrolment::{Fingerprint, approval::OperatorDeed},
};

use super::{
    Location, Refusal,
    approval::{self, Asking},
    context::{self, Context},
    disk::{Disk, is_there},
    init::random,
    print, print_json, roots, server_certificate,
};
use crate::{
    app::App,
    authority::{Phase, Rollover, is_issued_by},
    settings::Folder,
    store::{
        self,
        audit::{Act, Actor},
    },
    tls,
};

/// The steps of a rollover.
#[derive(Subcommand)]
pub(super) enum Step {
    /// Makes a new root with a new key. From now on certificates of both are let in; the old one
    /// still issues.
    Begin(Asking),
    /// Lets the new root issue. Terminals learn it when they are next started, and renew.
    Activate(Asking),
    /// Drops the old root and its key, when no live certificate of it is left.
    Finish {
        /// Drops it all the same: terminals that still have a certificate of the old root are
        /// shut out, and have to ask for a new link.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        asking: Asking,
    },
    /// Takes back what was begun, before it is activated.
    Abandon(Asking),
    /// Says how far the rollover is, and how many live certificates each root has.
    Show {
        /// Prints one JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(place: &Location, step: Step) -> Result<(), Refusal> {
    let context = context::open(place).await?;
    let app = &context.app;
    let files = &context.settings.server_certificate;
    let disk = Disk::default();
    let done = match step {
        Step::Begin(asking) => begin(place, app, &asking, &disk).await,
        Step::Activate(asking) => activate(place, &context, &asking, &disk).await,
        Step::Finish { force, asking } => {
            let end = End { files, force };
            finish(&place.folder, app, end, &asking, &disk).await
        }
        Step::Abandon(asking) => abandon(&place.folder, app, &asking, &disk).await,
        Step::Show { json } => show(&place.folder, app, json).await,
    };
    context.app.store.close().await;
    done
}

async fn begin(place: &Location, app: &App, asking: &Asking, disk: &Disk) -> Result<(), Refusal> {
    let folder = &place.folder;
    if let Some(rollover) = roots::rollover(folder)? {
        return Err(match rollover.phase {
            Phase::Begun => "a rollover has begun already: activate it, or abandon it",
            Phase::Active | Phase::Ending => "a rollover is under way already: finish it first",
        }
        .into());
    }
    let mut keys = place.passphrase.keys();
    let old = roots::opened(folder, &mut keys)?.issuing;
    let about = format!("in place of root {}", old.fingerprint());
    approval::demand(app, OperatorDeed::RolloverBegin, &about, asking).await?;
    let now = app.clock.now();
    let (new, made) = old.successor(keys.make_beside(&folder.authority_key())?, now, random())?;
    let rollover = Rollover::begin(&old, &new, now, [random(), random()])?;
    note(app, "begin", &rollover).await?;
    let key = keys.protect_as(&folder.authority_key(), &made.key)?;
    disk.write(&folder.rollover_key(), key.as_bytes())?;
    disk.write(&folder.rollover(), rollover.to_text().as_bytes())?;
    print(format_args!("old root {}", Fingerprint::of(&rollover.old)))?;
    print(format_args!("new root {}", Fingerprint::of(&rollover.new)))
}

async fn activate(
    place: &Location,
    Context { app, settings }: &Context,
    asking: &Asking,
    disk: &Disk,
) -> Result<(), Refusal> {
    let folder = &place.folder;
    let rollover = under_way(folder)?;
    if rollover.phase == Phase::Ending {
        return Err("the rollover is about to end: finish it".into());
    }
    // A key that does not open here would not open in the server either.
    let in_force = roots::opened(folder, &mut place.passphrase.keys())?;
    if rollover.phase == Phase::Begun {
        let about = format!("root {}", Fingerprint::of(&rollover.new));
        approval::demand(app, OperatorDeed::RolloverActivate, &about, asking).await?;
        note(app, "activate", &rollover).await?;
        let text = rollover.in_phase(Phase::Active).to_text();
        disk.write(&folder.rollover(), text.as_bytes())?;
    }
    let new = Fingerprint::of(&rollover.new);
    let new = [Some(in_force.issuing), in_force.other]
        .into_iter()
        .flatten()
        .find(|authority| authority.fingerprint() == new)
        .ok_or("the new root's key was not opened")?;
    // One that the operator named is the operator's to replace.
    if !server_certificate::is_own(folder, settings)
        && !is_issued_by(&leaf(&settings.server_certificate)?, new.root())
    {
        let names = server_certificate::names(folder, settings, Vec::new())?;
        server_certificate::make(folder, &new, names, disk)?;
    }
    print(format_args!("root {}", new.fingerprint()))
}

/// How a rollover is to end.
struct End<'a> {
    /// The server's own certificate.
    files: &'a Path,
    /// Terminals of the old root are shut out.
    force: bool,
}

async fn finish(
    folder: &Folder,
    app: &App,
    End {
        files: server_files,
        force,
    }: End<'_>,
    asking: &Asking,
    disk: &Disk,
) -> Result<(), Refusal> {
    if roots::rollover(folder)?.is_none() && is_there(&folder.rollover_key())? {
        // Killed at the very end.
        return disk.remove(&folder.rollover_key());
    }
    let rollover = under_way(folder)?;
    if rollover.phase == Phase::Begun {
        return Err("the new root does not issue yet: activate it first, or abandon it".into());
    }
    if !is_issued_by(&leaf(server_files)?, &rollover.new) {
        return Err(format!(
            "the server's own certificate {} comes from the old root: replace it first",
            server_files.display()
        )
        .into());
    }
    if rollover.phase == Phase::Active {
        let left = left(app, &rollover.old).await?;
        if let Some(last) = left.last_ends
            && !force
        {
            return Err(format!(
                "{} certificates of the old root are still live, the last until {}: their \
                 terminals move to the new root when they are next started; --force shuts them \
                 out",
                left.count,
                Day::in_japan(last)
            )
            .into());
        }
        // Not how many: that changes while somebody is asked, and a yes is to these very words.
        let about = format!(
            "drop root {}{}",
            Fingerprint::of(&rollover.old),
            if force {
                ", shutting out its terminals"
            } else {
                ""
            }
        );
        approval::demand(app, OperatorDeed::RolloverFinish, &about, asking).await?;
        // Another server may have issued under the old root while somebody was asked.
        if !force && self::left(app, &rollover.old).await?.count > 0 {
            return Err(
                "certificates of the old root were issued meanwhile: try again once their \
                 terminals have moved"
                    .into(),
            );
        }
        note(app, "finish", &rollover).await?;
        let former = roots::former(folder)?;
        if !former.contains(&rollover.old) {
            let past = [&rollover.old, &rollover.new_with_old];
            let all = past.into_iter().chain(&former);
            disk.write(
                &folder.former_roots(),
                all.map(pem).collect::<String>().as_bytes(),
            )?;
        }
        let text = rollover.in_phase(Phase::Ending).to_text();
        disk.write(&folder.rollover(), text.as_bytes())?;
    }
    let key = fs::read(folder.rollover_key())
        .map(zeroize::Zeroizing::new)
        .map_err(|error| {
            format!(
                "{} cannot be read: {error}",
                folder.rollover_key().display()
            )
        })?;
    disk.write(&folder.authority_key(), &key)?;
    disk.write(
        &folder.authority_certificate(),
        pem(&rollover.new).as_bytes(),
    )?;
    disk.remove(&folder.rollover())?;
    disk.remove(&folder.rollover_key())?;
    print(format_args!("root {}", Fingerprint::of(&rollover.new)))
}

async fn abandon(folder: &Folder, app: &App, asking: &Asking, disk: &Disk) -> Result<(), Refusal> {
    let rollover = under_way(folder)?;
    if rollover.phase != Phase::Begun {
        return Err("the new root issues already: finish the rollover".into());
    }
    let left = left(app, &rollover.new).await?;
    if left.count > 0 {
        return Err(format!(
            "another server has issued {} certificates of the new root: activate it here, too",
            left.count
        )
        .into());
    }
    let about = format!("root {}", Fingerprint::of(&rollover.new));
    approval::demand(app, OperatorDeed::RolloverAbandon, &about, asking).await?;
    note(app, "abandon", &rollover).await?;
    disk.remove(&folder.rollover())?;
    disk.remove(&folder.rollover_key())
}

async fn show(folder: &Folder, app: &App, json: bool) -> Result<(), Refusal> {
    let known = roots::known(folder)?;
    let phase = roots::rollover(folder)?.map(|rollover| rollover.phase);
    let mut rows = Vec::new();
    for root in known.trusted() {
        let left = left(app, root).await?;
        rows.push(serde_json::json!({
            "root": Fingerprint::of(root),
            "issues": *root == known.issuing,
            "live_certificates": left.count,
            "last_expires_at": left.last_ends,
        }));
    }
    if json {
        return print_json(&serde_json::json!({ "phase": phase, "roots": rows }));
    }
    print(match phase {
        None => "no rollover is under way",
        Some(Phase::Begun) => "begun: both roots are trusted, the old one issues",
        Some(Phase::Active) => "active: both roots are trusted, the new one issues",
        Some(Phase::Ending) => "ending: finish it",
    })?;
    for row in rows {
        let issues = if row["issues"] == true {
            ", issues"
        } else {
            ""
        };
        print(format_args!(
            "root {}: {} live certificates{issues}",
            row["root"].as_str().unwrap_or_default(),
            row["live_certificates"]
        ))?;
    }
    Ok(())
}

/// The live certificates of one root.
struct Left {
    count: usize,
    last_ends: Option<Timestamp>,
}

async fn left(app: &App, root: &CertificateDer<'_>) -> Result<Left, Refusal> {
    let mut reader = app.store.reader().await?;
    let live = store::enrolment::live_certificates(&mut reader, app.clock.now()).await?;
    let of_root = live.iter().filter(|(der, _)| is_issued_by(der, root));
    let ends: Vec<Timestamp> = of_root.map(|(_, ends)| *ends).collect();
    Ok(Left {
        count: ends.len(),
        last_ends: ends.into_iter().max(),
    })
}

fn under_way(folder: &Folder) -> Result<Rollover, Refusal> {
    roots::rollover(folder)?
        .ok_or_else(|| "no rollover is under way: begin one with `authority rollover begin`".into())
}

/// No step without its entry in the log; before the step, so that none is missing.
async fn note(app: &App, step: &str, rollover: &Rollover) -> Result<(), Refusal> {
    let detail = serde_json::json!({
        "old": Fingerprint::of(&rollover.old),
        "new": Fingerprint::of(&rollover.new),
    });
    let act = Act::new(Actor::default(), "command authority rollover");
    let detail = serde_json::json!({ "step": step, "roots": detail });
    let subject = app.new_id();
    app.store
        .write(act, (subject, detail), |tx, (subject, detail)| {
            Box::pin(async move {
                tx.record(*subject, detail);
                Ok(())
            })
        })
        .await?;
    Ok(())
}

fn leaf(path: &Path) -> Result<CertificateDer<'static>, Refusal> {
    Ok(tls::read_certificates(path)?.swap_remove(0))
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    encode_string("CERTIFICATE", LineEnding::LF, certificate)
        .expect("octets can always be written as base64")
}

#[cfg(test)]
mod tests;
