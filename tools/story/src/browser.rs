//! A browser without JavaScript: cookies, redirects, forms. One for each person of a story.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ureq::Agent;
use ureq::http::Response;

use crate::page::{Control, Entry, Page};

const REDIRECTS_MAX: usize = 10;
const BODY_BYTES_MAX: u64 = 32 * 1024 * 1024;
const SECONDS_MAX: u64 = 60;
const BOUNDARY: &str = "----zhengtong-story-7MA4YWxkTrZu0gW";

/// A person's browser.
#[derive(Debug)]
pub(crate) struct Browser {
    agent: Agent,
    base: String,
    cookies: BTreeMap<String, String>,
    /// Pages before the present one.
    history: Vec<String>,
    last_sent: Option<Request>,
    /// What the person sees now.
    pub(crate) page: Page,
}

/// A request as it was sent, to be sent again.
#[derive(Debug, Clone)]
struct Request {
    path: String,
    /// Media type and body; none for GET.
    body: Option<(String, Vec<u8>)>,
}

impl Browser {
    /// A fresh one, on no page.
    pub(crate) fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
            .build();
        Self {
            agent: config.into(),
            base: base.trim_end_matches('/').to_owned(),
            cookies: BTreeMap::new(),
            history: Vec::new(),
            last_sent: None,
            page: Page::default(),
        }
    }

    /// Opens an address.
    pub(crate) fn open(&mut self, address: &str) -> Result<()> {
        let path = self.resolve(address)?;
        self.history.push(self.page.path.clone());
        self.go(Request { path, body: None })
    }

    /// Opens the present page again.
    pub(crate) fn reload(&mut self) -> Result<()> {
        let path = self.page.path.clone();
        self.go(Request { path, body: None })
    }

    /// Back to the page before.
    pub(crate) fn back(&mut self) -> Result<()> {
        let path = self.history.pop().filter(|path| !path.is_empty());
        self.go(Request { path: path.context("there is no page to go back to")?, body: None })
    }

    /// Follows the link with this text.
    pub(crate) fn click(&mut self, text: &str) -> Result<()> {
        let address = self.page.link(text)?.to_owned();
        self.open(&address)
    }

    /// Presses the button with this text.
    pub(crate) fn press(&mut self, text: &str) -> Result<()> {
        let button = self.page.button(text)?.clone();
        self.submit(&button)
    }

    /// Sends the last sent form once more, as a double click does.
    pub(crate) fn send_again(&mut self) -> Result<()> {
        let request = self.last_sent.clone().context("no form was sent yet")?;
        self.go(request)
    }

    /// Sends the form of this button.
    pub(crate) fn submit(&mut self, button: &Control) -> Result<()> {
        let form = button.form.and_then(|at| self.page.forms.get(at));
        let form = form.cloned().context("the button belongs to no form")?;
        let entries = self.page.entries(button);
        let action = button.action.clone().unwrap_or(form.action);
        let path = self.resolve(&action)?;
        let request = if !form.post {
            let head = path.split(['?', '#']).next().unwrap_or_default();
            Request { path: format!("{head}?{}", urlencoded(&entries)), body: None }
        } else if form.multipart {
            let kind = format!("multipart/form-data; boundary={BOUNDARY}");
            Request { path, body: Some((kind, multipart(&entries))) }
        } else {
            let body = urlencoded(&entries).into_bytes();
            Request { path, body: Some(("application/x-www-form-urlencoded".to_owned(), body)) }
        };
        self.history.push(self.page.path.clone());
        if request.body.is_some() {
            self.last_sent = Some(request.clone());
        }
        self.go(request)
    }

    fn go(&mut self, mut request: Request) -> Result<()> {
        for _ in 0..REDIRECTS_MAX {
            let response = self.send(&request)?;
            self.keep_cookies(&response);
            let status = response.status().as_u16();
            let target = response.headers().get("location").and_then(|v| v.to_str().ok());
            match (status, target) {
                (301..=303, Some(target)) => {
                    let path = self.resolve_from(&request.path, target)?;
                    request = Request { path, body: None };
                }
                (307 | 308, Some(target)) => {
                    request.path = self.resolve_from(&request.path, target)?;
                }
                _ => return self.read(request.path, response),
            }
        }
        bail!("more than {REDIRECTS_MAX} redirects, last to {}", request.path)
    }

    fn send(&self, request: &Request) -> Result<Response<ureq::Body>> {
        let url = format!("{}{}", self.base, request.path);
        let cookies: Vec<_> = self.cookies.iter().map(|(name, v)| format!("{name}={v}")).collect();
        let cookies = cookies.join("; ");
        let referer = format!("{}{}", self.base, self.page.path);
        let answer = match &request.body {
            None => self
                .agent
                .get(&url)
                .header("accept", "text/html,*/*;q=0.8")
                .header("accept-language", "zh-CN")
                .header("cookie", cookies)
                .call(),
            Some((kind, body)) => self
                .agent
                .post(&url)
                .header("accept", "text/html,*/*;q=0.8")
                .header("accept-language", "zh-CN")
                .header("cookie", cookies)
                .header("origin", &self.base)
                .header("referer", referer)
                .header("sec-fetch-site", "same-origin")
                .header("content-type", kind)
                .send(body.as_slice()),
        };
        answer.with_context(|| format!("no answer from {url}"))
    }

    fn read(&mut self, path: String, mut response: Response<ureq::Body>) -> Result<()> {
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
        let body = response.body_mut().with_config().limit(BODY_BYTES_MAX);
        let bytes =
            body.read_to_vec().with_context(|| format!("the answer of {path} broke off"))?;
        let mut page = Page { path, status, kind, bytes, ..Page::default() };
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        match page.kind.as_str() {
            "text/html" => page.read_html(&text),
            "application/pdf" => page.text = pdf_text(&page.bytes)?,
            kind if kind.starts_with("text/") || kind.ends_with("json") => page.text = text,
            _ => {}
        }
        self.page = page;
        Ok(())
    }

    fn keep_cookies(&mut self, response: &Response<ureq::Body>) {
        for cookie in response.headers().get_all("set-cookie") {
            let mut parts = cookie.to_str().unwrap_or_default().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let gone = parts.any(|part| {
                let part = part.to_ascii_lowercase();
                part == "max-age=0" || part.starts_with("expires=thu, 01 jan 1970")
            });
            if gone {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn resolve(&self, address: &str) -> Result<String> {
        self.resolve_from(&self.page.path, address)
    }

    /// Path and query of an address as it stands on the page of this path.
    fn resolve_from(&self, from: &str, address: &str) -> Result<String> {
        let address = address.split('#').next().unwrap_or_default();
        let here = from.split('?').next().unwrap_or_default();
        let own = address.strip_prefix(&self.base);
        if let Some(rest) = own.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Ok(if rest.is_empty() { "/".to_owned() } else { rest.to_owned() });
        }
        let foreign = address.starts_with("//")
            || address.split(['/', '?']).next().is_some_and(|head| head.contains(':'));
        if foreign {
            bail!("the address {address} leads out of the platform");
        }
        Ok(match address.chars().next() {
            None => from.to_owned(),
            Some('/') => encoded_path(address),
            Some('?') => format!("{here}{}", encoded_path(address)),
            Some(_) => {
                let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
                encoded_path(&format!("{folder}/{address}"))
            }
        })
    }
}

/// Text of a PDF, by the system's own reader.
fn pdf_text(bytes: &[u8]) -> Result<String> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut command = Command::new("pdftotext");
    command.args(["-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().context("cannot start pdftotext (poppler-utils)")?;
    let mut input = child.stdin.take().context("pdftotext takes no input")?;
    // All of the input is read before the first output: a pipe cannot fill up.
    input.write_all(bytes).context("pdftotext stopped reading")?;
    drop(input);
    Ok(String::from_utf8_lossy(&child.wait_with_output()?.stdout).into_owned())
}

fn urlencoded(entries: &[(String, Entry)]) -> String {
    let pairs: Vec<_> = entries
        .iter()
        .map(|(name, entry)| {
            let value = match entry {
                Entry::Text(text) => line_ends(text),
                Entry::File(file) => file.as_ref().map(|f| f.name.clone()).unwrap_or_default(),
            };
            format!("{}={}", encoded(name), encoded(&value))
        })
        .collect();
    pairs.join("&")
}

fn multipart(entries: &[(String, Entry)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, entry) in entries {
        let (head, bytes) = match entry {
            Entry::Text(text) => (String::new(), line_ends(text).into_bytes()),
            Entry::File(None) => {
                ("; filename=\"\"\r\nContent-Type: application/octet-stream".to_owned(), Vec::new())
            }
            Entry::File(Some(file)) => (
                format!("; filename=\"{}\"\r\nContent-Type: {}", quoted(&file.name), file.mime),
                file.bytes.clone(),
            ),
        };
        let disposition = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
        body.extend(format!("--{BOUNDARY}\r\n{disposition}{head}\r\n\r\n").into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// Browsers send CRLF in texts of more lines.
fn line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn encoded(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte))
}

/// An address as a browser sends it: what is already encoded stays.
fn encoded_path(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_graphic() && !b"\"<>`{}".contains(&byte))
}

fn percent(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for nibble in [byte >> 4, byte & 0x0F] {
                let digit = char::from_digit(u32::from(nibble), 16).unwrap_or_default();
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_as_browsers_do() {
        let browser = Browser::new("http://127.0.0.1:1/");
        for (from, address, expected) in [
            ("/a/b?x=1", "/c", "/c"),
            ("/a/b?x=1", "c", "/a/c"),
            ("/a/b?x=1", "?y=2", "/a/b?y=2"),
            ("/a/b?x=1", "", "/a/b?x=1"),
            ("/a/b?x=1", "#main", "/a/b?x=1"),
            ("/a", "http://127.0.0.1:1/z", "/z"),
            ("/a", "/hall?q=食", "/hall?q=%E9%A3%9F"),
            ("/a", "/hall?q=%E9%A3%9F", "/hall?q=%E9%A3%9F"),
        ] {
            assert_eq!(browser.resolve_from(from, address).unwrap(), expected, "{from} {address}");
        }
        for address in ["//x.example/", "http://x.example/", "http://127.0.0.1:10/", "tel:12345"] {
            assert!(browser.resolve_from("/a", address).is_err(), "{address}");
        }
    }

    #[test]
    fn forms_are_encoded() {
        let text = |value: &str| Entry::Text(value.to_owned());
        let entries = [("名".to_owned(), text("a b\nc")), ("f".to_owned(), Entry::File(None))];
        assert_eq!(urlencoded(&entries), "%E5%90%8D=a%20b%0D%0Ac&f=");
        let body = String::from_utf8(multipart(&entries)).unwrap();
        assert!(body.contains("name=\"名\"\r\n\r\na b\r\nc\r\n"), "{body}");
        assert!(body.contains("name=\"f\"; filename=\"\"\r\n"), "{body}");
        assert!(body.ends_with(&format!("--{BOUNDARY}--\r\n")), "{body}");
    }

    #[test]
    fn a_pdf_is_read_as_text() {
        let sample = crate::samples::sample("样本.pdf").unwrap();
        assert!(pdf_text(&sample.bytes).unwrap().contains("sample"));
    }
}
