//! What a city sets up before it opens, and how far it is.

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_calendar::china_date;
use zhengtong_db::Ctx;
use zhengtong_http::Fault;
use zhengtong_ui::figure::share;
use zhengtong_ui::lamp::{Light, lamp};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, panel};

use crate::console::Console;
use crate::packs::PackList;

/// The three who exclude each other.
const ADMINISTRATORS: [&str; 3] = ["system-admin", "security-admin", "audit-admin"];

/// One step of the set-up.
struct Step {
    done: bool,
    name: (&'static str, &'static str),
    how: (&'static str, &'static str),
    href: &'static str,
}

/// All steps, as they stand.
pub(crate) struct Checklist(Vec<Step>);

impl Checklist {
    /// Looks at everything.
    pub(crate) async fn of(ctx: &mut Ctx) -> Result<Self, Fault> {
        let today = china_date(ctx.now);
        let mut named = [false; 3];
        for (place, role) in named.iter_mut().zip(ADMINISTRATORS) {
            *place = zhengtong_party::role_holders(ctx.conn(), role, today).await? > 0;
        }
        let console = ctx.defs::<Console>()?;
        let sound = ctx.defs::<PackList>()?.findings() == 0;
        let summary = zhengtong_backup::summary(ctx).await?;
        let proven = (summary.last_drill.is_some(), summary.standby.is_some());
        Ok(Self(steps(named, &console, proven, sound)))
    }

    fn done(&self) -> usize {
        self.0.iter().filter(|step| step.done).count()
    }

    /// Draws the list; nothing once all is done.
    pub(crate) fn draw(&self, lang: Lang) -> Markup {
        let (done, all) = (self.done(), self.0.len());
        if done == all {
            return html! {};
        }
        let percent = done * 100 / all.max(1);
        let name = match lang {
            Lang::Zh => format!("开通前要做的 · 完成 {percent}%"),
            Lang::En => format!("Before the city opens · {percent}% done"),
        };
        let count = |number: usize| u64::try_from(number).unwrap_or(0);
        let entries: Vec<Entry> = self.0.iter().map(|step| step.entry(lang)).collect();
        panel(
            &Panel::new(name).id("setup"),
            html! {
                (share(lang.pick("完成", "Done"), count(done), count(all)))
                (list(&entries))
            },
        )
    }
}

impl Step {
    fn entry(&self, lang: Lang) -> Entry {
        let name = lang.pick(self.name.0, self.name.1);
        if self.done {
            return Entry::new(html! { (name) }).end(lamp(Light::Ok, lang.pick("完成", "Done")));
        }
        let entry = if self.href.is_empty() {
            Entry::new(html! { strong { (name) } })
        } else {
            Entry::link(name, self.href)
        };
        entry
            .note(html! { (lang.pick(self.how.0, self.how.1)) })
            .end(lamp(Light::None, lang.pick("待办", "To do")))
    }
}

fn steps(
    [system, security, audit]: [bool; 3],
    console: &Console,
    (restored, standby): (bool, bool),
    packs: bool,
) -> Vec<Step> {
    let url = console.public_url.as_str();
    let own =
        !["//127.", "//localhost", "//0.0.0.0", "//[::"].iter().any(|here| url.contains(here));
    let step = |done, name, how, href| Step { done, name, how, href };
    vec![
        step(
            system,
            ("第一位系统管理员能登录", "The first system administrator can log in"),
            ("打开启动时给出的一次性链接", "Open the one-time link that the start printed"),
            "/admin/people",
        ),
        step(
            security,
            ("指定了安全管理员", "A security administrator is named"),
            ("建岗位，任命另一个人", "Make the post and appoint somebody else"),
            "/admin/organisations",
        ),
        step(
            audit,
            ("指定了审计管理员", "An audit administrator is named"),
            ("由安全管理员任命第三个人", "The security administrator appoints a third person"),
            "/admin/organisations",
        ),
        step(
            own,
            ("设定了对外的网址", "The public address is set"),
            ("配置 server.public_url", "Set server.public_url"),
            "/admin/settings",
        ),
        step(
            url.starts_with("https://"),
            ("对外用 HTTPS 证书", "The public side has a certificate"),
            (
                "反向代理装上证书，server.public_url 写 https",
                "Give the reverse proxy a certificate; server.public_url begins with https",
            ),
            "/admin/settings",
        ),
        step(
            console.backup,
            ("设定了自动备份", "Backups run on schedule"),
            (
                "配置 [backup] 的目录和口令文件",
                "Set the folder and the passphrase file under [backup]",
            ),
            "/admin/backups",
        ),
        step(
            restored,
            ("证明过能恢复", "A restore is proven"),
            ("点“现在演练一次”", "Press “Drill now”"),
            "/admin/backups",
        ),
        step(
            standby,
            ("有同步备库", "A synchronous standby follows"),
            ("在服务器上运行 zhengtong standby add", "On the server: zhengtong standby add"),
            "/admin/backups",
        ),
        step(
            packs,
            ("包都检查过，没有问题", "The packs are checked and sound"),
            ("看每一处，改好再装", "Look at each finding and mend it"),
            "/admin/packs",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn console(public_url: &str, backup: bool) -> Console {
        Console {
            version: "1".to_owned(),
            public_url: public_url.to_owned(),
            backup,
            settings: Vec::new(),
            look: Arc::new(|_db| Box::pin(async { Vec::new() })),
        }
    }

    #[test]
    fn the_list_counts_and_goes_when_all_is_done() {
        let begun = Checklist(steps(
            [true, true, false],
            &console("http://127.0.0.1:8080", false),
            (false, false),
            true,
        ));
        assert_eq!(begun.done(), 3);
        let html = begun.draw(Lang::Zh).into_string();
        assert!(html.contains("完成 33%") && html.contains("/admin/backups"));
        let whole = Checklist(steps(
            [true; 3],
            &console("https://zw.example.gov.cn", true),
            (true, true),
            true,
        ));
        assert_eq!(whole.draw(Lang::Zh).into_string(), "");
    }
}
