//! What stands around every page of administration: who may come in, and the places this administrator has.

use axum::response::{IntoResponse as _, Response};
use maud::Markup;
use zhengtong_base::{FieldError, Kind, Lang, Text};
use zhengtong_db::{Ctx, Thing};
use zhengtong_http::{Fault, Fields, Visit, see};
use zhengtong_ui::{Frame, Icon, Person, Place, Rail, RailGroup, RailItem, desk};

/// A place that not every administrator has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Finding people and their accounts.
    People,
    /// Systems that log their users in here.
    Clients,
    /// Jobs that wait or failed.
    Jobs,
    /// Mail and text messages.
    Channels,
    /// Processes that stand still.
    Incidents,
    /// The packs in force.
    Packs,
    /// The definitions of processes.
    Processes,
    /// Calendars and limits.
    Calendars,
    /// How much each dataset holds.
    Datasets,
    /// The record of acts.
    Record,
    /// How the platform stands.
    Health,
    /// Backups and drills.
    Backups,
    /// Reporting up.
    Reporting,
    /// Settings.
    Settings,
}

/// The places that the administrator may open, as policy says.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    rooms: Vec<Room>,
}

/// Fields that came back with what is wrong with them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub(crate) fields: Fields,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) said: Option<Text>,
}

impl Typed {
    /// What was typed in a field.
    pub(crate) fn value(&self, name: &str) -> String {
        self.fields.get(name).to_owned()
    }

    /// What was typed, or else a usual value where nothing was sent yet.
    pub(crate) fn value_or(&self, name: &str, usual: &str) -> String {
        let sent = self.fields.0.iter().find(|(field, _)| field == name);
        sent.map_or_else(|| usual.to_owned(), |(_, value)| value.clone())
    }
}

/// The platform, as policies see it.
pub(crate) fn platform() -> Thing {
    Thing::new("platform", "")
}

/// The record of acts, as policies see it.
pub(crate) fn ledger() -> Thing {
    Thing::new("ledger", "")
}

/// Only staff come in; which page is whose, the verbs decide.
pub(crate) fn staff_only(visit: &Visit) -> Result<(), Fault> {
    visit.known()?;
    if visit.is_staff() {
        return Ok(());
    }
    Err(Fault::new(
        Kind::Denied,
        "管理页面只给平台的管理员用",
        "these pages are for the administrators of the platform",
    ))
}

/// A context for a page that only reads.
pub(crate) async fn reading(visit: &Visit) -> Result<Ctx, Fault> {
    staff_only(visit)?;
    visit.ctx().await
}

/// A context for a form.
pub(crate) async fn acting(visit: &Visit, fields: &Fields) -> Result<Ctx, Fault> {
    staff_only(visit)?;
    visit.act(fields).await
}

impl Bench {
    /// Asks policy what the actor may open.
    pub(crate) fn of(ctx: &Ctx) -> Self {
        let asked = [
            (Room::People, "party.people", Thing::new("person", "")),
            (Room::Clients, "signon.clients", Thing::new("client", "")),
            (Room::Jobs, "admin.jobs", platform()),
            (Room::Channels, "notice.outside", platform()),
            (Room::Incidents, "process.incidents", platform()),
            (Room::Packs, "admin.packs", platform()),
            (Room::Processes, "process.designs", zhengtong_process::thing("", None)),
            (Room::Calendars, "casework.calendars", Thing::new("platform", "calendar")),
            (Room::Datasets, "registry.count", Thing::new("dataset", "all")),
            (Room::Record, "ledger.search", ledger()),
            (Room::Health, "admin.health", platform()),
            (Room::Backups, "backup.read", Thing::new("platform", "backup")),
            (Room::Reporting, "reporting.read", Thing::new("report", "run")),
            (Room::Settings, "setting.read", Thing::new("setting", "")),
        ];
        let open = asked.into_iter().filter(|(_, verb, thing)| ctx.may(verb, thing));
        Self { rooms: open.map(|(room, ..)| room).collect() }
    }

    /// Whether the administrator has a place.
    pub(crate) fn has(&self, room: Room) -> bool {
        self.rooms.contains(&room)
    }

    /// The frame of a page.
    pub(crate) fn frame<'a>(visit: &'a Visit, title: &'a str) -> Frame<'a> {
        let lang = visit.lang();
        let mut frame = visit.frame(title, Place::Elsewhere);
        frame.service = lang.pick("管理", "Administration").into();
        frame.person = Some(Person {
            name: visit.actor.name.as_str().into(),
            note: office(lang, &visit.actor.roles).into(),
            home: "/desk/me".into(),
            leave: Some("/logout".into()),
        });
        frame
    }

