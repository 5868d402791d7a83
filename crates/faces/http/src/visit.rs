//! One request: who it is from, how they read, and the context of the verb it calls.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use uuid::Uuid;
use zhengtong_base::{Kind, Lang, Text};
use zhengtong_blob::Blobs;
use zhengtong_crypto::sm3;
use zhengtong_db::{Actor, ActorKind, Ctx, Db};
use zhengtong_ui::frame::{FooterGroup, NavLink, Session};
use zhengtong_ui::{Frame, Mode, Nav, Person, Place, Theme};

use crate::fault::Fault;
use crate::fields::Fields;
use crate::gate::same;

/// The cookie of the session. `__Host-` needs HTTPS, so it is added only where the site is served by it.
pub const SESSION_COOKIE: &str = "zt_session";
/// The cookie of the preferences.
pub(crate) const PREFERENCE_COOKIE: &str = "zt_display";

/// What a city sets for its pages.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the city.
    pub city: Text,
    /// Who runs the site, for the footer.
    pub legal: Vec<Text>,
    /// The address under which the public reaches the site, without a slash at the end.
    pub public_url: String,
    /// Whether this is a demonstration with invented people.
    pub demo: bool,
}

/// What every handler needs.
#[derive(Clone, Debug)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Files.
    pub blobs: Arc<Blobs>,
    /// Settings of the city.
    pub settings: Arc<Settings>,
    /// Binds form tokens to sessions.
    pub secret: Arc<[u8; 32]>,
}

/// How a person reads: kept in a cookie, needs no login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language.
    pub lang: Lang,
    /// The colours.
    pub theme: Theme,
    /// Normal or elder.
    pub mode: Mode,
}

impl Preferences {
    /// Reads the cookie; unknown words are the usual choice.
    pub fn parse(cookie: &str) -> Self {
        let mut words = cookie.split('.');
        Self {
            lang: if words.next() == Some("en") { Lang::En } else { Lang::Zh },
            theme: Theme::parse(words.next().unwrap_or_default()),
            mode: Mode::parse(words.next().unwrap_or_default()),
        }
    }

    /// The value of the cookie.
    pub fn cookie(self) -> String {
        let lang = self.lang.pick("zh", "en");
        let theme = self.theme.value().unwrap_or("system");
        let mode = self.mode.value().unwrap_or("normal");
        format!("{lang}.{theme}.{mode}")
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The wiring.
    pub app: App,
    /// Who.
    pub actor: Actor,
    /// The token of the session, for signing out.
    pub token: Option<String>,
    /// Seconds until the session ends.
    pub session_seconds: u32,
    /// How they read.
    pub preferences: Preferences,
    /// The id of the request, as the footer shows it.
    pub request: String,
    /// The path with its query.
    pub path: String,
    /// The nonce of the content security policy.
    pub nonce: String,
    /// The address of the client.
    pub address: String,
    /// What the client calls itself.
    pub agent: String,
}

impl Visit {
    /// The language of the reader.
    pub fn lang(&self) -> Lang {
        self.preferences.lang
    }

    /// The context of a verb that reads.
    pub async fn ctx(&self) -> Result<Ctx, Fault> {
        Ok(self.app.db.begin(self.actor.clone(), &self.request).await?)
    }

    /// The context of a verb that a form of ours asks for: the form's token must belong to this session,
    /// and it is the idempotency key, so that the same form sent twice does one thing.
    pub async fn act(&self, fields: &Fields) -> Result<Ctx, Fault> {
        let token = fields.get("csrf");
        let key = token.split('.').next().unwrap_or_default();
        if token.is_empty() || !same(self.form_token(key).as_bytes(), token.as_bytes()) {
            return Err(self.stale(fields));
        }
        let mut ctx = self.ctx().await?;
        ctx.key = Some(key.to_owned());
        Ok(ctx)
    }

    /// A form of another login or of another run of this program: nothing is done, what was typed is kept.
    fn stale(&self, fields: &Fields) -> Fault {
        let open_to_all =
            ["/login", "/logout", "/invite"].iter().any(|path| self.path.starts_with(path));
        if self.actor.kind == ActorKind::Anonymous && !open_to_all {
            return zhengtong_db::Error::Unauthenticated { verb: "form".to_owned() }.into();
        }
        let mut fault = Fault::new(
            Kind::Conflict,
            "这一页打开太久，或者已经换了登录，这次没有提交",
            "this page is too old or belongs to another login; nothing was sent",
        );
        if !open_to_all {
            fault.typed = fields.typed();
        }
        fault
    }

