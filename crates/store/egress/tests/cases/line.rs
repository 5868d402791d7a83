//! A line of another protocol: the same list, the same trust.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zhengtong_egress::{Egress, Error, Settings};

use super::server::{Does, OK, Server, settings};
use super::trust::{certificate, serve};

#[tokio::test]
async fn a_line_goes_to_a_listed_host_at_a_checked_address() {
    let server = Server::start(Does::Say(OK)).await;
    let url = format!("tcp://{}", server.address);
    let egress = Egress::new(settings(&[])).unwrap();
    assert!(matches!(egress.line(&url).await.err(), Some(Error::Refused(_))));
    let public = Settings { allow: vec![server.address.to_string()], ..settings(&[]) };
    let egress = Egress::new(public).unwrap();
    let inside = egress.line(&format!("tls://{}", server.address)).await.err();
    assert!(matches!(inside, Some(Error::Refused(_))), "this machine is not in the public net");
    assert_eq!(server.asked(), 0);
    let egress = Egress::new(settings(&[server.address.to_string()])).unwrap();
    let mut line = egress.line(&url).await.unwrap();
    line.write_all(b"hello").await.unwrap();
    let mut said = [0; 8];
    line.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1");
}

#[tokio::test]
async fn a_line_with_tls_is_opened_to_who_proves_the_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let roots = certificate(folder.path(), "2");
    let address = serve(folder.path()).await;
    let url = format!("tls://{address}");
    let strangers = Egress::new(settings(std::slice::from_ref(&address))).unwrap();
    let refused = strangers.line(&url).await.err();
    assert!(matches!(refused, Some(Error::Trust(_))), "{refused:?}");
    let known = Settings { roots: Some(roots), ..settings(&[address]) };
    let mut line = Egress::new(known).unwrap().line(&url).await.unwrap();
    line.write_all(b"hello").await.unwrap();
    let mut said = [0; 8];
    line.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1");
}
