//! Pages about the site, and the catalogue of its components.

use axum::Router;
use axum::routing::get;
use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_http::{Answer, App, Visit, see};
use zhengtong_ui::layout::{Heading, Title, page, section, split, title};
use zhengtong_ui::list::{Entry, list};
use zhengtong_ui::panel::{Panel, panel};
use zhengtong_ui::{Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/about/accessibility", get(accessibility))
        .route("/about/privacy", get(privacy))
        .route("/design", get(design))
}

/// A section of words: its id, its heading, its paragraphs.
type Part<'a> = (&'a str, (&'a str, &'a str), &'a [(&'a str, &'a str)]);

const ACCESS: [Part<'_>; 4] = [
    (
        "ways",
        ("怎么用都能办完", "Every way leads to the end"),
        &[
            (
                "全部页面可以只用键盘操作，Tab 走到哪里，哪里有一圈深色和金色的框。",
                "Every page works with the keyboard alone; a dark and golden ring shows where you are.",
            ),
            (
                "浏览器不开脚本，也能从找事项办到拿证。读屏软件能读到每一步的状态。",
                "Everything can be done without scripts, and screen readers hear the state of each step.",
            ),
        ],
    ),
    (
        "sight",
        ("看得清", "Easy to see"),
        &[
            (
                "字可以放大到 400%，不用左右拖动。颜色可以换成深色或高对比；没有一处只靠颜色说话。",
                "Text can be enlarged to 400 % without scrolling sideways. Colours can be dark or high contrast, and nothing is said by colour alone.",
            ),
            (
                "长辈模式字大、行疏、按钮大，只留要紧的内容。在每一页的右上角都能换。",
                "The large mode has bigger text and buttons and keeps to the essentials. It is at the top of every page.",
            ),
        ],
    ),
    (
        "measure",
        ("按什么检查", "What it is checked against"),
        &[(
            "按 GB/T 37668 和 WCAG 2.2 的 AA 级检查，每次更新都用程序把主要页面查一遍。",
            "GB/T 37668 and WCAG 2.2 level AA; the main pages are checked by program with every change.",
        )],
    ),
    (
        "help",
        ("哪里不好用", "If something does not work"),
        &[(
            "请打 12345，报页脚的本页编号，说说您用的设备。自己办不方便的，可以请人代办，也可以到窗口办。",
            "Call 12345 with the page number from the footer and say what device you use. You can also let somebody apply for you, or go to the window.",
        )],
    ),
];

const PRIVACY: [Part<'_>; 5] = [
    (
        "what",
        ("取什么", "What is read"),
        &[(
            "办事时只取这件事用得着的内容，取之前告诉您，提交时征得您同意。已经登记过的不再要您填、要您交。",
            "Only what a case needs is read. You are told before and asked when you hand in. What is registered is not asked again.",
        )],
    ),
    (
        "who",
        ("谁看得到", "Who can see it"),
        &[
            (
                "只有经手这件事的人看得到，证件号、手机号默认遮住一段。",
                "Only those who handle the case, and id and telephone numbers are partly hidden.",
            ),
            (
                "每一次查看都有一条谁也改不掉的记录，写着是谁、什么时候、为什么。您在“我的”里随时能看。",
                "Every reading leaves a record that nobody can change: who, when and why. You find it in My space.",
            ),
        ],
    ),
    (
        "long",
        ("留多久", "How long it is kept"),
        &[(
            "没交的草稿留 30 天，到期删掉；您也可以自己删。交了的申请按档案管理的规定保存。",
            "Drafts are kept for 30 days and then deleted; you can delete them earlier. Applications are kept as the rules for archives say.",
        )],
    ),
    (
        "browser",
        ("浏览器里存什么", "What is kept in your browser"),
        &[(
            "只有办事必需的几个 cookie：记住登录、记住您在替谁办、记住显示方式。不跟踪，不给别的网站任何内容。15 分钟不动自动退出登录。",
            "Only necessary cookies: the session, for whom you act, and the display. Nothing is tracked and nothing goes to other sites. After 15 idle minutes you are signed out.",
        )],
    ),
    (
        "wrong",
        ("不对的、不该看的", "If something is wrong"),
        &[(
            "填表时点“提出异议”，改成您认为对的，工作人员会核对登记。觉得谁不该看，打 12345 提出来，会查、会答复。",
            "In a form choose “Raise an objection” and write what is right; the register is checked. If someone should not have looked, call 12345: it is looked into and answered.",
        )],
    ),
];

async fn accessibility(visit: Visit) -> Answer {
    let lang = visit.lang();
    let lead = lang.pick(
        "眼睛、手、耳朵不方便，或者不习惯用电脑，也能自己把事办完。",
        "Whatever your eyes, hands or ears, and however used to computers you are, you can do everything here yourself.",
    );
    Ok(see(written(&visit, lang.pick("无障碍说明", "Accessibility"), lead, &ACCESS)))
}

async fn privacy(visit: Visit) -> Answer {
    let lang = visit.lang();
    let lead = lang.pick(
        "取得少、看得到、改不掉、说得清。",
        "Little is read, all of it is visible, no record can be changed, and each has its reason.",
    );
    Ok(see(written(&visit, lang.pick("您的数据怎么用", "How your data is used"), lead, &PRIVACY)))
}

fn written(visit: &Visit, heading: &str, lead: &str, parts: &[Part<'_>]) -> Markup {
    let lang = visit.lang();
    let frame = visit.frame(heading, Place::Elsewhere);
    let text = html! {
        (title(&Title::new(heading).lead(html! { (lead) })))
        @for (id, name, paragraphs) in parts {
            (section(&Heading::new(*id, lang.pick(name.0, name.1)), html! {
                div.flow.prose { @for (zh, en) in *paragraphs { p { (lang.pick(zh, en)) } } }
            }))
        }
    };
    hall(&frame, page(split(text, aside(lang))))
}

fn aside(lang: Lang) -> Markup {
    panel(
        &Panel::new(lang.pick("马上去做", "Go there")),
        list(&[
            Entry::link(lang.pick("换显示方式", "Change the display"), "/preferences"),
            Entry::link(lang.pick("看谁用过我的数据", "See who used my data"), "/my#used"),
            Entry::link(lang.pick("查验证照", "Verify a licence"), "/verify"),
        ]),
    )
}

async fn design(visit: Visit) -> Answer {
    let frame = visit.frame("样式册 Design", Place::Elsewhere);
    Ok(see(hall(&frame, zhengtong_ui::design::catalogue(&frame))))
}
