//! `zhengtong health`: asks the running server whether it can serve, for the health checks of containers.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::print;
use crate::config::Config;

/// How long the server may take.
const SECONDS: u64 = 4;

pub(super) async fn run(config: &Config) -> Result<ExitCode> {
    let address = reachable(config.server.listen.parse().context("server.listen")?);
    let asked = tokio::time::timeout(Duration::from_secs(SECONDS), ask(address)).await;
    let answer = match asked {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => format!("{address} 没有应答 / does not answer: {error}"),
        Err(_late) => format!("{address} 太慢 / takes too long"),
    };
    let ready = answer.starts_with("HTTP/1.1 200 ");
    let said = answer.lines().next_back().unwrap_or_default();
    print(if ready { "ready" } else { said })?;
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An address that means every interface is reached over the loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        match address {
            SocketAddr::V4(_) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(_) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        }
    }
    address
}

async fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(16 * 1_024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_is_reached_over_the_loopback() {
        let check = |from: &str, to: &str| {
            assert_eq!(reachable(from.parse().unwrap()), to.parse().unwrap());
        };
        check("0.0.0.0:8080", "127.0.0.1:8080");
        check("[::]:8080", "[::1]:8080");
        check("10.0.0.7:80", "10.0.0.7:80");
    }
}
