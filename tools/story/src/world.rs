//! Plays the deeds of a story: persons with their browsers, and what was remembered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::browser::Browser;
use crate::gherkin::Step;
use crate::page::{Kind, bare};
use crate::samples::{sample, written};
use crate::steps::{Act, Deed};
use crate::totp;
use crate::workshop::Workshop;

const VISITOR: &str = "";
/// After this time the server has read changed packs again.
const RELOAD: Duration = Duration::from_millis(2_500);

/// One demo account, as the server writes it down.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    /// What the person does in the city.
    #[serde(default)]
    pub(crate) role: String,
    /// Name at the login.
    #[serde(rename = "account")]
    pub(crate) login: String,
    /// Password.
    pub(crate) password: String,
    /// Secret of the one-time codes.
    #[serde(default)]
    pub(crate) totp_secret: Option<String>,
    /// The person's name.
    #[serde(default)]
    pub(crate) name: String,
    /// The organisation acted for.
    #[serde(default)]
    pub(crate) organisation: Option<String>,
}

/// Time, from outside.
pub(crate) trait Clock {
    /// Seconds since 1970.
    fn unix_seconds(&self) -> u64;
    /// Waits.
    fn wait(&self, time: Duration);
}

/// Everything a run of stories has in hand.
pub(crate) struct World<'a> {
    url: String,
    accounts: Vec<Account>,
    clock: &'a dyn Clock,
    /// Browsers by account; sessions are kept for the whole run.
    browsers: BTreeMap<String, Browser>,
    present: String,
    remembered: BTreeMap<String, String>,
    /// The window of the last one-time code of each account: none may be used twice.
    codes: BTreeMap<String, u64>,
    workshop: Workshop,
    /// The packs as the product ships them.
    shipped: PathBuf,
}

impl<'a> World<'a> {
    /// A world around the server at this address.
    pub(crate) fn new(url: &str, accounts: Vec<Account>, clock: &'a dyn Clock) -> Self {
        Self {
            url: url.to_owned(),
            accounts,
            clock,
            browsers: BTreeMap::new(),
            present: VISITOR.to_owned(),
            remembered: BTreeMap::new(),
            codes: BTreeMap::new(),
            workshop: Workshop::default(),
            shipped: PathBuf::new(),
        }
    }

    /// Gives the world packs to change and a program to run.
    pub(crate) fn furnish(&mut self, workshop: Workshop, shipped: &Path) {
        (self.workshop, self.shipped) = (workshop, shipped.to_owned());
    }

    /// A new scenario begins: a visitor, nothing remembered, packs as they were. Sessions stay.
    pub(crate) fn begin(&mut self) -> Result<()> {
        if self.workshop.restore()? {
            // The server looks at the packs every second.
            self.clock.wait(RELOAD);
        }
        self.browsers.remove(VISITOR);
        VISITOR.clone_into(&mut self.present);
        self.remembered.clear();
        Ok(())
    }

    /// What the present person sees, for the message of a failure.
    pub(crate) fn scene(&self) -> String {
        let Some(browser) = self.browsers.get(&self.present) else { return String::new() };
        let page = &browser.page;
        let text: String = page.text.chars().take(400).collect();
        let who = if self.present.is_empty() { "visitor" } else { &self.present };
        format!("{who} at {} ({}), \"{}\": {text}", page.path, page.status, page.title)
    }

    /// Does one deed of this step.
    pub(crate) fn play(&mut self, deed: &Deed, step: &Step) -> Result<()> {
        let deed = self.recalled(deed)?;
        match deed.act {
            Act::LogIn => self.log_in(deed.word("account")),
            Act::LogInAnew => {
                let account = self.account(deed.word("account"))?.login;
                self.browsers.remove(&account);
                self.log_in(&account)
            }
            Act::Visitor => {
                VISITOR.clone_into(&mut self.present);
                Ok(())
            }
            Act::Remember => {
                let what = deed.word("what");
                let value = self.browser().page.value_of(what);
                let value = value.with_context(|| format!("nothing stands at \"{what}\""))?;
                self.remembered.insert(deed.word("name").to_owned(), value);
                Ok(())
            }
            Act::SeeWithin => self.see_within(deed.word("n").parse()?, deed.word("text")),
            Act::FillTable => {
                let rows = self.rows(step)?;
                rows.iter().try_for_each(|row| {
                    let [label, value] = row.as_slice() else { bail!("a row has two cells") };
                    self.browser().page.fill(label, value)
                })
            }
            Act::SeeTable => {
                let rows = self.rows(step)?;
                rows.iter().flatten().try_for_each(|cell| see(self.browser(), cell))
            }
            Act::EditPack | Act::GrowFile | Act::NewFile | Act::CopyPack => {
                self.edit(&deed, step)?;
                self.clock.wait(RELOAD);
                Ok(())
            }
            Act::UploadText => {
                let words = step.doc.as_ref().context("the step needs a text below it")?;
                let words = self.recall(words)?;
                let file = written(deed.word("name"), &words, deed.word("encoding"))?;
                self.browser().page.attach(deed.word("label"), file)
            }
            Act::Run => self.workshop.run(deed.word("words"), &self.shipped),
            Act::Says => self.workshop.says(deed.word("text")),
            Act::Ended => self.workshop.ended(deed.word("n")),
            _ => act(self.browser(), &deed),
        }
    }

