//! What stands around every page for staff: who may come in, the rail with its counts, the post one acts in.

use axum::response::{IntoResponse as _, Response};
use maud::Markup;
use zhengtong_base::{Failure, Kind, Lang};
use zhengtong_casework::{COUNT_MAX, Counts};
use zhengtong_db::Ctx;
use zhengtong_http::{Fault, Visit, see};
use zhengtong_party::OwnPost;
use zhengtong_ui::desk::BarSearch;
use zhengtong_ui::{Frame, Icon, Person, Place, Rail, RailGroup, RailItem, desk};

/// Roles whose holders handle cases, and answer for them.
const HANDLERS: [&str; 4] = ["window", "reviewer", "inspector", "head"];
/// Roles whose holders work at `/admin` and take no part in cases.
const ADMINISTRATORS: [&str; 3] = ["system-admin", "security-admin", "audit-admin"];

/// What the frame of a page tells an officer.
#[derive(Debug)]
pub(crate) struct Bench {
    counts: Option<Counts>,
    unread: i64,
    /// The posts held today.
    pub(crate) posts: Vec<OwnPost>,
}

/// Only staff come in; others log in first, or are told why not.
pub(crate) fn staff_only(visit: &Visit) -> Result<(), Fault> {
    visit.known()?;
    if visit.is_staff() {
        return Ok(());
    }
    Err(Fault::new(
        Kind::Denied,
        "工作台只给在岗人员用。您要办事或看进度，请到“我的”",
        "the workbench is for staff; your own applications are in My space",
    ))
}

/// Whether the actor is one of the three administrators.
pub(crate) fn administers(visit: &Visit) -> bool {
    visit.actor.roles.iter().any(|role| ADMINISTRATORS.contains(&role.as_str()))
}

/// A context for a page of staff that only reads.
pub(crate) async fn reading(visit: &Visit) -> Result<Ctx, Fault> {
    staff_only(visit)?;
    visit.ctx().await
}

impl Bench {
    /// Reads the counts of the rail. What the actor may not see has no count.
    pub(crate) async fn load(ctx: &mut Ctx) -> Result<Self, Fault> {
        let counts = if_allowed(zhengtong_casework::counts(ctx).await)?;
        let unread = if_allowed(zhengtong_notice::unread(ctx).await)?.unwrap_or(0);
        let posts = if_allowed(zhengtong_party::my_posts(ctx).await)?.unwrap_or_default();
        Ok(Self { counts, unread, posts })
    }

    /// The same without counts of the inbox, for pages that are opened many times between two looks at it.
    pub(crate) async fn beside(ctx: &mut Ctx) -> Result<Self, Fault> {
        let unread = if_allowed(zhengtong_notice::unread(ctx).await)?.unwrap_or(0);
        let posts = if_allowed(zhengtong_party::my_posts(ctx).await)?.unwrap_or_default();
        Ok(Self { counts: None, unread, posts })
    }

    /// How many tasks each filter of the inbox shows; none where the actor has no inbox.
    pub(crate) fn counts(&self) -> Counts {
        self.counts.unwrap_or_default()
    }

    /// The frame of a page.
    pub(crate) fn frame<'a>(&self, visit: &'a Visit, title: &'a str) -> Frame<'a> {
        let lang = visit.lang();
        let mut frame = visit.frame(title, Place::Elsewhere);
        frame.service = lang.pick("工作台", "Workbench").into();
        frame.person = Some(Person {
            name: visit.actor.name.as_str().into(),
            note: self.office(lang).into(),
            home: "/desk/me".into(),
            leave: Some("/logout".into()),
        });
        frame
    }

    /// Draws a page.
    pub(crate) fn page(&self, visit: &Visit, frame: &Frame<'_>, body: Markup) -> Response {
        see(desk(frame, &self.rail(visit), body))
    }

    /// Draws a page that says that something did not work, with the status of the failure.
    pub(crate) fn refused(
        &self,
        visit: &Visit,
        frame: &Frame<'_>,
        body: Markup,
        kind: Kind,
    ) -> Response {
        let status = Fault::new(kind, "", "").status();
        (status, self.page(visit, frame, body)).into_response()
    }

    /// Draws a page, with the status of a failure if there was one.
    pub(crate) fn answer(
        &self,
        visit: &Visit,
        frame: &Frame<'_>,
        body: Markup,
        failed: Option<Kind>,
    ) -> Response {
        match failed {
            Some(kind) => self.refused(visit, frame, body, kind),
            None => self.page(visit, frame, body),
        }
    }

