//! The frame of a public page, and the head both frames share: title, skip link, header, notices, footer with 12345.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use zhengtong_base::Lang;

use crate::assets;
use crate::icon::{Icon, icon};
use crate::mark::brand;
use crate::preference;
use crate::words::Words;

/// The colours a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// No choice: the device decides.
    #[default]
    System,
    /// Paper and ink.
    Light,
    /// Night.
    Dark,
    /// 高对比: black ground, white words, yellow actions.
    Contrast,
}

impl Theme {
    /// The value of `data-theme` and of the setting; nothing for the system's choice.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
            Self::Contrast => Some("contrast"),
        }
    }

    /// Reads a setting; anything unknown is the system's choice.
    pub fn parse(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            "contrast" => Self::Contrast,
            _ => Self::System,
        }
    }
}

/// How large and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// As drawn.
    #[default]
    Normal,
    /// 长辈模式: larger, stronger, only the essentials.
    Elder,
}

impl Mode {
    /// The value of `data-mode` and of the setting; nothing for the normal mode.
    pub fn value(self) -> Option<&'static str> {
        match self {
            Self::Normal => None,
            Self::Elder => Some("elder"),
        }
    }

    /// Reads a setting; anything unknown is the normal mode.
    pub fn parse(value: &str) -> Self {
        if value == "elder" { Self::Elder } else { Self::Normal }
    }
}

/// What a page is, for its title and for whom it is announced first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// An ordinary page.
    #[default]
    Plain,
    /// A form came back with errors: the title begins with 错误.
    Faulty,
}

/// The person who is logged in.
#[derive(Clone, Debug, Default)]
pub struct Person<'a> {
    /// The name, masked if it should be.
    pub name: Words<'a>,
    /// Organisation or role beside the name, on staff pages.
    pub note: Words<'a>,
    /// Where the name leads.
    pub home: Words<'a>,
    /// Where the sign-out form posts, if it is offered in the header.
    pub leave: Option<Words<'a>>,
}

/// Where in the public site the page is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The portal.
    Home,
    /// Services.
    Services,
    /// My space.
    Mine,
    /// Nowhere in the navigation.
    #[default]
    Elsewhere,
}

/// One link of the navigation.
#[derive(Clone, Debug, Default)]
pub struct NavLink<'a> {
    /// Its words.
    pub text: Words<'a>,
    /// Where it leads.
    pub href: Words<'a>,
    /// Whether the page is there.
    pub current: bool,
}

/// The navigation of a public page.
#[derive(Clone, Debug, Default)]
pub struct Nav<'a> {
    /// The links, three to six.
    pub links: Vec<NavLink<'a>>,
}

impl<'a> Nav<'a> {
    /// The usual navigation: portal, services, my space.
    pub fn standard(lang: Lang, place: Place) -> Self {
        let link = |zh: &'static str, en: &'static str, href: &'static str, here: Place| NavLink {
            text: lang.pick(zh, en).into(),
            href: href.into(),
            current: here == place,
        };
        Self {
            links: vec![
                link("首页", "Home", "/", Place::Home),
                link("办事", "Services", "/hall", Place::Services),
                link("我的", "My space", "/my", Place::Mine),
            ],
        }
    }

    /// Adds a link at the end.
    #[must_use]
    pub fn and(mut self, link: NavLink<'a>) -> Self {
        self.links.push(link);
        self
    }
}

/// A column of links in the footer.
#[derive(Clone, Debug, Default)]
pub struct FooterGroup<'a> {
    /// Its heading.
    pub title: Words<'a>,
    /// Its links.
    pub links: Vec<NavLink<'a>>,
}

/// How long the session still lasts; the script warns two minutes before its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Session<'a> {
    /// Nobody is logged in.
    #[default]
    None,
    /// Ends unless it is extended.
    Ends {
        /// Seconds left.
        seconds: u32,
        /// Where to post to extend it.
        extend: &'a str,
    },
}

/// A tool that only some pages have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// None.
    #[default]
    None,
    /// Drawing processes.
    Designer,
    /// Writing decision tables.
    Tables,
}

impl Tool {
    /// The address of its script.
    fn script(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Designer => Some(assets::designer_href()),
            Self::Tables => Some(assets::tables_href()),
        }
    }
}