    /// Refuses a request of a script that does not carry a form token of this session in `X-CSRF-Token`.
    pub fn guard(&self, headers: &axum::http::HeaderMap) -> Result<(), Fault> {
        let token = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let token = token.unwrap_or_default();
        let key = token.split('.').next().unwrap_or_default();
        if token.is_empty() || !same(self.form_token(key).as_bytes(), token.as_bytes()) {
            return Err(Fault::new(
                Kind::Denied,
                "这一页已经换了登录，请刷新后再传",
                "this page belongs to another login; reload it and try again",
            ));
        }
        Ok(())
    }

    /// Only for who is logged in; others are sent to the login, and come back.
    pub fn known(&self) -> Result<(), Fault> {
        if self.actor.kind == ActorKind::Anonymous {
            return Err(zhengtong_db::Error::Unauthenticated { verb: "page".to_owned() }.into());
        }
        Ok(())
    }

    /// A new token for a form of this session.
    pub fn new_form_token(&self) -> String {
        self.form_token(&Uuid::new_v4().simple().to_string())
    }

    fn form_token(&self, key: &str) -> String {
        let mut bytes = self.app.secret.to_vec();
        bytes.extend_from_slice(self.token.as_deref().unwrap_or("visitor").as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(key.as_bytes());
        let digest = hex::encode(sm3(&bytes));
        format!("{key}.{}", digest.get(..32).unwrap_or(&digest))
    }

    /// The frame of a page for the public.
    pub fn frame<'a>(&'a self, title: &'a str, place: Place) -> Frame<'a> {
        let lang = self.lang();
        let mut frame = Frame::new(lang, title);
        frame.theme = self.preferences.theme;
        frame.mode = self.preferences.mode;
        frame.city = self.app.settings.city.get(lang).into();
        frame.nav = Nav::standard(lang, place);
        frame.request = self.request.as_str().into();
        frame.nonce = self.nonce.as_str().into();
        frame.path = self.path.as_str().into();
        frame.login = format!("/login?back={}", zhengtong_ui::words::encode(&self.path)).into();
        frame.csrf = self.new_form_token().into();
        frame.person = self.person();
        frame.footer = footer(lang);
        frame.legal = self.app.settings.legal.iter().map(|line| line.get(lang).into()).collect();
        if self.actor.kind != ActorKind::Anonymous {
            frame.session =
                Session::Ends { seconds: self.session_seconds, extend: "/session/extend" };
        }
        let live = self.app.db.defs::<zhengtong_setting::Live>();
        if let Some(words) = live.ok().and_then(|live| live.words(zhengtong_setting::NOTICE)) {
            frame.notices.push(maud::html! { (words.get(lang)) });
        }
        if self.app.settings.demo {
            let words = lang.pick(
                "这是演示城市，人、单位和办件都是编的，请勿填写真实个人信息。",
                "This is a demonstration city: people, firms and cases are invented. Do not enter real personal data.",
            );
            frame.notices.push(maud::html! { (words) });
        }
        frame
    }

    fn person(&self) -> Option<Person<'_>> {
        let lang = self.lang();
        let home = match self.actor.kind {
            ActorKind::Anonymous | ActorKind::Device | ActorKind::System => return None,
            ActorKind::Citizen => "/my",
            ActorKind::Staff => "/desk",
        };
        let name = match &self.actor.behalf {
            Some(behalf) => {
                format!("{} · {}{}", self.actor.name, lang.pick("代", "for "), behalf.name)
            }
            None => self.actor.name.clone(),
        };
        Some(Person {
            name: name.into(),
            note: "".into(),
            home: home.into(),
            leave: Some("/logout".into()),
        })
    }
}

fn footer<'a>(lang: Lang) -> Vec<FooterGroup<'a>> {
    let link = |zh: &'static str, en: &'static str, href: &'static str| NavLink {
        text: lang.pick(zh, en).into(),
        href: href.into(),
        current: false,
    };
    vec![
        FooterGroup {
            title: lang.pick("怎么办事", "How to").into(),
            links: vec![
                link("全部事项", "All services", "/hall"),
                link("查办件进度", "Follow a case", "/my"),
                link("查验证照", "Verify a licence", "/verify"),
            ],
        },
        FooterGroup {
            title: lang.pick("关于本站", "About").into(),
            links: vec![
                link("无障碍说明", "Accessibility", "/about/accessibility"),
                link("您的数据怎么用", "How your data is used", "/about/privacy"),
                link("接口说明", "Interfaces", "/api"),
            ],
        },
    ]
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            tracing::error!("a route stands outside `enter`");
            Fault::new(Kind::Internal, "我们这边出错了", "something failed on our side")
        })
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}
