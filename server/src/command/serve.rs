//! `serve`: runs the server.

use std::{
    io,
    net::SocketAddr,
    path::{self, PathBuf},
    sync::Arc,
    time::Duration,
};

use ::http::HeaderValue;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Location, Refusal, context, handles,
    identity::{Followers, IdentityFiles, keep_current},
    print, roots,
};
use crate::{
    app::App,
    audit::keep_heads,
    enrolment::{keep_fresh, keep_noting, work_off_jobs},
    follow_up::keep_in_order,
    http,
    listener::{Limits, Listener},
    log,
    mail::{SmtpLine, Worker, keep_posting, keep_writing},
    offices::searchable::keep_searchable,
    settings::{DatabaseInUse, Overrides, Serving, Settings, listening_address},
    tls::{self, Now, ShownIdentity, TrustedRoots},
};

/// What `serve` takes.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where terminals connect; port 0 takes any free one [default: `terminals` in settings.toml, or
    /// else 0.0.0.0:8443].
    #[arg(long, env = "MIMAMORI_TERMINALS", value_name = "ADDR", value_parser = listening_address)]
    terminals: Option<SocketAddr>,
    /// Where enrolment links lead; port 0 takes any free one [default: `enrolment` in settings.toml,
    /// or else 0.0.0.0:8444].
    #[arg(long, env = "MIMAMORI_ENROLMENT", value_name = "ADDR", value_parser = listening_address)]
    enrolment: Option<SocketAddr>,
    /// The server's certificate chain, PEM [default: `server_certificate` in settings.toml, or else
    /// the one made by `init`].
    #[arg(long, env = "MIMAMORI_SERVER_CERT", value_name = "FILE")]
    server_cert: Option<PathBuf>,
    /// Its key, PEM [default: `server_key` in settings.toml, or else the one made by `init`].
    #[arg(long, env = "MIMAMORI_SERVER_KEY", value_name = "FILE")]
    server_key: Option<PathBuf>,
    /// What is logged: error, warn, info, debug or trace [default: `log` in settings.toml, or else
    /// info].
    #[arg(long, env = "MIMAMORI_LOG", value_name = "FILTER")]
    log: Option<String>,
}

pub(super) async fn run(place: &Location, arguments: Arguments) -> Result<(), Refusal> {
    let folder = &place.folder;
    context::check_set_up(folder)?;
    let is_told = arguments.server_cert.is_some() || arguments.server_key.is_some();
    let settings = Settings::load(
        folder,
        Overrides {
            terminals: arguments.terminals,
            enrolment: arguments.enrolment,
            database: place.database.clone(),
            server_certificate: arguments.server_cert,
            server_key: arguments.server_key,
            log: arguments.log,
        },
    )?;
    context::check_database(place, &settings)?;
    log::start(&settings.log).map_err(|error| format!("log: {error}"))?;
    let mut keys = place.passphrase.keys();
    let in_force = roots::opened(folder, &mut keys)?;
    let trusted = TrustedRoots::new(in_force.roots.trusted())?;
    let app = Arc::new(context::app(folder, &settings, in_force).await?);
    let files = IdentityFiles::of(&app, folder, &settings);
    let shown = Arc::new(ShownIdentity::new(files.read()?)?);
    let smtp = settings.mail.smtp.as_ref();
    let line = smtp
        .map(|smtp| SmtpLine::new(smtp, &settings.host))
        .transpose()?;
    let (terminals, enrolment) = listeners(&app, &settings, &shown, &trusted).await?;
    let serving = Serving {
        terminals: terminals.address()?,
        enrolment: enrolment.address()?,
        database: DatabaseInUse::of(place.database.as_deref()),
        hosts: owned(&settings.hosts()),
        identity: is_told.then(|| identity(&settings)).transpose()?,
    };
    folder.note_serving(&serving)?;
    handles::raise(&settings.limits);

    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let body = settings.limits.body;
    let told = HeaderValue::try_from(settings.terminals_address(serving.terminals.port()))?;
    let for_terminals = http::telling(http::terminals(app.clone(), body), told.clone());
    let for_links = http::telling(http::enrolment(app.clone(), body), told);
    tasks.spawn(terminals.serve(for_terminals, stop.clone()));
    tasks.spawn(enrolment.serve(for_links, stop.clone()));
    let followers = Followers {
        folder: folder.clone(),
        keys,
        authority: app.authority.clone(),
        trusted,
    };
    tasks.spawn(keep_current(followers, files, shown, stop.clone()));
    if let Some(path) = settings.audit_heads.clone() {
        tasks.spawn(keep_heads(app.clone(), path, stop.clone()));
    }
    tasks.spawn(keep_fresh(app.clone(), stop.clone()));
    tasks.spawn(keep_noting(app.clone(), stop.clone()));
    tasks.spawn(keep_in_order(app.clone(), stop.clone()));
    tasks.spawn(keep_searchable(app.clone(), stop.clone()));
    app.mail
        .let_links_lead_to(settings.link_address(serving.enrolment.port()));
    tasks.spawn(keep_writing(app.clone(), stop.clone()));
    // Its links must know where they lead.
    tasks.spawn(work_off_jobs(app.clone(), stop.clone()));
    if let Some(line) = line {
        let worker = Worker::new(app.clone(), Arc::new(line));
        tasks.spawn(keep_posting(worker, stop.clone()));
    }
    tasks.close();
    let Serving {
        terminals,
        enrolment,
        ..
    } = serving;
    print(format_args!(
        "ready terminals={terminals} enrolment={enrolment}"
    ))?;
    tracing::info!(%terminals, %enrolment, "ready");

    asked_to_end().await?;
    tracing::info!("ending");
    // First, so that no command is sent to a server that is on its way out.
    folder.forget_serving();
    stop.cancel();
    tasks.wait().await;
    app.store.close().await;
    tracing::info!("ended");
    Ok(())
}

