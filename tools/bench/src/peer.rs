//! Others that do the same, started beside us.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use zhengtong_walk::city::{Signal, free_address, signal};
use zhengtong_walk::session::Session;
use zhengtong_walk::wire::Wire;

/// An nginx that serves one file.
pub(crate) struct Nginx {
    pub(crate) address: String,
    pub(crate) version: String,
    process: Child,
}

impl Nginx {
    /// Starts it on a folder with these bytes as `/page.html`.
    pub(crate) async fn start(work: &Path, bytes: &[u8]) -> Result<Self> {
        let said = Command::new("nginx").arg("-v").output().await;
        let said = said.context("not installed; scripts/setup --bench installs it")?;
        let version = String::from_utf8_lossy(&said.stderr).trim().replace("nginx version: ", "");
        let folder = work.join("nginx");
        fs::create_dir_all(folder.join("html"))?;
        fs::write(folder.join("html/page.html"), bytes)?;
        let address = free_address()?;
        let place = folder.display();
        let conf = format!(
            "daemon off; master_process on; worker_processes auto; pid {place}/pid; error_log {place}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; types {{ text/html html; }}\n\
             client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};\n\
             uwsgi_temp_path {place}; scgi_temp_path {place};\n\
             server {{ listen {address}; root {place}/html; }} }}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, conf)?;
        let process = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .arg("-p")
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let wire = Wire::new(&address, Duration::from_secs(2));
        for _ in 0..100 {
            if Session::visitor(&wire)
                .get("/page.html")
                .await
                .is_ok_and(|reply| reply.body == bytes)
            {
                return Ok(Self { address, version, process });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!(
            "it does not serve: {}",
            fs::read_to_string(folder.join("error.log")).unwrap_or_default()
        )
    }
}

impl Drop for Nginx {
    /// Asks the master to end, so that its workers end with it.
    fn drop(&mut self) {
        if let Some(pid) = self.process.id() {
            drop(signal(pid, Signal::Term));
        }
    }
}