/// Everything a page frame needs to know. Start with [`Frame::new`] and set what differs.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The language of the page.
    pub lang: Lang,
    /// The colours chosen.
    pub theme: Theme,
    /// Normal or elder.
    pub mode: Mode,
    /// The title of this page.
    pub title: Words<'a>,
    /// The service it belongs to, second in the title; may be empty.
    pub service: Words<'a>,
    /// The city, beside the mark.
    pub city: Words<'a>,
    /// The navigation (public pages).
    pub nav: Nav<'a>,
    /// Who is logged in.
    pub person: Option<Person<'a>>,
    /// Where logging in begins, when nobody is.
    pub login: Words<'a>,
    /// The id of this request, shown in the footer.
    pub request: Words<'a>,
    /// The nonce of the content security policy.
    pub nonce: Words<'a>,
    /// The path with query of this page, to come back to after changing a preference.
    pub path: Words<'a>,
    /// The token that forms of this page carry; may be empty.
    pub csrf: Words<'a>,
    /// Outages and other notices for everyone.
    pub notices: Vec<Markup>,
    /// Whether a form came back with errors.
    pub standing: Standing,
    /// When the session ends.
    pub session: Session<'a>,
    /// Columns of links in the footer, between help and display.
    pub footer: Vec<FooterGroup<'a>>,
    /// Small print of the footer: organiser, record numbers.
    pub legal: Vec<Words<'a>>,
    /// The tool whose scripts and styles the page needs besides the usual ones.
    pub tool: Tool,
}

impl<'a> Frame<'a> {
    /// A frame with the usual navigation and nobody logged in.
    pub fn new(lang: Lang, title: impl Into<Words<'a>>) -> Self {
        Self {
            lang,
            theme: Theme::System,
            mode: Mode::Normal,
            title: title.into(),
            service: Words::default(),
            city: lang.pick("示例市", "Sample City").into(),
            nav: Nav::standard(lang, Place::Elsewhere),
            person: None,
            login: "/login".into(),
            request: Words::default(),
            nonce: Words::default(),
            path: "/".into(),
            csrf: Words::default(),
            notices: Vec::new(),
            standing: Standing::Plain,
            session: Session::None,
            footer: Vec::new(),
            legal: Vec::new(),
            tool: Tool::None,
        }
    }

    /// The words of the `title` element: page, service, product.
    pub fn head_title(&self) -> String {
        let mut out = String::new();
        if self.standing == Standing::Faulty {
            out.push_str(self.lang.pick("错误：", "Error: "));
        }
        out.push_str(&self.title);
        for part in [self.service.as_ref(), self.lang.pick("政通", "Zhengtong")] {
            if !part.is_empty() {
                out.push_str(" – ");
                out.push_str(part);
            }
        }
        out
    }
}

/// A page for the public.
pub fn hall(frame: &Frame<'_>, body: Markup) -> Markup {
    document(
        frame,
        Density::Hall,
        html! {
            (hall_header(frame))
            (outages(frame))
            main #main tabindex="-1" { (body) }
            (hall_footer(frame))
        },
    )
}

/// How dense a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Density {
    /// Public pages.
    Hall,
    /// Staff pages.
    Desk,
}

/// The document around either frame.
pub(crate) fn document(frame: &Frame<'_>, density: Density, body: Markup) -> Markup {
    let class = match density {
        Density::Hall => "hall",
        Density::Desk => "desk",
    };
    // 长辈模式 belongs to the public pages; staff pages keep their density.
    let mode = if density == Density::Hall { frame.mode.value() } else { None };
    let (ends, extend) = match frame.session {
        Session::None => (None, None),
        Session::Ends { seconds, extend } => (Some(seconds), Some(extend)),
    };
    let nonce = (!frame.nonce.is_empty()).then_some(&frame.nonce);
    html! {
        (DOCTYPE)
        html lang=(frame.lang.tag()) data-theme=[frame.theme.value()] data-mode=[mode] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (frame.head_title()) }
                link rel="stylesheet" href=(assets::css_href());
                link rel="icon" href=(assets::mark_href()) type="image/svg+xml";
                script defer src=(assets::script_href()) nonce=[nonce] {}
                @if let Some(tool) = frame.tool.script() {
                    link rel="stylesheet" href=(assets::designer_css_href());
                    script defer src=(tool) nonce=[nonce] {}
                }
            }
            body class=(class) data-session-ends=[ends] data-session-extend=[extend] data-csrf=[csrf(frame)] {
                a.skip href="#main" { (frame.lang.pick("跳到正文", "Skip to main content")) }
                (body)
            }
        }
    }
}

/// The notices for everyone, below the header.
pub(crate) fn outages(frame: &Frame<'_>) -> Markup {
    html! {
        @if !frame.notices.is_empty() {
            div.outage role="region" aria-label=(frame.lang.pick("通知", "Notices")) {
                @for notice in &frame.notices {
                    div.wrap { (icon(Icon::Info)) p { (notice) } }
                }
            }
        }
    }
}

/// A hidden field with the token of this page, or nothing where none is used.
pub fn token(frame: &Frame<'_>) -> Markup {
    html! { @if let Some(token) = csrf(frame) { input type="hidden" name="csrf" value=(token); } }
}

