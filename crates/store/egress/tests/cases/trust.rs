//! A partner that cannot prove who it is is not talked to.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use zhengtong_egress::{Egress, Error, Request, Settings};

use super::server::{OK, settings};

/// A certificate for 127.0.0.1 that signs itself: its folder.
pub(super) fn certificate(folder: &Path, days: &str) -> PathBuf {
    let run = |days: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]);
        command.args(["-addext", "subjectAltName=IP:127.0.0.1"]);
        command.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem"]);
        command.args(["-out", "cert.pem"]).args(days).current_dir(folder);
        command.output().unwrap()
    };
    let made = run(&["-days", days]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder.join("cert.pem")
}

pub(super) async fn serve(folder: &Path) -> String {
    let certificates = CertificateDer::pem_file_iter(folder.join("cert.pem")).unwrap();
    let certificates = certificates.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4_096];
            let _read = stream.read(&mut head).await;
            let _sent = stream.write_all(OK.as_bytes()).await;
            let _closed = stream.shutdown().await;
        }
    });
    address.to_string()
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let roots = certificate(folder.path(), "2");
    let address = serve(folder.path()).await;
    let request = Request::get(&format!("https://{address}/"));

    let strangers = Egress::new(settings(std::slice::from_ref(&address))).unwrap();
    let outcome = strangers.send(&request).await;
    assert!(matches!(outcome, Err(Error::Trust(_))), "{outcome:?}");

    let known = Settings { roots: Some(roots), ..settings(&[address]) };
    assert_eq!(Egress::new(known).unwrap().send(&request).await.unwrap().body, b"ok");
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let roots = certificate(folder.path(), "2");
    let address = serve(folder.path()).await;
    let port = address.rsplit_once(':').unwrap().1;
    let host = format!("localhost:{port}");
    let known = Settings { roots: Some(roots), ..settings(std::slice::from_ref(&host)) };
    let outcome =
        Egress::new(known).unwrap().send(&Request::get(&format!("https://{host}/"))).await;
    assert!(matches!(outcome, Err(Error::Trust(_) | Error::Line(_))), "{outcome:?}");
}
