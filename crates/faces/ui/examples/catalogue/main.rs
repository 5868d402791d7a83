//! Writes the catalogue and sample pages as static HTML: `cargo run -p zhengtong-ui --example catalogue -- DIR`. Real
//! faces can imitate the pages; a browser can be pointed at them without a city behind.

mod admin;
mod desk;
mod home;
mod item;
mod mine;
mod wizard;

use std::error::Error;
use std::fs;
use std::path::Path;

use maud::{Markup, html};
use zhengtong_base::Lang;
use zhengtong_ui::frame::{FooterGroup, NavLink, Standing};
use zhengtong_ui::problem::{Problem, ProblemPage, problem};
use zhengtong_ui::{Frame, Mode, Nav, Person, Place, Theme, assets, design, hall, layout};

/// One sample page: its file name and how it is drawn.
type Sample = (&'static str, fn(&Frame<'_>) -> Markup);

/// All sample pages.
const SAMPLES: &[Sample] = &[
    ("design", |frame| {
        hall(
            &titled(frame, "样式册", Place::Elsewhere),
            design::catalogue(&titled(frame, "样式册", Place::Elsewhere)),
        )
    }),
    ("home", home::page),
    ("item", item::page),
    ("wizard", wizard::page),
    ("wizard-errors", wizard::page_with_errors),
    ("upload", wizard::upload_page),
    ("tasks", wizard::tasks_page),
    ("receipt", wizard::receipt_page),
    ("confirm", wizard::confirm_page),
    ("my", mine::page),
    ("progress", mine::progress_page),
    ("login", mine::login_page),
    ("preferences", mine::preferences_page),
    ("inbox", desk::inbox),
    ("case", desk::case),
    ("admin", admin::page),
    ("not-found", |frame| error_page(frame, Problem::NotFound)),
    ("denied", |frame| error_page(frame, Problem::Denied)),
    ("unavailable", |frame| error_page(frame, Problem::Unavailable)),
];

/// Each look the pages are written in: suffix, theme, mode.
const LOOKS: &[(&str, Theme, Mode)] = &[
    ("", Theme::Light, Mode::Normal),
    ("-dark", Theme::Dark, Mode::Normal),
    ("-contrast", Theme::Contrast, Mode::Normal),
    ("-elder", Theme::Light, Mode::Elder),
];

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("name the folder to write to")?;
    let dir = Path::new(&dir);
    fs::create_dir_all(dir.join("assets"))?;
    for path in assets::all() {
        let asset = assets::find(path).ok_or("an asset is missing")?;
        fs::write(dir.join(path.trim_start_matches('/')), asset.bytes)?;
    }
    for (suffix, theme, mode) in LOOKS {
        for (name, draw) in SAMPLES {
            let mut frame = sample_frame(Lang::Zh);
            frame.theme = *theme;
            frame.mode = *mode;
            fs::write(dir.join(format!("{name}{suffix}.html")), draw(&frame).into_string())?;
        }
    }
    let english =
        Frame { theme: Theme::Light, title: "Design catalogue".into(), ..sample_frame(Lang::En) };
    fs::write(
        dir.join("design-en.html"),
        hall(&english, design::catalogue(&english)).into_string(),
    )?;
    Ok(())
}

fn sample_frame(lang: Lang) -> Frame<'static> {
    let link = |zh: &'static str, en: &'static str| NavLink {
        text: lang.pick(zh, en).into(),
        href: "#".into(),
        current: false,
    };
    Frame {
        person: Some(Person {
            name: lang.pick("市民甲", "Citizen A").into(),
            note: "".into(),
            home: "/my".into(),
            leave: None,
        }),
        request: "hm-8f3c".into(),
        footer: vec![
            FooterGroup {
                title: lang.pick("怎么办事", "How to").into(),
                links: vec![
                    link("就近窗口和排队人数", "Counters and queues"),
                    link("请家人或单位代办", "Let someone act for you"),
                    link("查办件进度", "Follow a case"),
                    link("投诉与建议", "Complaints and ideas"),
                ],
            },
            FooterGroup {
                title: lang.pick("关于本站", "About").into(),
                links: vec![
                    link("网站地图", "Site map"),
                    link("无障碍声明", "Accessibility"),
                    link("您的数据怎么用", "How your data is used"),
                    link("政府网站找错", "Report a mistake"),
                ],
            },
        ],
        legal: if lang == Lang::Zh {
            vec![
                "主办：示例市人民政府办公室".into(),
                "承办：示例市数据局".into(),
                "示例 ICP 备 00000000 号".into(),
                "网站标识码 0000000000".into(),
            ]
        } else {
            vec!["Sample City Government".into()]
        },
        ..Frame::new(lang, lang.pick("首页", "Home"))
    }
}

/// The frame of one page.
fn titled<'a>(frame: &Frame<'a>, title: &'a str, place: Place) -> Frame<'a> {
    let nav = Nav::standard(frame.lang, place);
    Frame { title: title.into(), nav, ..frame.clone() }
}

/// The frame of a form that came back with errors.
fn faulty<'a>(frame: &Frame<'a>) -> Frame<'a> {
    Frame { standing: Standing::Faulty, ..frame.clone() }
}

fn error_page(frame: &Frame<'_>, what: Problem) -> Markup {
    let frame = titled(frame, what.title(frame.lang), Place::Elsewhere);
    hall(&frame, layout::page(html! { (problem(&frame, &ProblemPage::new(what))) }))
}
