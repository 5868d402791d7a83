//! The lists of choices of the compilation guide: each choice with its word in data, its Chinese name, its English name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhengtong_base::Text;
use zhengtong_registry::{ElementKind, Sensitivity, Sharing, Update};

/// Makes an enum whose choices have a word and a name in both languages.
macro_rules! choices {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $choice:ident = $word:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $choice,)+
        }

        impl $name {
            /// Every choice, in the order of the guide.
            pub const ALL: &'static [Self] = &[$(Self::$choice),+];

            /// The word of the choice in data and addresses.
            pub fn word(self) -> &'static str {
                match self { $(Self::$choice => $word,)+ }
            }

            /// What people call it.
            pub fn title(self) -> Text {
                match self { $(Self::$choice => Text::new($zh, $en),)+ }
            }

            /// The choice of a word, or of the name that people write.
            pub fn parse(text: &str) -> Option<Self> {
                let text = text.trim();
                match text {
                    $($word | $zh | $en => Some(Self::$choice),)+
                    _ => None,
                }
            }
        }
    };
}

choices! {
    /// In what form the resource is kept.
    Format {
        /// Documents.
        File = "file", "电子文件", "Documents";
        /// Spreadsheets.
        Sheet = "sheet", "电子表格", "Spreadsheets";
        /// A database.
        Database = "database", "数据库", "Database";
        /// Pictures and drawings.
        Picture = "picture", "图形图像", "Pictures";
        /// Sound and film.
        Media = "media", "流媒体", "Media streams";
        /// A format that describes itself.
        Described = "described", "自描述格式", "Self-describing format";
        /// A service interface.
        Interface = "interface", "服务接口", "Service interface";
    }
}

choices! {
    /// How another unit gets the data.
    Way {
        /// Through the sharing platform, by an interface.
        Interface = "interface", "共享平台接口", "Interface of the sharing platform";
        /// Through the sharing platform, as a table.
        Table = "table", "共享平台库表交换", "Tables over the sharing platform";
        /// Through the sharing platform, as files.
        Files = "files", "共享平台文件下载", "Files over the sharing platform";
        /// By mail or on a disk.
        Carried = "carried", "邮件或介质交换", "By mail or on a disk";
    }
}

choices! {
    /// Whether the public may have the data.
    Openness {
        /// Nobody outside the administration.
        None = "none", "不开放", "Not open";
        /// Whoever meets a condition.
        Conditional = "conditional", "有条件开放", "Open on a condition";
        /// Everybody.
        Unconditional = "unconditional", "无条件开放", "Open to all";
    }
}

choices! {
    /// How often the data is brought up to date.
    Cycle {
        /// With every act.
        Realtime = "realtime", "实时", "At once";
        /// Once a day.
        Daily = "daily", "每日", "Daily";
        /// Once a week.
        Weekly = "weekly", "每周", "Weekly";
        /// Once a month.
        Monthly = "monthly", "每月", "Monthly";
        /// Once in three months.
        Quarterly = "quarterly", "每季度", "Quarterly";
        /// Once a year.
        Yearly = "yearly", "每年", "Yearly";
        /// When there is something new.
        Irregular = "irregular", "不定期", "Now and then";
    }
}

choices! {
    /// What kind of value an information item holds, by the letters of the guide.
    ItemKind {
        /// Characters.
        Text = "C", "字符型", "Characters";
        /// A number.
        Number = "N", "数值型", "Number";
        /// An amount of money.
        Money = "Y", "货币型", "Money";
        /// A day.
        Date = "D", "日期型", "Date";
        /// A day with the time.
        Moment = "T", "日期时间型", "Date and time";
        /// Yes or no.
        Logic = "L", "逻辑型", "Yes or no";
        /// Long text.
        Memo = "M", "备注型", "Long text";
        /// Something else, such as a file.
        General = "G", "通用型", "General";
    }
}

