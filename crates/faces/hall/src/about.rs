//! Pages about the site, and the catalogue of its components.

use axum::Router;
use axum::routing::get;
use maud::html;
use zhengtong_http::{Answer, App, Visit, see};
use zhengtong_ui::layout::{Title, page, title};
use zhengtong_ui::{Place, hall};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/about/accessibility", get(accessibility))
        .route("/about/privacy", get(privacy))
        .route("/design", get(design))
}

async fn accessibility(visit: Visit) -> Answer {
    let lang = visit.lang();
    let heading = lang.pick("无障碍说明", "Accessibility");
    let frame = visit.frame(heading, Place::Elsewhere);
    let body = page(html! {
        (title(&Title::new(heading)))
        p { (lang.pick(
            "全部页面可以只用键盘操作，不开脚本也能办完每一件事；字可以放大到 400%，颜色可以换成高对比，长辈模式字大、行疏、按钮大。",
            "Every page works with the keyboard alone and without scripts; text can be enlarged to 400 %, colours changed to high contrast, and the large mode has bigger text and buttons.",
        )) }
        p { (lang.pick(
            "按 GB/T 37668 和 WCAG 2.2 AA 检查；哪里不好用，请打 12345 并报页脚的本页编号。",
            "Checked against GB/T 37668 and WCAG 2.2 AA. If something does not work for you, call 12345 with the page number from the footer.",
        )) }
    });
    Ok(see(hall(&frame, body)))
}

async fn privacy(visit: Visit) -> Answer {
    let lang = visit.lang();
    let heading = lang.pick("您的数据怎么用", "How your data is used");
    let frame = visit.frame(heading, Place::Elsewhere);
    let body = page(html! {
        (title(&Title::new(heading)))
        p { (lang.pick(
            "办事时只取这件事用得着的内容，取之前征得您同意；每一次查看都有一条改不掉的记录，在“我的”里能看到是谁、什么时候、为什么。",
            "Only what a case needs is read, with your consent; every reading leaves a record that nobody can change, and My space shows who, when and why.",
        )) }
        p { (lang.pick(
            "本站只用两个必要的 cookie：一个记住登录，一个记住显示方式。不跟踪，不给别的网站任何内容。",
            "This site uses two necessary cookies: one for the session, one for the display. Nothing is tracked and nothing goes to other sites.",
        )) }
    });
    Ok(see(hall(&frame, body)))
}

async fn design(visit: Visit) -> Answer {
    let frame = visit.frame("样式册 Design", Place::Elsewhere);
    Ok(see(zhengtong_ui::design::catalogue(&frame)))
}