    /// The places of one's own: messages, posts, substitutes, and the counter for who works there.
    fn own(&self, visit: &Visit, messages: RailItem<'static>) -> Vec<RailItem<'static>> {
        let roles = &visit.actor.roles;
        let item = place(visit);
        let has = |wanted: &[&str]| roles.iter().any(|role| wanted.contains(&role.as_str()));
        let mut items = vec![messages, item(Icon::UserRound, "岗位", "Posts", "/desk/me")];
        if !self.posts.is_empty() {
            items.push(item(Icon::ArrowRightLeft, "代理", "Substitutes", "/desk/substitutes"));
        }
        if let Some(place) = crate::rating::part(roles) {
            items.push(item(Icon::Star, "好差评", "Ratings", place));
        }
        if has(&["window"]) {
            items.push(item(Icon::IdCard, "窗口核身", "Counter", "/desk/counter"));
        }
        if has(&["window", "head", "system-admin", "security-admin"]) {
            items.push(item(Icon::KeyRound, "找回账号", "Recoveries", "/desk/recoveries"));
        }
        items
    }

    /// What whoever works with data has: the directory, requests, loads, quality, one record each.
    fn data(visit: &Visit) -> Vec<RailItem<'static>> {
        let roles = &visit.actor.roles;
        let item = place(visit);
        let mut items = Vec::new();
        if crate::catalog::part(roles) {
            items.push(item(Icon::Database, "数据目录", "Directory of data", "/desk/catalog"));
        }
        if crate::sharing::part(roles) {
            items.push(item(Icon::Link, "数据共享", "Data on request", "/desk/sharing"));
        }
        if roles.iter().any(|role| role == "steward") {
            items.push(item(Icon::FileText, "数据加载", "Loads", "/desk/registry/loads"));
            items.push(item(Icon::Download, "数据接入", "Feeds", "/desk/registry/feeds"));
            items.push(item(Icon::History, "登记记录", "Records", "/desk/registry/records"));
            items.push(item(Icon::ShieldCheck, "数据质量", "Quality", "/desk/registry/quality"));
            items.push(item(Icon::Users, "一人一档", "One record each", "/desk/registry/matches"));
        }
        items
    }

    /// The unit and post of this session in one line.
    fn office(&self, lang: Lang) -> String {
        self.posts.iter().find(|own| own.chosen).map_or_else(String::new, |own| {
            format!("{} · {}", own.organisation.get(lang), own.post.title.get(lang))
        })
    }

    fn rail(&self, visit: &Visit) -> Rail<'static> {
        let lang = visit.lang();
        let path = visit.path.clone();
        let mine = path.starts_with("/desk/inbox") && path.contains("filter=mine");
        let item = place(visit);
        let mut inbox = item(Icon::Inbox, "收件箱", "Inbox", "/desk/inbox");
        inbox.current = inbox.current && !mine;
        let mut own =
            item(Icon::BriefcaseBusiness, "我的办件", "My cases", "/desk/inbox?filter=mine");
        own.current = mine;
        if let Some(counts) = self.counts {
            inbox = inbox.count(counts.all).counted_to(COUNT_MAX);
            own = own.count(counts.mine).counted_to(COUNT_MAX);
        }
        let mut cases = vec![inbox, own];
        if visit.actor.roles.iter().any(|role| role == "head") {
            cases.push(item(Icon::Users, "分派移交", "Who has what", "/desk/handover"));
        }
        if visit.actor.roles.iter().any(|role| HANDLERS.contains(&role.as_str())) {
            cases.push(item(Icon::ShieldAlert, "监察牌", "Supervision cards", "/desk/supervision"));
        }
        let group = |zh: &'static str, en: &'static str, items| RailGroup {
            title: lang.pick(zh, en).into(),
            items,
        };
        let exchange = crate::exchange::places(visit, lang, &path);
        let messages = item(Icon::Bell, "消息", "Messages", "/desk/messages").count(self.unread);
        let mut groups = vec![
            if crate::board::supervises(visit) {
                group("监督", "Supervision", crate::board::places(lang, &path))
            } else {
                group("办件", "Cases", cases)
            },
            group("我", "Me", self.own(visit, messages)),
            group(
                "资料",
                "Reference",
                vec![
                    item(Icon::BookOpen, "办事指南", "Service guides", "/hall"),
                    item(Icon::BadgeCheck, "查验证照", "Verify a licence", "/verify"),
                ],
            ),
        ];
        if !exchange.is_empty() {
            groups.insert(1, group("共享交换", "Exchange", exchange));
        }
        let data = Self::data(visit);
        if !data.is_empty() {
            groups.insert(1, group("数据", "Data", data));
        }
        Rail {
            part: lang.pick("工作台", "Workbench").into(),
            home: "/desk".into(),
            groups,
            // Who watches opens the course of a case; the case itself is not for them.
            search: Some(BarSearch {
                action: if crate::board::supervises(visit) {
                    "/board/supervision/case".into()
                } else {
                    "/desk/find".into()
                },
                label: lang.pick("按办件号打开", "Open by case number").into(),
                value: "".into(),
            }),
            messages: Some(("/desk/messages".into(), self.unread)),
            keys: Some("/desk/keys".into()),
        }
    }
}

/// What was read, or nothing where policy refuses; other failures stay failures.
fn if_allowed<T, E: Failure>(outcome: Result<T, E>) -> Result<Option<T>, Fault> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == Kind::Denied => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Items of the rail, in the language of whoever looks; the one of this page is marked.
fn place(
    visit: &Visit,
) -> impl Fn(Icon, &'static str, &'static str, &'static str) -> RailItem<'static> {
    let lang = visit.lang();
    move |icon, zh, en, href| RailItem::new(icon, lang.pick(zh, en), href).at(&visit.path)
}