fn owned(hosts: &[(&str, &str)]) -> Vec<String> {
    hosts.iter().map(|(_, host)| (*host).to_owned()).collect()
}

/// Where the certificate lies that is shown, and its key, from whichever folder one looks.
fn identity(settings: &Settings) -> io::Result<(PathBuf, PathBuf)> {
    let (certificate, key) = (&settings.server_certificate, &settings.server_key);
    Ok((path::absolute(certificate)?, path::absolute(key)?))
}

async fn listeners(
    app: &Arc<App>,
    settings: &Settings,
    shown: &ShownIdentity,
    trusted: &TrustedRoots,
) -> Result<(Listener, Listener), Refusal> {
    let clock = Arc::clone(&app.clock);
    let now: Now = Arc::new(move || clock.now());
    let for_terminals = tls::terminals_config(shown, trusted, now.clone())?;
    let for_enrolment = tls::enrolment_config(shown, now)?;
    // Strangers come here: nobody needs to linger.
    let brief = Limits {
        idle: settings.limits.idle.min(Duration::from_secs(15)),
        ..settings.limits.clone()
    };
    let limits = settings.limits.clone();
    Ok((
        bind("terminals", settings.terminals, for_terminals, limits).await?,
        bind("enrolment", settings.enrolment, for_enrolment, brief).await?,
    ))
}

async fn bind(
    name: &str,
    address: SocketAddr,
    tls: tls::TlsConfig,
    limits: Limits,
) -> Result<Listener, Refusal> {
    Listener::bind(address, tls, limits)
        .await
        .map_err(|error| not_listening(name, address, &error).into())
}

/// Which setting cannot be, why, and what to do.
fn not_listening(name: &str, address: SocketAddr, error: &io::Error) -> String {
    let (ip, port) = (address.ip(), address.port());
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "because a program listens on port {port} already (this server, started twice?): stop \
             that one, or name another port"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("because {ip} is no address of this machine: name one, or 0.0.0.0 for all")
        }
        io::ErrorKind::PermissionDenied => format!(
            "because the system does not let this user have port {port}: name one from 1024 on"
        ),
        _ => return format!("{name}: {address} cannot be listened on: {error}"),
    };
    format!(
        "{name}: {address} cannot be listened on, {why}, with `{name}` in settings.toml or --{name}"
    )
}

/// Returns on SIGTERM and on Ctrl-C.
async fn asked_to_end() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_the_system_keeps_to_itself_is_told_with_those_it_gives() {
        let address = "0.0.0.0:443".parse().unwrap();
        let said = not_listening(
            "enrolment",
            address,
            &io::ErrorKind::PermissionDenied.into(),
        );
        assert_eq!(
            said,
            "enrolment: 0.0.0.0:443 cannot be listened on, because the system does not let this \
             user have port 443: name one from 1024 on, with `enrolment` in settings.toml or \
             --enrolment"
        );
        let other = io::Error::other("the cable is cut");
        let said = not_listening("enrolment", address, &other);
        assert!(said.ends_with("listened on: the cable is cut"), "{said}");
    }
}