choices! {
    /// Where a version of a resource stands.
    State {
        /// The unit writes it.
        Draft = "draft", "编制中", "Being compiled";
        /// It waits for review.
        Submitted = "submitted", "待审核", "To be reviewed";
        /// It was reviewed and waits to be published.
        Reviewed = "reviewed", "待发布", "To be published";
        /// It is in force.
        Published = "published", "已发布", "Published";
        /// A newer version took its place.
        Replaced = "replaced", "已被新版本取代", "Replaced";
        /// It was taken out of the directory.
        Withdrawn = "withdrawn", "已撤销", "Withdrawn";
    }
}

choices! {
    /// The six lists that a unit keeps beside its resources.
    ListKind {
        /// What the unit has to do by law.
        Duty = "duty", "职责清单", "Duties";
        /// The systems it runs.
        System = "system", "系统清单", "Systems";
        /// The data that its duties and systems bring forth.
        Data = "data", "数据清单", "Data";
        /// The data it needs from others.
        Demand = "demand", "需求清单", "Demands";
        /// Who answers for which data.
        Responsibility = "responsibility", "责任清单", "Responsibilities";
        /// What it may not share, and on what law.
        Negative = "negative", "负面清单", "Not shared";
    }
}

/// What people call a kind of sharing.
pub fn sharing_title(sharing: Sharing) -> Text {
    match sharing {
        Sharing::Unconditional => Text::new("无条件共享", "Shared with all units"),
        Sharing::Conditional => Text::new("有条件共享", "Shared on a condition"),
        Sharing::None => Text::new("不予共享", "Not shared"),
    }
}

/// Every kind of sharing, from open to closed.
pub const SHARINGS: [Sharing; 3] = [Sharing::Unconditional, Sharing::Conditional, Sharing::None];

/// The kind of sharing of a word or a name.
pub fn parse_sharing(text: &str) -> Option<Sharing> {
    let text = text.trim();
    SHARINGS.into_iter().find(|one| {
        let title = sharing_title(*one);
        one.word() == text || title.zh == text || title.en == text
    })
}

/// Every level of sensitivity, from open to closed.
pub const SENSITIVITIES: [Sensitivity; 4] =
    [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Personal, Sensitivity::Sensitive];

/// What people call a level of sensitivity.
pub fn sensitivity_title(level: Sensitivity) -> Text {
    match level {
        Sensitivity::Public => Text::new("公开", "Public"),
        Sensitivity::Internal => Text::new("内部", "Internal"),
        Sensitivity::Personal => Text::new("个人信息", "Personal"),
        Sensitivity::Sensitive => Text::new("敏感个人信息", "Sensitive"),
    }
}

/// The level of a word or a name.
pub fn parse_sensitivity(text: &str) -> Option<Sensitivity> {
    let text = text.trim();
    SENSITIVITIES.into_iter().find(|one| {
        let title = sensitivity_title(*one);
        one.word() == text || title.zh == text || title.en == text
    })
}

impl ItemKind {
    /// The letter for what a data element holds.
    pub(crate) fn of(kind: ElementKind) -> Self {
        match kind {
            ElementKind::Text | ElementKind::Address | ElementKind::Code | ElementKind::Codes => {
                Self::Text
            }
            ElementKind::LongText | ElementKind::Geometry => Self::Memo,
            ElementKind::Integer | ElementKind::Decimal => Self::Number,
            ElementKind::Money => Self::Money,
            ElementKind::Boolean => Self::Logic,
            ElementKind::Date => Self::Date,
            ElementKind::File => Self::General,
        }
    }
}

impl Cycle {
    /// The cycle of a dataset.
    pub fn of(update: Update) -> Self {
        match update {
            Update::Realtime => Self::Realtime,
            Update::Daily => Self::Daily,
            Update::Monthly => Self::Monthly,
            Update::Yearly => Self::Yearly,
        }
    }
}