    fn edit(&mut self, deed: &Deed, step: &Step) -> Result<()> {
        let (pack, file) = (deed.word("pack"), deed.word("file"));
        match deed.act {
            Act::EditPack => self.workshop.replace(pack, file, deed.word("old"), deed.word("new")),
            Act::CopyPack => self.workshop.copy(pack, deed.word("new")),
            _ => {
                let words = step.doc.as_ref().context("the step needs a text below it")?;
                self.workshop.append(pack, file, words)
            }
        }
    }

    fn browser(&mut self) -> &mut Browser {
        let url = &self.url;
        self.browsers.entry(self.present.clone()).or_insert_with(|| Browser::new(url))
    }

    /// The deed with `${name}` replaced by what was remembered.
    fn recalled(&self, deed: &Deed) -> Result<Deed> {
        let mut deed = deed.clone();
        for word in deed.words.values_mut() {
            *word = self.recall(word)?;
        }
        Ok(deed)
    }

    fn recall(&self, text: &str) -> Result<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').context("a `${` without its `}`")?;
            let value = self.remembered.get(name);
            out += before;
            out += value.with_context(|| format!("nothing is remembered as \"{name}\""))?;
            rest = after;
        }
        Ok(out + rest)
    }

    fn rows(&self, step: &Step) -> Result<Vec<Vec<String>>> {
        ensure!(!step.table.is_empty(), "the step needs a table below it");
        let cells = |row: &Vec<String>| row.iter().map(|cell| self.recall(cell)).collect();
        step.table.iter().map(cells).collect()
    }

    /// The account of this name, person, role or organisation.
    fn account(&self, wanted: &str) -> Result<Account> {
        let names = |account: &Account| {
            let organisation = account.organisation.clone().unwrap_or_default();
            [account.login.clone(), account.name.clone(), account.role.clone(), organisation]
        };
        let exact = |account: &&Account| names(account).iter().any(|name| name == wanted);
        let part = |account: &&Account| names(account).iter().any(|name| name.contains(wanted));
        let found = self.accounts.iter().find(exact).or_else(|| self.accounts.iter().find(part));
        found.cloned().with_context(|| {
            let known: Vec<_> = self
                .accounts
                .iter()
                .map(|a| format!("{} ({}, {})", a.login, a.role, a.name))
                .collect();
            format!("no demo account \"{wanted}\"; known: {}", known.join("、"))
        })
    }

    fn log_in(&mut self, wanted: &str) -> Result<()> {
        let account = self.account(wanted)?;
        self.present.clone_from(&account.login);
        if self.browsers.contains_key(&account.login) {
            return Ok(());
        }
        let done = self.log_in_fresh(&account);
        if done.is_err() {
            // The next scenario tries again instead of going on without a session.
            let failed = self.browsers.remove(&account.login);
            let told =
                failed.map(|browser| browser.page.text.chars().take(300).collect::<String>());
            return done.with_context(|| {
                format!("{} cannot log in: {}", account.login, told.unwrap_or_default())
            });
        }
        Ok(())
    }

    fn log_in_fresh(&mut self, account: &Account) -> Result<()> {
        let browser = self.browser();
        browser.open("/login")?;
        browser.page.fill("账号", &account.login)?;
        browser.page.fill("密码", &account.password)?;
        if !asks_for_code(browser) {
            browser.press("登录")?;
        }
        if asks_for_code(self.browser()) {
            let secret = account.totp_secret.as_ref();
            let secret = secret.context("a one-time code is asked for, but no secret is known")?;
            let code = self.fresh_code(&account.login, secret)?;
            let browser = self.browser();
            browser.page.fill("动态码", &code)?;
            let at = browser.page.find("动态码", |_| true)?;
            let form = browser.page.controls.get(at).and_then(|control| control.form);
            let button = browser.page.controls.iter();
            let button = button.clone().find(|c| c.kind == Kind::Submit && c.form == form);
            let button = button.cloned().context("the form of the code has no button")?;
            browser.submit(&button)?;
        }
        let page = &self.browser().page;
        ensure!(page.status < 400, "the answer is {}", page.status);
        ensure!(!page.path.starts_with("/login"), "still at {}", page.path);
        Ok(())
    }

    /// A code that was not used before: the server takes each only once.
    fn fresh_code(&mut self, account: &str, secret: &str) -> Result<String> {
        let mut now = self.clock.unix_seconds();
        let used = self.codes.get(account).copied();
        while used.is_some_and(|used| now / totp::STEP_SECONDS <= used) {
            self.clock.wait(Duration::from_millis(500));
            now = self.clock.unix_seconds();
        }
        self.codes.insert(account.to_owned(), now / totp::STEP_SECONDS);
        totp::code(secret, now)
    }

    fn see_within(&mut self, seconds: u64, text: &str) -> Result<()> {
        let limit = Duration::from_secs(seconds.min(120));
        let started = Instant::now();
        loop {
            let seen = see(self.browser(), text);
            if seen.is_ok() || started.elapsed() > limit {
                return seen;
            }
            self.clock.wait(Duration::from_millis(250));
            self.browser().reload()?;
        }
    }
}

