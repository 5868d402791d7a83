//! The server's own certificate: read at the start and again whenever its files change, so that renewing it stops nobody.
//!
//! A file that cannot be read, or a key that does not belong to the certificate, leaves what was in force. TLS 1.2 and 1.3
//! (RFC 8446) with the suites of rustls; HTTP/1.1 is all that is offered.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context as _, Result, bail};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::config::Server;
use crate::watched;

/// The certificate in force.
#[derive(Clone, Debug)]
pub(crate) struct Tls(Arc<RwLock<Arc<ServerConfig>>>);

impl Tls {
    /// The certificate of the configuration; none when it names none.
    pub(crate) fn of(server: &Server) -> Result<Option<Self>> {
        if !server.is_secure() {
            return Ok(None);
        }
        Ok(Some(Self(Arc::new(RwLock::new(Arc::new(read(server)?))))))
    }

    /// Shakes hands by the certificate that is in force now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }

    fn set(&self, config: ServerConfig) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
    }
}

/// Takes a renewed certificate over until `stopped`.
pub(crate) async fn follow(server: Server, tls: Option<Tls>, stopped: watch::Receiver<bool>) {
    let Some(tls) = tls else { return };
    let files = vec![server.certificate.clone(), server.certificate_key.clone()];
    let again = || {
        match read(&server) {
            Ok(config) => {
                tls.set(config);
                tracing::info!("the certificate of the server was read again");
            }
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "the certificate of the server is kept as it was");
            }
        }
        // Half of a pair fails; its other half is a change of its own.
        true
    };
    watched::follow(files, again, stopped).await;
}

/// Whether the settings of the certificate fit together.
pub(crate) fn check(server: &Server) -> Result<()> {
    let (certificate, key) = (&server.certificate, &server.certificate_key);
    if certificate.as_os_str().is_empty() != key.as_os_str().is_empty() {
        bail!(
            "server.certificate 和 server.certificate_key 要一起写 / write both: a certificate serves nobody without its key"
        );
    }
    if server.is_secure() && server.public_url.starts_with("http://") {
        bail!(
            "有了 server.certificate，server.public_url 要以 https:// 开头 / with server.certificate the server.public_url must begin with https://"
        );
    }
    Ok(())
}

/// The certificate that a server would show first (DER), after everything that a start checks.
pub(crate) fn leaf(server: &Server) -> Result<Vec<u8>> {
    read(server)?;
    let chain = chain(&server.certificate)?;
    chain.first().map(|leaf| leaf.to_vec()).context("no certificate")
}

