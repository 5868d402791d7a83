//! The catalogue's part on forms: every field plain, filled and wrong.

use maud::{Markup, html};
use zhengtong_base::Lang;

use super::said;
use crate::field::{
    Area, DateParts, Field, Form, Input, Kind, Layout, Pick, Upload, Uploaded, Width, checkboxes,
    code, consent, date, date_parts, error_summary, fieldset, form, password, radios, select, text,
    textarea, upload,
};
use crate::frame::Frame;
use crate::known::{Known, known};
use crate::navigate::{Search, back, narrow, part, search};
use crate::notice::saved;
use crate::press::{Button, Size, actions, submit};
use crate::rating::rating;

pub(super) fn fields(frame: &Frame<'_>) -> Markup {
    let lang = frame.lang;
    let t = |zh, en| lang.pick(zh, en);
    html! {
        (said(lang, "一页一件事，一列，最宽 640 像素；先标签，再提示，再错误，再控件。错了的话：页首汇总、同样的话放在那一格、填过的都留着。", "One thing a page, one column, at most 640 px; label, hint, error, control. When something is wrong: a summary on top, the same words at the field, everything typed is kept."))
        div.columns {
            (form(frame, &Form::post("#fields"), typed(lang)))
            (form(frame, &Form::post("#fields"), chosen(lang)))
        }
        div.form.flow {
            (back(t("上一步", "Back"), "#fields"))
            (part(t("第 2 部分：经营场所", "Part 2: premises"), 3, 8))
            (saved(t("9:42 已自动保存，换手机登录也能接着填", "Saved at 9:42; go on with any device")))
        }
        (search(lang, &Search { action: "#fields".into(), label: t("搜索事项", "Search services").into(), example: t("例如：上户口", "For example: register a birth").into(), ..Search::default() }))
        (narrow(lang, &Search { action: "#fields".into(), label: t("按姓名或编号查找", "Find by name or number").into(), ..Search::default() }))
    }
}

fn typed(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    html! {
        (error_summary(lang, &[("sample-area", t("请填写数字，例如 120", "Enter a number, such as 120")), ("sample-water", t("请选择用水来自哪里", "Choose where the water comes from"))]))
        (known(lang, &[
            Known { label: t("企业名称", "Company").into(), value: t("示例餐饮有限公司", "Sample Catering Ltd").into(), source: t("市场主体登记库", "company register").into(), as_of: t("11 月 13 日更新", "updated 13 November").into() },
            Known { label: t("统一社会信用代码", "Credit code").into(), value: "9199 01** **** **** 3X".into(), source: t("市场主体登记库", "company register").into(), as_of: t("11 月 13 日更新", "updated 13 November").into() },
        ], "#fields"))
        (text(lang, &Field::new("sample-phone", t("手机号", "Mobile number")).hint(t("用来收取件号码", "We send the pickup code to it")), &Input::new("100****0000").kind(Kind::Phone).width(Width::Long).autocomplete("tel")))
        (text(lang, &Field::new("sample-area", t("经营面积", "Floor area")).hint(t("包括厨房和库房，约数即可", "Kitchen and store included, roughly")).error(t("请填写数字，例如 120", "Enter a number, such as 120")), &Input::new(t("一百二", "a lot")).kind(Kind::Decimal).width(Width::Tiny).unit(t("平方米", "square metres"))))
        (textarea(lang, &Field::new("sample-note", t("还有什么要说明", "Anything else")).optional(), &Area { length_max: Some(500), ..Area::default() }))
        (date(lang, &Field::new("sample-day", t("想哪天上门", "Day of the visit")), "2026-11-26"))
        (date_parts(lang, &Field::new("sample-born", t("出生日期", "Date of birth")).hint(t("例如 1990 年 3 月 8 日", "For example 1990 3 8")), &DateParts::split("1990-03-08")))
        (password(lang, &Field::new("sample-password", t("密码", "Password")), "current-password"))
        (code(lang, &Field::new("sample-code", t("动态码", "One-time code")).hint(t("验证器里的 6 位数字", "6 digits from your authenticator"))))
    }
}

fn chosen(lang: Lang) -> Markup {
    let t = |zh, en| lang.pick(zh, en);
    let water = [
        Pick::new("tap", t("自来水", "Mains")),
        Pick::new("well", t("自备水源", "Own source"))
            .hint(t("如井水、山泉水", "Such as a well or a spring")),
    ];
    let kinds = [
        Pick::new("hot", t("热食", "Hot food")),
        Pick::new("cold", t("冷食", "Cold food")),
        Pick::new("drink", t("饮品", "Drinks")),
    ];
    let inside = text(lang, &Field::new("sample-rent", t("出租人", "Landlord")), &Input::default());
    let place = [
        Pick::new("own", t("自己的房产", "Own property")),
        Pick::new("rent", t("租的", "Rented")).inside(inside),
    ];
    html! {
        (radios(lang, &Field::new("sample-place", t("店面是", "The premises are")), &place, "rent", Layout::Down))
        (radios(lang, &Field::new("sample-water", t("用水来自哪里？", "Where does the water come from?")).hint(t("自备水源要交一份水质检测报告。", "An own source needs a water test.")).error(t("请选择用水来自哪里", "Choose where the water comes from")), &water, "", Layout::Down))
        (checkboxes(lang, &Field::new("sample-kinds", t("卖什么", "What is sold")), &kinds, &["hot", "drink"], Layout::Across))
        (select(lang, &Field::new("sample-street", t("街道", "Street office")), &[Pick::new("1", t("书院街道", "Academy")), Pick::new("2", t("柳岸街道", "Willow Bank"))], ""))
        (fieldset(t("材料", "Documents"), html! {
            (upload(lang, &Field::new("sample-file", t("水质检测报告", "Water test")), &Upload {
                accept: ".pdf,.jpg,.png".into(), limits: t("PDF、JPG、PNG，每份不超过 20 MB", "PDF, JPG or PNG, at most 20 MB each").into(),
                files: vec![Uploaded { name: t("平面图.pdf", "plan.pdf").into(), size: "1.2 MB".into(), href: "#fields".into(), remove: "1".into() }],
                ..Upload::default()
            }))
        }))
        (rating(lang, "sample-rating", t("这次办得怎么样？", "How was it?"), 4))
        (consent(lang, &Field::new("sample-consent", t("以上内容属实。", "The above is true.")).hint(t("时间会记入您的数据使用记录", "The time goes into your record of data use")), "yes"))
        (actions(html! {
            (submit(&Button::new(t("保存并继续", "Save and continue")).size(Size::Large)))
            (submit(&Button::quiet(t("先到这里，下次再填", "Stop here for now"))))
        }))
    }
}