fn csrf<'f>(frame: &'f Frame<'_>) -> Option<&'f str> {
    (!frame.csrf.is_empty()).then_some(frame.csrf.as_ref())
}

/// The sign-out form, a button that looks like the links beside it.
pub(crate) fn leave(frame: &Frame<'_>, person: &Person<'_>) -> Markup {
    html! {
        @if let Some(leave) = &person.leave {
            form method="post" action=(leave) {
                (token(frame))
                button.tool type="submit" { (icon(Icon::LogOut)) (frame.lang.pick("退出", "Sign out")) }
            }
        }
    }
}

fn hall_header(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    html! {
        header.top {
            div.wrap.top-row {
                (brand(lang, "/", &[&frame.city, lang.pick("政务服务", "Government services")]))
                nav.top-nav aria-label=(lang.pick("主导航", "Main")) {
                    @for link in &frame.nav.links {
                        a href=(link.href) aria-current=[link.current.then_some("page")] { (link.text) }
                    }
                }
                div.top-tools {
                    (preference::mode_link(frame))
                    a.tool.tool-wide href=(preference::page_href(frame)) { (icon(Icon::Contrast)) (lang.pick("显示", "Display")) }
                    (preference::language_link(frame))
                    @if let Some(person) = &frame.person {
                        a.tool.tool-me href=(person.home) { (icon(Icon::UserRound)) (tool_name(&person.name)) }
                        (leave(frame, person))
                    } @else {
                        a.tool.tool-me href=(frame.login) { (icon(Icon::UserRound)) (lang.pick("登录", "Sign in")) }
                    }
                }
            }
        }
    }
}

/// The name of a person; for whom they act stands behind it where there is room.
fn tool_name(name: &str) -> Markup {
    let (name, behalf) = name.split_once(" · ").unwrap_or((name, ""));
    html! {
        span.tool-name {
            (name)
            @if !behalf.is_empty() { span.tool-for { " · " (behalf) } }
        }
    }
}

fn hall_footer(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    html! {
        footer.foot {
            div.wrap {
                div.foot-columns {
                    (help(frame))
                    @for group in &frame.footer {
                        nav aria-label=(group.title) {
                            h2 { (group.title) }
                            ul { @for link in &group.links { li { a href=(link.href) { (link.text) } } } }
                        }
                    }
                    nav aria-label=(lang.pick("换个方式", "Other ways to read")) {
                        h2 { (lang.pick("换个方式", "Other ways to read")) }
                        (preference::footer_links(frame))
                    }
                }
                div.foot-legal {
                    @for line in &frame.legal { span { (line) } }
                    (request_id(frame))
                }
            }
        }
    }
}

/// Help stands in the same place on every page.
fn help(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    html! {
        div {
            h2 { (lang.pick("找人帮忙", "Get help")) }
            p { a.foot-phone href="tel:12345" { "12345" } }
            p { (lang.pick(
                "24 小时有人接听。听不清、说不清，可以转文字或手语视频。",
                "Answered 24 hours a day. Text and sign-language video are available.",
            )) }
        }
    }
}

/// The number of this page, by which support finds its record.
pub(crate) fn request_id(frame: &Frame<'_>) -> Markup {
    html! {
        @if !frame.request.is_empty() {
            span { (frame.lang.pick("本页编号 ", "Page number ")) span.nowrap { (frame.request) } }
        }
    }
}

/// A piece of markup from a source this crate drew itself.
pub(crate) fn own(svg: &'static str) -> Markup {
    PreEscaped(svg.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_page_service_product_and_error() {
        let mut frame = Frame::new(Lang::Zh, "经营场所");
        assert_eq!(frame.head_title(), "经营场所 – 政通");
        frame.service = "食品经营许可".into();
        frame.standing = Standing::Faulty;
        assert_eq!(frame.head_title(), "错误：经营场所 – 食品经营许可 – 政通");
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let mut frame = Frame::new(Lang::Zh, "<script>");
        frame.path = "/hall?q=\"><script>".into();
        let page = hall(&frame, html! {}).into_string();
        assert!(!page.contains("<script>"));
        assert!(page.contains("back=/hall%3Fq%3D%22%3E%3Cscript%3E"));
    }

    #[test]
    fn themes_and_modes_read_back_what_they_wrote() {
        for theme in [Theme::System, Theme::Light, Theme::Dark, Theme::Contrast] {
            assert_eq!(Theme::parse(theme.value().unwrap_or("system")), theme);
        }
        for mode in [Mode::Normal, Mode::Elder] {
            assert_eq!(Mode::parse(mode.value().unwrap_or("normal")), mode);
        }
    }
}