fn read(server: &Server) -> Result<ServerConfig> {
    let (certificate, path) = (&server.certificate, &server.certificate_key);
    let chain = chain(certificate)?;
    let key = PrivateKeyDer::from_pem_file(path).with_context(|| {
        format!(
            "server.certificate_key 的 {0} 读不了，要 PEM 格式的私钥 / {0} is no private key in PEM that can be read",
            path.display()
        )
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| {
            format!(
                "私钥和证书 {0} 不是一对，或类型不支持 / the key does not belong to the certificate {0}, or is of a kind that is not known",
                certificate.display()
            )
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let unread = || {
        format!(
            "server.certificate 的 {0} 读不了，要 PEM 格式的证书 / {0} is no certificate in PEM that can be read",
            path.display()
        )
    };
    let all: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).with_context(unread)?.collect();
    let all = all.with_context(unread)?;
    if all.is_empty() {
        bail!("{}", unread());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::process::Command;
    use std::time::Duration;

    use axum::Router;
    use axum::routing::get;
    use rustls::pki_types::ServerName;
    use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::listen::{self, Lines};

    /// A folder with a certificate that OpenSSL made for a name of this machine.
    fn made(folder: &Path, serial: &str) -> Server {
        // Without the usual configuration, which would make it an authority.
        std::fs::write(folder.join("req.cnf"), "[req]\ndistinguished_name = name\n[name]\n")
            .unwrap();
        let done = Command::new("openssl")
            .args([
                "req",
                "-config",
                "req.cnf",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ])
            .args(["-nodes", "-days", "30", "-subj", "/CN=localhost", "-set_serial", serial])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Server {
            certificate: folder.join("certificate.pem"),
            certificate_key: folder.join("key.pem"),
            ..Server::default()
        }
    }

    async fn started(tls: &Tls) -> (SocketAddr, watch::Sender<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        let second = Duration::from_secs(1);
        let lines = Lines { head: second, stall: second, most: 2 };
        let site = Router::new().route("/", get(async || "hello"));
        tokio::spawn(listen::serve(listener, site, lines, Some(tls.clone()), stopped));
        (address, stop)
    }

    /// What a client that trusts the certificate reads, by which version, and the number of the certificate it was shown.
    async fn asked(
        address: SocketAddr,
        server: &Server,
        version: &'static SupportedProtocolVersion,
    ) -> (String, Option<ProtocolVersion>, Vec<u8>) {
        let mut roots = RootCertStore::empty();
        roots.add(chain(&server.certificate).unwrap().remove(0)).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let line = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut line = TlsConnector::from(Arc::new(config)).connect(name, line).await.unwrap();
        line.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut said = Vec::new();
        line.read_to_end(&mut said).await.unwrap();
        let shown = line.get_ref().1;
        let leaf = shown.peer_certificates().unwrap()[0].to_vec();
        (String::from_utf8(said).unwrap(), shown.protocol_version(), leaf)
    }

    #[tokio::test]
    async fn lines_are_encrypted_by_our_certificate_and_by_its_successor_without_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let server = made(folder.path(), "1");
        let tls = Tls::of(&server).unwrap().unwrap();
        let (address, stop) = started(&tls).await;
        let first = leaf(&server).unwrap();
        for (version, name) in [
            (&rustls::version::TLS12, ProtocolVersion::TLSv1_2),
            (&rustls::version::TLS13, ProtocolVersion::TLSv1_3),
        ] {
            let (said, spoken, shown) = asked(address, &server, version).await;
            assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("hello"), "{said}");
            assert_eq!((spoken, &shown), (Some(name), &first));
        }
        made(folder.path(), "2");
        tls.set(read(&server).unwrap());
        let (said, _, shown) = asked(address, &server, &rustls::version::TLS13).await;
        assert!(said.ends_with("hello") && shown != first);
        stop.send(true).unwrap();
    }

    #[tokio::test]
    async fn who_speaks_plainly_is_told_and_who_says_nothing_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let tls = Tls::of(&made(folder.path(), "1")).unwrap().unwrap();
        let (address, _stop) = started(&tls).await;
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut said = String::new();
        plain.read_to_string(&mut said).await.unwrap();
        let (head, body) = said.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400") && body.contains("https://"), "{said}");
        assert!(head.contains(&format!("content-length: {}", body.len())), "{said}");
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut nothing = String::new();
        let ended = silent.read_to_string(&mut nothing);
        let ended = tokio::time::timeout(Duration::from_secs(8), ended).await;
        assert!(ended.is_ok(), "a line without a handshake stays open");
    }

    #[test]
    fn files_that_do_not_fit_are_refused_with_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let good = made(folder.path(), "1");
        let other = tempfile::tempdir().unwrap();
        let strange =
            Server { certificate_key: made(other.path(), "2").certificate_key, ..good.clone() };
        let said = format!("{:#}", Tls::of(&strange).unwrap_err());
        assert!(said.contains("不是一对"), "{said}");
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "").unwrap();
        for bad in [
            Server { certificate: empty.clone(), ..good.clone() },
            Server { certificate_key: empty.clone(), ..good.clone() },
            Server { certificate: folder.path().join("gone.pem"), ..good.clone() },
        ] {
            let said = format!("{:#}", Tls::of(&bad).unwrap_err());
            assert!(said.contains("PEM") && said.contains(".pem"), "{said}");
        }
        let half = Server { certificate: good.certificate.clone(), ..Server::default() };
        assert!(check(&half).is_err() && check(&good).is_ok());
        let plain = Server { public_url: "http://zw.example.gov.cn".to_owned(), ..good };
        assert!(check(&plain).is_err());
        assert!(Tls::of(&Server::default()).unwrap().is_none());
    }
}
