//! nginx as the yardstick: the same certificates, the same demand for a client's, a fixed answer.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::postgres::free_port;
use crate::process::{Running, wait_until};
use crate::scratch::Scratch;
use crate::{Because, Outcome};

/// A running nginx with one worker, gone when dropped.
pub struct Nginx {
    server: Running,
    port: u16,
    _home: Scratch,
}

impl Nginx {
    /// Starts one that shows this certificate, lets in clients of `root` and answers every request
    /// with `body`.
    ///
    /// # Errors
    /// When nginx is missing or refuses its settings.
    pub fn start(certificate: &Path, key: &Path, root: &Path, body: &str) -> Outcome<Self> {
        let home = Scratch::new("nginx")?;
        let port = free_port()?;
        let settings = home.join("nginx.conf");
        let text = settings_text(&home, port, [certificate, key, root], body);
        fs::write(&settings, text).because("writing nginx's settings")?;
        let server = Running::start(
            Command::new("/usr/sbin/nginx")
                .arg("-e")
                .arg(home.join("error.log"))
                .arg("-c")
                .arg(&settings)
                .stdin(Stdio::null()),
            &home.join("nginx.log"),
        )?;
        let mut nginx = Self {
            server,
            port,
            _home: home,
        };
        wait_until(Duration::from_secs(10), "nginx", || {
            let up = std::net::TcpStream::connect(nginx.address()).is_ok();
            (up || nginx.server.ended().is_some()).then_some(())
        })?;
        Ok(nginx)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The process with its worker.
    pub fn server(&self) -> &Running {
        &self.server
    }
}

fn settings_text(
    home: &Scratch,
    port: u16,
    [certificate, key, root]: [&Path; 3],
    body: &str,
) -> String {
    let home = home.path().display();
    let (certificate, key, root) = (certificate.display(), key.display(), root.display());
    // As fast as it can be made without giving up what is compared: no tickets, no cache, no log.
    format!(
        "daemon off; worker_processes 1; pid {home}/pid;
events {{ worker_connections 4096; }}
http {{
    access_log off; default_type application/json; keepalive_requests 1000000000; tcp_nodelay on;
    client_body_temp_path {home}/1; proxy_temp_path {home}/2; fastcgi_temp_path {home}/3;
    uwsgi_temp_path {home}/4; scgi_temp_path {home}/5;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        ssl_client_certificate {root}; ssl_verify_client on;
        ssl_protocols TLSv1.3; ssl_session_cache off; ssl_session_tickets off;
        location / {{ return 200 '{body}'; }}
    }}
}}
"
    )
}
