//! Tells the service manager how it goes: ready, reloading, alive, stopping. Without one, nothing happens.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Where the service manager listens.
#[derive(Clone, Debug)]
pub(crate) struct Manager(Option<String>);

impl Manager {
    /// The manager that started this process, if there is one.
    pub(crate) fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the service manager speaks through it")]
        let socket = std::env::var("NOTIFY_SOCKET").ok();
        Self(socket)
    }

    /// Everything is there; requests are answered.
    pub(crate) fn ready(&self, address: &str) {
        self.tell(&format!("READY=1\nSTATUS=serving at {address}"));
    }

    /// The server is well: the database answers.
    pub(crate) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// Packs are read again; `ready` follows.
    pub(crate) fn reloading(&self) {
        self.tell("RELOADING=1");
    }

    /// Requests in flight may finish, then it is over.
    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=requests in flight may finish");
    }

    fn tell(&self, words: &str) {
        let Some(path) = &self.0 else { return };
        if let Err(error) = send(path, words) {
            tracing::warn!(%error, "the service manager was not told");
        }
    }
}

/// A path, or a name in the abstract space after an `@`.
fn send(path: &str, words: &str) -> std::io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    let address = match path.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(path)?,
    };
    socket.send_to_addr(words.as_bytes(), &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 256];
        let read = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..read].to_vec()).unwrap()
    }

    #[test]
    fn the_manager_hears_each_word() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let manager = Manager(Some(path.to_str().unwrap().to_owned()));
        manager.ready("127.0.0.1:8080");
        assert_eq!(heard(&socket), "READY=1\nSTATUS=serving at 127.0.0.1:8080");
        manager.alive();
        assert_eq!(heard(&socket), "WATCHDOG=1");
        manager.reloading();
        assert_eq!(heard(&socket), "RELOADING=1");
        manager.stopping();
        assert!(heard(&socket).starts_with("STOPPING=1\n"));
    }

    #[test]
    fn a_name_in_the_abstract_space_is_reached() {
        let name = format!("zhengtong-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        Manager(Some(format!("@{name}"))).alive();
        assert_eq!(heard(&socket), "WATCHDOG=1");
    }

    #[test]
    fn without_a_manager_or_when_it_is_gone_nothing_breaks() {
        Manager(None).alive();
        Manager(Some("/nowhere/notify".to_owned())).alive();
    }
}
