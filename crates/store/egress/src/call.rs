//! One call: look the name up once, check every address, connect to one that was checked, send, read within limits.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::address::{Network, is_never, is_public};
use crate::error::{Error, Result};
use crate::target::{Reach, Target};
use crate::{Request, Response, Settings};

/// A look-up of a name under way.
pub type Look = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
#[derive(Clone)]
pub struct Names(Arc<dyn Fn(String) -> Look + Send + Sync>);

impl fmt::Debug for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Names")
    }
}

impl Names {
    /// Those of the machine.
    pub fn system() -> Self {
        Self::new(|name| {
            Box::pin(async move {
                let found = tokio::net::lookup_host((name, 0)).await?;
                Ok(found.map(|address| address.ip()).collect())
            })
        })
    }

    /// Others.
    pub fn new(look: impl Fn(String) -> Look + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }
}

/// A line to another machine.
pub trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// Makes calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    names: Names,
    trust: Arc<ClientConfig>,
    networks: Arc<[Network]>,
    connect: Duration,
    answer_bytes: usize,
}

impl Caller {
    pub(crate) fn new(settings: &Settings, names: Names) -> Result<Self> {
        Ok(Self {
            names,
            trust: Arc::new(trust(settings.roots.as_deref())?),
            networks: networks(&settings.networks)?,
            connect: settings.connect,
            answer_bytes: settings.answer_bytes,
        })
    }

    pub(crate) async fn call(
        &self,
        target: &Target,
        uri: &Uri,
        request: &Request,
    ) -> Result<Response> {
        let stream = self.open(target).await?;
        self.exchange(stream, target, uri, request).await
    }

    /// A line to an address that was checked; encrypted, to who can prove the name, if the target is so.
    pub(crate) async fn open(&self, target: &Target) -> Result<Box<dyn Line>> {
        let stream = tokio::time::timeout(self.connect, self.connect(target))
            .await
            .unwrap_or(Err(Error::Slow))?;
        if !target.tls {
            return Ok(Box::new(stream));
        }
        self.encrypt(target, Box::new(stream)).await
    }

    /// The line encrypted, to who can prove the name.
    pub(crate) async fn encrypt(
        &self,
        target: &Target,
        stream: Box<dyn Line>,
    ) -> Result<Box<dyn Line>> {
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_unusable| Error::Refused(format!("{} is no name for TLS", target.host)))?;
        let connector = TlsConnector::from(Arc::clone(&self.trust));
        let shaken = tokio::time::timeout(self.connect, connector.connect(name, stream))
            .await
            .map_err(|_late| Error::Slow)?;
        let stream = shaken.map_err(|error| {
            if error.kind() == io::ErrorKind::InvalidData {
                Error::Trust(error)
            } else {
                line(error)
            }
        })?;
        Ok(Box::new(stream))
    }

    /// A line to an address that was checked.
    async fn connect(&self, target: &Target) -> Result<TcpStream> {
        let mut last = None;
        for address in self.checked(target).await? {
            match TcpStream::connect(SocketAddr::new(address, target.port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or_else(|| Error::Name(target.host.clone()), line))
    }

    /// All addresses of the target; refused if one of them must not be called, for who answers with a public and
    /// a private one means the private one.
    async fn checked(&self, target: &Target) -> Result<Vec<IpAddr>> {
        let addresses = match target.host.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_name) => (self.names.0)(target.host.clone())
                .await
                .map_err(|_unknown| Error::Name(target.host.clone()))?,
        };
        let fits = |address: IpAddr| match target.reach {
            Reach::Public => is_public(address),
            Reach::Private => true,
            Reach::Registered => {
                is_public(address) || self.networks.iter().any(|network| network.holds(address))
            }
        };
        let wrong = addresses.iter().find(|address| is_never(**address) || !fits(**address));
        if let Some(wrong) = wrong {
            tracing::warn!(host = %target.host, address = %wrong, "a name that leads inside");
            return Err(Error::Refused(format!("{} leads to {wrong}", target.host)));
        }
        Ok(addresses)
    }

    async fn exchange<S>(
        &self,
        stream: S,
        target: &Target,
        uri: &Uri,
        request: &Request,
    ) -> Result<Response>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(line)?;
        let connection = tokio::spawn(connection);
        let sent = async {
            let answer = sender.send_request(built(target, uri, request)?).await.map_err(line)?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, self.answer_bytes).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Error::TooLarge(self.answer_bytes)
                } else {
                    Error::Line(error)
                }
            })?;
            let body = body.to_bytes().to_vec();
            Ok(Response { status: parts.status, headers: parts.headers, body })
        };
        let outcome = sent.await;
        connection.abort();
        outcome
    }
}

fn built(target: &Target, uri: &Uri, request: &Request) -> Result<hyper::Request<Full<Bytes>>> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let usual = if target.tls { 443 } else { 80 };
    let host = match uri.host() {
        Some(host) if target.port == usual => host.to_owned(),
        host => format!("{}:{}", host.unwrap_or_default(), target.port),
    };
    let body = Full::new(Bytes::from(request.body.clone()));
    let mut built = hyper::Request::new(body);
    *built.method_mut() = request.method.clone();
    *built.uri_mut() = path.parse().map_err(|_unreadable| Error::Refused(target.host.clone()))?;
    built.headers_mut().extend(request.headers.clone());
    let host =
        HeaderValue::from_str(&host).map_err(|_unreadable| Error::Refused(target.host.clone()))?;
    built.headers_mut().insert(HOST, host);
    built.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(built)
}

fn line(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Line(Box::new(error))
}

fn networks(list: &[String]) -> Result<Arc<[Network]>> {
    let read = |text: &String| text.parse::<Network>().map_err(Error::Settings);
    list.iter().map(read).collect()
}

/// Who is trusted: the authorities of a file, or those of the machine.
fn trust(roots: Option<&Path>) -> Result<ClientConfig> {
    let mut store = RootCertStore::empty();
    if let Some(path) = roots {
        let unreadable = |error: &dyn fmt::Display| {
            Error::Settings(format!("{} cannot be read: {error}", path.display()))
        };
        let certificates =
            CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unreadable(&error))?;
            store.add(certificate).map_err(|error| unreadable(&error))?;
        }
    } else {
        let found = rustls_native_certs::load_native_certs();
        store.add_parsable_certificates(found.certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Settings(error.to_string()))?;
    Ok(config.with_root_certificates(store).with_no_client_auth())
}
