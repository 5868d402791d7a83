//! Icons by name. Each stands beside words, never alone; the list below is what the sprite is built from.

use maud::{Markup, html};

use crate::assets;

/// Declares the enum once, so that the names, the sprite and the catalogue cannot part.
macro_rules! icons {
    ($($variant:ident => $name:literal,)+) => {
        /// An icon of the sprite, named as in `lucide-static`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Icon {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Icon {
            /// All icons, for the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name of the icon in the sprite, without its prefix.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

icons! {
    Archive => "archive",
    Armchair => "armchair",
    ArrowRightLeft => "arrow-right-left",
    Baby => "baby",
    BadgeCheck => "badge-check",
    Ban => "ban",
    Bell => "bell",
    BookOpen => "book-open",
    BriefcaseBusiness => "briefcase-business",
    Building2 => "building-2",
    Bus => "bus",
    Calendar => "calendar",
    Camera => "camera",
    Car => "car",
    ChartNoAxesColumn => "chart-no-axes-column",
    Check => "check",
    ChevronLeft => "chevron-left",
    ChevronRight => "chevron-right",
    CircleCheck => "circle-check",
    Clock => "clock",
    CloudCheck => "cloud-check",
    Columns3 => "columns-3",
    Contrast => "contrast",
    Copy => "copy",
    CornerUpLeft => "corner-up-left",
    Database => "database",
    Download => "download",
    Droplets => "droplets",
    ExternalLink => "external-link",
    Eye => "eye",
    FileCheck => "file-check",
    FileText => "file-text",
    FileX => "file-x",
    Filter => "filter",
    Flag => "flag",
    Gavel => "gavel",
    GitBranch => "git-branch",
    Glasses => "glasses",
    HeartPulse => "heart-pulse",
    History => "history",
    Hourglass => "hourglass",
    House => "house",
    IdCard => "id-card",
    Inbox => "inbox",
    Info => "info",
    KeyRound => "key-round",
    Landmark => "landmark",
    Languages => "languages",
    Layers => "layers",
    Link => "link",
    ListChecks => "list-checks",
    LoaderCircle => "loader-circle",
    Lock => "lock",
    LogOut => "log-out",
    MapPinned => "map-pinned",
    Menu => "menu",
    MessageSquareWarning => "message-square-warning",
    MessagesSquare => "messages-square",
    Monitor => "monitor",
    Moon => "moon",
    Package => "package",
    Pause => "pause",
    Pencil => "pencil",
    Phone => "phone",
    Play => "play",
    Plus => "plus",
    Printer => "printer",
    QrCode => "qr-code",
    RefreshCw => "refresh-cw",
    RotateCcw => "rotate-ccw",
    Route => "route",
    Scale => "scale",
    School => "school",
    Search => "search",
    SearchX => "search-x",
    Send => "send",
    ServerOff => "server-off",
    Settings => "settings",
    ShieldAlert => "shield-alert",
    ShieldCheck => "shield-check",
    Smile => "smile",
    Stamp => "stamp",
    Star => "star",
    Store => "store",
    Sun => "sun",
    SwatchBook => "swatch-book",
    Trash2 => "trash-2",
    TriangleAlert => "triangle-alert",
    Upload => "upload",
    UserRound => "user-round",
    Users => "users",
    WifiOff => "wifi-off",
    Wind => "wind",
    Workflow => "workflow",
    X => "x",
}

/// How large an icon is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IconSize {
    /// As high as the text beside it.
    #[default]
    Text,
    /// 28 pixels, with a thinner line.
    Large,
}

/// An icon beside words; hidden from assistive technology, because the words say it.
pub fn icon(icon: Icon) -> Markup {
    icon_of(icon, IconSize::Text)
}

/// An icon of a given size beside words.
pub fn icon_of(icon: Icon, size: IconSize) -> Markup {
    let class = match size {
        IconSize::Text => "icon",
        IconSize::Large => "icon icon-large",
    };
    html! {
        svg class=(class) aria-hidden="true" focusable="false" {
            use href={ (assets::icons_href()) "#i-" (icon.name()) } {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_sprite() {
        let sprite = include_str!("../assets/icons.svg");
        for icon in Icon::ALL {
            assert!(sprite.contains(&format!("id=\"i-{}\"", icon.name())), "{}", icon.name());
        }
        let symbols = sprite.matches("id=\"i-").count();
        assert_eq!(symbols, Icon::ALL.len(), "run `npm run icons` in web/");
    }
}