    /// Draws a page.
    pub(crate) fn page(&self, visit: &Visit, frame: &Frame<'_>, body: Markup) -> Response {
        see(desk(frame, &self.rail(visit), body))
    }

    /// Draws a page that says that something did not work.
    pub(crate) fn refused(&self, visit: &Visit, frame: &Frame<'_>, body: Markup) -> Response {
        let status = Fault::new(Kind::Invalid, "", "").status();
        (status, self.page(visit, frame, body)).into_response()
    }

    fn rail(&self, visit: &Visit) -> Rail<'static> {
        let lang = visit.lang();
        Rail {
            part: lang.pick("管理", "Administration").into(),
            home: "/admin".into(),
            groups: self.groups(lang, &visit.path),
            ..Rail::default()
        }
    }

    fn groups(&self, lang: Lang, path: &str) -> Vec<RailGroup<'static>> {
        let item = |room: Option<Room>, icon, zh: &'static str, en: &'static str, href| {
            let shown = room.is_none_or(|room| self.has(room));
            shown.then(|| RailItem::new(icon, lang.pick(zh, en), href).at(path))
        };
        let group = |zh: &'static str, en: &'static str, items: Vec<Option<RailItem<'static>>>| {
            let items = items.into_iter().flatten().collect();
            RailGroup { title: lang.pick(zh, en).into(), items }
        };
        let mut overview = RailItem::new(Icon::ListChecks, lang.pick("概览", "Overview"), "/admin");
        overview.current = path.split('?').next() == Some("/admin");
        let people = vec![
            item(Some(Room::People), Icon::Users, "人员", "People", "/admin/people"),
            item(None, Icon::Building2, "单位和岗位", "Units and posts", "/admin/organisations"),
            item(
                Some(Room::Clients),
                Icon::Link,
                "接入系统",
                "Connected systems",
                "/admin/clients",
            ),
        ];
        let rules = vec![
            item(Some(Room::Packs), Icon::Package, "包", "Packs", "/admin/packs"),
            item(Some(Room::Processes), Icon::GitBranch, "流程", "Processes", "/admin/process"),
            item(None, Icon::Scale, "标准和代码", "Standards and codes", "/admin/standards"),
            item(
                Some(Room::Calendars),
                Icon::Calendar,
                "日历和时限",
                "Calendars and limits",
                "/admin/calendars",
            ),
            item(Some(Room::Datasets), Icon::Database, "数据集", "Datasets", "/admin/datasets"),
        ];
        let operation = vec![
            item(Some(Room::Health), Icon::HeartPulse, "健康", "Health", "/admin/health"),
            item(
                Some(Room::Backups),
                Icon::Archive,
                "备份和演练",
                "Backups and drills",
                "/admin/backups",
            ),
            item(Some(Room::Jobs), Icon::Workflow, "后台任务", "Jobs", "/admin/jobs"),
            item(
                Some(Room::Channels),
                Icon::Send,
                "短信和邮件",
                "Texts and mails",
                "/admin/channels",
            ),
            item(Some(Room::Reporting), Icon::Upload, "上报", "Reporting up", "/admin/reporting"),
            item(Some(Room::Incidents), Icon::Pause, "停住的流程", "Incidents", "/admin/incidents"),
            item(Some(Room::Settings), Icon::Settings, "设置", "Settings", "/admin/settings"),
            item(Some(Room::Record), Icon::History, "存证记录", "Record of acts", "/admin/record"),
        ];
        let groups = [
            group("", "", vec![Some(overview)]),
            group("人和单位", "People and units", people),
            group("规则", "Rules", rules),
            group("运行", "Operation", operation),
        ];
        groups.into_iter().filter(|group| !group.items.is_empty()).collect()
    }
}

/// Which of the three administrators it is.
fn office(lang: Lang, roles: &[String]) -> String {
    let known = [
        ("system-admin", "系统管理员", "System administrator"),
        ("security-admin", "安全管理员", "Security administrator"),
        ("audit-admin", "审计管理员", "Audit administrator"),
    ];
    let held = known.iter().find(|(role, ..)| roles.iter().any(|held| held == role));
    held.map_or_else(String::new, |(_, zh, en)| lang.pick(zh, en).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stands_before_what_is_usual() {
        let typed =
            Typed { fields: Fields(vec![("login".to_owned(), String::new())]), ..Typed::default() };
        assert_eq!(typed.value_or("login", "usual"), "");
        assert_eq!(typed.value_or("kind", "staff"), "staff");
    }

    #[test]
    fn an_administrator_is_named() {
        let roles = ["audit-admin".to_owned()];
        assert_eq!(office(Lang::Zh, &roles), "审计管理员");
        assert_eq!(office(Lang::En, &[]), "");
    }
}
