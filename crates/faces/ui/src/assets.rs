//! What the browser fetches: one style sheet, one sprite, one small script, the mark. All of it is in the binary, and
//! every address carries a digest of the content, so that it may be kept for ever.

use std::sync::LazyLock;

/// The style sheet's parts that stand as they are, in order.
const PARTS: &[&str] = &[
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/layout.css"),
    include_str!("../assets/css/frame.css"),
    include_str!("../assets/css/desk.css"),
    include_str!("../assets/css/press.css"),
    include_str!("../assets/css/lamp.css"),
    include_str!("../assets/css/panel.css"),
    include_str!("../assets/css/form.css"),
    include_str!("../assets/css/list.css"),
    include_str!("../assets/css/line.css"),
    include_str!("../assets/css/lineage.css"),
    include_str!("../assets/css/table.css"),
    include_str!("../assets/css/home.css"),
    include_str!("../assets/css/paper.css"),
    include_str!("../assets/css/figure.css"),
    include_str!("../assets/css/elder.css"),
    include_str!("../assets/css/output.css"),
];
const TOKENS: &str = include_str!("../assets/css/tokens.css");
const DARK: &str = include_str!("../assets/css/theme-dark.css");
const DARK_ELDER: &str = include_str!("../assets/css/theme-dark-elder.css");
const CONTRAST: &str = include_str!("../assets/css/theme-contrast.css");
const ICONS: &str = include_str!("../assets/icons.svg");
const MARK: &str = include_str!("../assets/mark.svg");
const SCRIPT: &str = include_str!("../assets/ui.js");
const DESIGNER: &str = include_str!("../assets/designer.js");
const DESIGNER_CSS: &str = include_str!("../assets/designer.css");
const DESIGNER_LICENCES: &str = include_str!("../assets/designer.LICENSE");
const TABLES: &str = include_str!("../assets/tables.js");
const TABLES_STYLES: &str = include_str!("../assets/tables.styles");
const BPMN_FONT: &[u8] = include_bytes!("../assets/bpmn.woff2");
const DMN_FONT: &[u8] = include_bytes!("../assets/dmn.woff2");

static STYLE: LazyLock<String> = LazyLock::new(style);
static CSS_HREF: LazyLock<String> = LazyLock::new(|| href("ui", STYLE.as_bytes(), "css"));
static ICONS_HREF: LazyLock<String> = LazyLock::new(|| href("icons", ICONS.as_bytes(), "svg"));
static MARK_HREF: LazyLock<String> = LazyLock::new(|| href("mark", MARK.as_bytes(), "svg"));
static SCRIPT_HREF: LazyLock<String> = LazyLock::new(|| href("ui", SCRIPT.as_bytes(), "js"));
static DESIGNER_HREF: LazyLock<String> =
    LazyLock::new(|| href("designer", DESIGNER.as_bytes(), "js"));
static TABLES_HREF: LazyLock<String> = LazyLock::new(|| href("tables", TABLES.as_bytes(), "js"));
static BPMN_FONT_HREF: LazyLock<String> = LazyLock::new(|| href("bpmn", BPMN_FONT, "woff2"));
static DMN_FONT_HREF: LazyLock<String> = LazyLock::new(|| href("dmn", DMN_FONT, "woff2"));
static DESIGNER_STYLE: LazyLock<String> = LazyLock::new(|| {
    DESIGNER_CSS.replace("BPMN_FONT", &BPMN_FONT_HREF).replace("DMN_FONT", &DMN_FONT_HREF)
});
static DESIGNER_CSS_HREF: LazyLock<String> =
    LazyLock::new(|| href("designer", DESIGNER_STYLE.as_bytes(), "css"));
/// Where the licences of what the designer is made of can be read.
pub const DESIGNER_LICENCES_HREF: &str = "/assets/designer.LICENSE.txt";

/// A file the browser may fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The content.
    pub bytes: &'static [u8],
    /// The value of `Content-Type`.
    pub mime: &'static str,
    /// Whether the address carries the digest of this content, so that it never changes.
    pub immutable: bool,
}

/// The asset at a path such as `/assets/ui.0123456789abcdef.css`, or nothing.
pub fn find(path: &str) -> Option<Asset> {
    let known: [(&str, &'static [u8], &'static str); 9] = [
        (css_href(), STYLE.as_bytes(), "text/css; charset=utf-8"),
        (icons_href(), ICONS.as_bytes(), "image/svg+xml"),
        (mark_href(), MARK.as_bytes(), "image/svg+xml"),
        (script_href(), SCRIPT.as_bytes(), "text/javascript; charset=utf-8"),
        (designer_href(), DESIGNER.as_bytes(), "text/javascript; charset=utf-8"),
        (designer_css_href(), DESIGNER_STYLE.as_bytes(), "text/css; charset=utf-8"),
        (tables_href(), TABLES.as_bytes(), "text/javascript; charset=utf-8"),
        (BPMN_FONT_HREF.as_str(), BPMN_FONT, "font/woff2"),
        (DMN_FONT_HREF.as_str(), DMN_FONT, "font/woff2"),
    ];
    if path == DESIGNER_LICENCES_HREF {
        let bytes = DESIGNER_LICENCES.as_bytes();
        return Some(Asset { bytes, mime: "text/plain; charset=utf-8", immutable: false });
    }
    if path == "/favicon.ico" || path == "/assets/mark.svg" {
        return Some(Asset { bytes: MARK.as_bytes(), mime: "image/svg+xml", immutable: false });
    }
    known.into_iter().find(|(href, ..)| *href == path).map(|(_, bytes, mime)| Asset {
        bytes,
        mime,
        immutable: true,
    })
}