/// What one person does alone.
fn act(browser: &mut Browser, deed: &Deed) -> Result<()> {
    let word = |name: &str| deed.word(name);
    match deed.act {
        Act::Open => browser.open(word("path")),
        Act::Reload => browser.reload(),
        Act::Back => browser.back(),
        Act::Click => browser.click(word("text")),
        Act::Fill => browser.page.fill(word("label"), word("value")),
        Act::Pick => browser.page.pick(word("label"), word("option")),
        Act::Check => browser.page.check(word("label"), true),
        Act::Uncheck => browser.page.check(word("label"), false),
        Act::Upload => browser.page.attach(word("label"), sample(word("name"))?),
        Act::UploadDefault => browser.page.attach(word("label"), sample("样本.pdf")?),
        Act::Press => browser.press(word("button")),
        Act::SendAgain => browser.send_again(),
        Act::See => see(browser, word("text")),
        Act::PressIfThere if browser.page.button(word("button")).is_ok() => {
            browser.press(word("button"))
        }
        Act::ClickIfThere if browser.page.link(word("text")).is_ok() => browser.click(word("text")),
        Act::FillIfThere if has_field(browser, word("label")) => {
            browser.page.fill(word("label"), word("value"))
        }
        Act::PressIfThere | Act::ClickIfThere | Act::FillIfThere => Ok(()),
        _ => judge(browser, deed),
    }
}

/// What one person finds.
fn judge(browser: &Browser, deed: &Deed) -> Result<()> {
    let page = &browser.page;
    let word = |name: &str| deed.word(name);
    match deed.act {
        Act::Miss => ensure!(!page.shows(word("text")), "the page shows \"{}\"", word("text")),
        Act::Status => {
            ensure!(page.status.to_string() == word("n"), "the status is {}", page.status);
        }
        Act::At => {
            let path = page.path.split('?').next().unwrap_or_default();
            let wanted = word("path");
            let fits = match wanted.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == wanted || page.path == wanted,
            };
            ensure!(fits, "the address is {}", page.path);
        }
        Act::Kind => ensure!(page.kind == word("kind"), "the media type is {}", page.kind),
        Act::ValueIs => {
            let label = word("label");
            let found = page.value_of(label);
            let found = found.with_context(|| format!("nothing stands at \"{label}\""))?;
            ensure!(bare(&found) == bare(word("value")), "\"{label}\" is \"{found}\"");
        }
        Act::NoField => {
            ensure!(!has_field(browser, word("label")), "there is a field \"{}\"", word("label"));
        }
        other => bail!("{other:?} is no act of a single person"),
    }
    Ok(())
}

fn see(browser: &Browser, text: &str) -> Result<()> {
    ensure!(browser.page.shows(text), "the page does not show \"{text}\"");
    Ok(())
}

fn has_field(browser: &Browser, label: &str) -> bool {
    let fields = |kind: Kind| !matches!(kind, Kind::Submit | Kind::Inert | Kind::Hidden);
    browser.page.find(label, |control| fields(control.kind)).is_ok()
}

fn asks_for_code(browser: &Browser) -> bool {
    browser.page.find("动态码", |control| control.kind == Kind::Text).is_ok()
}
