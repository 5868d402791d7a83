//! Somebody who is logged in, with their cookies, without JavaScript.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::wire::{Lost, Reply, Request, Wire};
use crate::{now, totp};

const BOUNDARY: &str = "----zhengtong-walk-8b1f0c7a5e";

/// One demo account, as the server writes it down.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// The login.
    pub account: String,
    /// The password.
    pub password: String,
    /// The secret of the one-time codes.
    #[serde(default)]
    pub totp_secret: Option<String>,
}

/// A logged-in person.
#[derive(Clone, Debug)]
pub struct Session {
    /// The login.
    pub name: String,
    /// The way to the server.
    pub wire: Wire,
    cookies: Vec<(String, String)>,
}

/// A file that is sent with a form.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// The field.
    pub field: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// Its media type.
    pub kind: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

impl Session {
    /// Nobody yet.
    pub fn visitor(wire: &Wire) -> Self {
        Self { name: String::new(), wire: wire.clone(), cookies: Vec::new() }
    }

    /// The same person by another way.
    #[must_use]
    pub fn by(&self, wire: &Wire) -> Self {
        Self { wire: wire.clone(), ..self.clone() }
    }

    /// Logs in, with the one-time code where it is asked for.
    pub async fn log_in(wire: &Wire, account: &Account) -> Result<Self> {
        let mut session = Self::visitor(wire);
        session.name.clone_from(&account.account);
        let page = session.get("/login").await?;
        let csrf = token(&page).context("the login has no token")?;
        let fields = [
            ("csrf", csrf.as_str()),
            ("login", &account.account),
            ("password", &account.password),
            ("back", ""),
        ];
        let reply = session.post("/login", &fields).await?;
        session.take(&reply);
        let mut place = reply.header("location").unwrap_or_default().to_owned();
        ensure!(reply.status == 303, "{}: the login answers {}", account.account, reply.status);
        for _ in 0..3 {
            if !place.starts_with("/login/code") {
                return Ok(session);
            }
            place = session.enter_code(account).await?;
        }
        bail!("{}: no one-time code was taken", account.account)
    }

    async fn enter_code(&mut self, account: &Account) -> Result<String> {
        let page = self.get("/login/code").await?;
        let csrf = token(&page).context("the page of the code has no token")?;
        let secret =
            account.totp_secret.as_deref().context("a code is asked for, none is known")?;
        let code = totp::code(secret, now::seconds())?;
        let fields = [("csrf", csrf.as_str()), ("code", &code), ("back", "")];
        let reply = self.post("/login/code", &fields).await?;
        if reply.status == 303 {
            self.take(&reply);
            return Ok(reply.header("location").unwrap_or("/").to_owned());
        }
        // Each code is taken once: the next one comes within half a minute.
        let left = totp::STEP_SECONDS - now::seconds() % totp::STEP_SECONDS;
        now::wait(Duration::from_secs(left + 1)).await;
        Ok("/login/code".to_owned())
    }

    /// Acts for the first organisation that a page offers.
    pub async fn act_for(&mut self, page: &str) -> Result<()> {
        let reply = self.get(page).await?;
        let text = reply.text();
        let Some(organisation) = after(&text, "name=\"organisation\" value=\"") else {
            return Ok(());
        };
        let csrf = token(&reply).context("no token")?;
        let fields = [("csrf", csrf.as_str()), ("organisation", organisation), ("back", page)];
        let turned = self.post("/my/act-for", &fields).await?;
        ensure!(turned.status == 303, "acting for an organisation answers {}", turned.status);
        self.take(&turned);
        Ok(())
    }

    /// Reads a page.
    pub async fn get(&self, path: &str) -> Result<Reply, Lost> {
        self.wire.send(&self.request("GET", path, None, Vec::new())).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, Lost> {
        self.wire.send(&self.form(path, fields)).await
    }

    /// The request of a form, to be sent by other means.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            encode(&mut body, name);
            body.push('=');
            encode(&mut body, value);
        }
        self.request("POST", path, Some("application/x-www-form-urlencoded"), body.into_bytes())
    }

    /// Sends a form with a file.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: &File<'_>,
    ) -> Result<Reply, Lost> {
        self.wire.send(&self.multipart(path, fields, file)).await
    }

    /// The request of a form with a file.
    pub fn multipart(&self, path: &str, fields: &[(&str, &str)], file: &File<'_>) -> Request {
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!(
                    "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .as_bytes(),
            );
        }
        let File { field, name, kind, bytes } = file;
        body.extend_from_slice(
            format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 content-type: {kind}\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.request("POST", path, Some(&kind), body)
    }

    fn request(
        &self,
        method: &'static str,
        path: &str,
        kind: Option<&str>,
        body: Vec<u8>,
    ) -> Request {
        let mut headers = Vec::new();
        if !self.cookies.is_empty() {
            let pairs: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers.push(("cookie", pairs.join("; ")));
        }
        if let Some(kind) = kind {
            headers.push(("content-type", kind.to_owned()));
        }
        Request { method, path: path.to_owned(), headers, body }
    }

    fn take(&mut self, reply: &Reply) {
        for (_, set) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let pair = set.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            self.cookies.retain(|(kept, _)| kept != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

/// The token of the forms of a page.
pub fn token(page: &Reply) -> Option<String> {
    after(&page.text(), "name=\"csrf\" value=\"").map(str::to_owned)
}

/// What stands between `start` and the next quotation mark.
pub fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split('"').next()
}

fn encode(body: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            body.push(char::from(byte));
        } else if write!(body, "%{byte:02X}").is_err() {
            // Writing to a string cannot fail.
        }
    }
}