/// All addresses that [`find`] knows with a digest, for static export and tests.
pub fn all() -> [&'static str; 4] {
    [css_href(), icons_href(), mark_href(), script_href()]
}

/// The address of the style sheet.
pub fn css_href() -> &'static str {
    &CSS_HREF
}

/// The address of the sprite.
pub fn icons_href() -> &'static str {
    &ICONS_HREF
}

/// The address of the mark as a picture.
pub fn mark_href() -> &'static str {
    &MARK_HREF
}

/// The address of the optional script.
pub fn script_href() -> &'static str {
    &SCRIPT_HREF
}

/// The address of the designer of processes, which only its own pages load.
pub fn designer_href() -> &'static str {
    &DESIGNER_HREF
}

/// The address of the designer's styles.
pub fn designer_css_href() -> &'static str {
    &DESIGNER_CSS_HREF
}

/// The address of the editor of decision tables, which only its own page loads.
pub fn tables_href() -> &'static str {
    &TABLES_HREF
}

/// What the page of decision tables admits besides our style sheets, for its content security policy: the styles in the
/// markup of the mark that the licence lets nobody change, by their digests.
pub fn tables_styles() -> &'static str {
    TABLES_STYLES.trim()
}

/// Puts the style sheet together: the dark and contrast values stand once in a file, and here both under the person's
/// choice and under the wish of the system when no choice was made.
fn style() -> String {
    let mut out = String::with_capacity(64 * 1024);
    let mut rule = |text: &str| {
        out.push_str(text.trim());
        out.push('\n');
    };
    rule(TOKENS);
    rule(&format!("[data-theme=dark] {{ {} }}", DARK.trim()));
    rule(&format!("[data-theme=dark][data-mode=elder] {{ {} }}", DARK_ELDER.trim()));
    rule(&format!(
        "@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{ {} }} :root:not([data-theme])[data-mode=elder] {{ {} }} }}",
        DARK.trim(),
        DARK_ELDER.trim()
    ));
    rule(&format!("[data-theme=contrast] {{ {} }}", CONTRAST.trim()));
    rule(&format!(
        "@media (prefers-contrast: more) {{ :root:not([data-theme]) {{ {} }} }}",
        CONTRAST.trim()
    ));
    for part in PARTS {
        rule(part);
    }
    out
}

fn href(name: &str, bytes: &[u8], extension: &str) -> String {
    format!("/assets/{name}.{:016x}.{extension}", digest(bytes))
}

/// FNV-1a: enough to tell one build's file from another's; nothing is trusted because of it.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_asset_and_nothing_else() {
        for path in all() {
            assert!(find(path).is_some_and(|asset| asset.immutable && !asset.bytes.is_empty()));
        }
        assert!(find("/favicon.ico").is_some_and(|asset| !asset.immutable));
        assert_eq!(find("/assets/ui.css"), None);
        assert_eq!(find("/assets/../Cargo.toml"), None);
    }

    #[test]
    fn the_style_sheet_asks_nobody_else_and_is_whole() {
        let style = STYLE.as_str();
        assert!(!style.contains("http") && !style.contains("@import") && !style.contains("url("));
        assert_eq!(style.matches('{').count(), style.matches('}').count());
        assert!(style.len() < 80_000, "{} bytes", style.len());
    }

    #[test]
    fn the_script_stays_small_and_needs_no_eval() {
        assert!(SCRIPT.len() <= 13 * 1024, "{} bytes", SCRIPT.len());
        assert!(!SCRIPT.contains("eval(") && !SCRIPT.contains("new Function"));
    }

    #[test]
    fn the_designer_asks_nobody_else_keeps_the_mark_and_names_its_licences() {
        let style = DESIGNER_STYLE.as_str();
        assert!(!style.contains("@import") && !style.contains("_FONT"));
        for asked in style.split("url(").skip(1) {
            let target = asked.trim_start_matches(['"', '\'']);
            assert!(target.starts_with("/assets/") || target.starts_with("data:"), "{target:.40}");
        }
        for font in [&BPMN_FONT_HREF, &DMN_FONT_HREF] {
            assert!(style.contains(font.as_str()));
            assert!(find(font).is_some_and(|asset| asset.mime == "font/woff2"));
        }
        assert!(find(designer_href()).is_some() && find(designer_css_href()).is_some());
        assert!(
            DESIGNER.contains("bjs-powered-by") && !style.contains("bjs-powered-by{display:none")
        );
        assert!(find(DESIGNER_LICENCES_HREF).is_some());
        for name in ["bpmn-js ", "diagram-js ", "bpmn-auto-layout ", "bpmn-font", "dmn-js-shared "]
        {
            assert!(DESIGNER_LICENCES.contains(name), "{name}");
        }
    }

    #[test]
    fn the_designer_needs_no_eval() {
        for script in [DESIGNER, TABLES] {
            assert!(!script.contains("=eval(") && !script.contains("new Function"));
        }
        assert!(tables_styles().split(' ').all(|one| one.starts_with("'sha256-")));
    }

    #[test]
    fn every_custom_property_that_is_used_is_defined() {
        let style = STYLE.as_str();
        for used in style.split("var(--").skip(1) {
            let name = used.split([')', ',']).next().unwrap().trim();
            assert!(style.contains(&format!("--{name}:")), "--{name} is used and never set");
        }
        // Our own part of the designer's styles uses the words of the rest.
        let own = DESIGNER_STYLE.split(".designer{").nth(1).unwrap();
        for used in own.split("var(--").skip(1) {
            let name = used.split([')', ',']).next().unwrap().trim();
            assert!(style.contains(&format!("--{name}:")), "--{name} is used and never set");
        }
    }
}
