//! What can go wrong with records, in words for the people who meet it.

use thiserror::Error;
use zhengtong_base::{Failure, FieldError, Kind, Text};

/// The result of this engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of this engine.
#[derive(Debug, Error)]
pub enum Error {
    /// The store failed or policy refused.
    #[error(transparent)]
    Store(#[from] zhengtong_db::Error),
    /// The record of acts failed.
    #[error(transparent)]
    Ledger(#[from] zhengtong_ledger::Error),
    /// The file cannot be read as a table.
    #[error(transparent)]
    Tabular(#[from] zhengtong_tabular::Error),
    /// The file is not there.
    #[error(transparent)]
    Blob(#[from] zhengtong_blob::Error),
    /// There is no such load.
    #[error("no load {0}")]
    NoLoad(i64),
    /// A load is not where the verb needs it.
    #[error("load {number} is {state}")]
    LoadState {
        /// Its number.
        number: i64,
        /// Where it stands.
        state: &'static str,
    },
    /// Records cannot be compared.
    #[error(transparent)]
    Linkage(#[from] zhengtong_linkage::Error),
    /// No pack declares the group.
    #[error("no group {0} is matched")]
    NoGroup(String),
    /// The group has no such pair, record or entity.
    #[error("no such pair in {0}")]
    NoPair(String),
    /// The record is alone in its entity.
    #[error("the record is alone in its entity")]
    Alone,
    /// Why a version is not struck out.
    #[error("{}", .0.en)]
    NotStruck(Text),
    /// What stopped a load for good.
    #[error("{}", .0.en)]
    Stopped(Text),
    /// No pack declares the dataset.
    #[error("no dataset {0}")]
    NoDataset(String),
    /// The dataset has no such record, or held nothing on the day that was asked for.
    #[error("no such record in {0}")]
    NoRecord(String),
    /// What the records said before is for data stewards: what is no longer public today was so once.
    #[error("the past of {0} is not public")]
    PastClosed(String),
    /// Another unit answers for the dataset, and loads it.
    #[error("the dataset is loaded by {authority}")]
    OtherUnit {
        /// The short name of the unit.
        authority: String,
        /// What people call it; the short name where nobody knows more.
        unit: Text,
    },
    /// The fields given are not the key of the dataset.
    #[error("the key of {dataset} is {key}")]
    Key {
        /// The dataset.
        dataset: String,
        /// Its key fields.
        key: String,
    },
    /// Values of the record break rules.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// A field has another type in the declaration than in the database.
    #[error(
        "{dataset}.{field} is {is} in the database and {wanted} in the declaration; give the changed field a new name"
    )]
    TypeChanged {
        /// The dataset.
        dataset: String,
        /// The field.
        field: String,
        /// The type in the database.
        is: String,
        /// The type in the declaration.
        wanted: String,
    },
    /// The key of a dataset differs between declaration and database.
    #[error(
        "the key of {dataset} is ({is}) in the database and ({wanted}) in the declaration; give the dataset a new name"
    )]
    KeyChanged {
        /// The dataset.
        dataset: String,
        /// The key in the database.
        is: String,
        /// The key in the declaration.
        wanted: String,
    },
    /// A dataset holds geometries, and the database has no PostGIS and does not let it be made.
    #[error("PostGIS cannot be made in this database")]
    NoPostgis(#[source] Box<Error>),
    /// PostGIS stands in another schema than the one it is looked for in.
    #[error("PostGIS stands in the schema {0}, not in public")]
    PostgisElsewhere(String),
    /// A bulk load brought a row with another number of values than there are columns.
    #[error("row {row} has {found} values for {expected} columns")]
    Ragged {
        /// The row, from 1.
        row: u64,
        /// How many values it has.
        found: usize,
        /// How many columns there are.
        expected: usize,
    },
}

impl Error {
    /// One wrong field.
    pub(crate) fn field(name: &str, text: Text) -> Self {
        Self::Invalid(vec![FieldError { field: name.to_owned(), text }])
    }
}

impl Failure for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Tabular(error) => error.kind(),
            Self::Blob(error) => error.kind(),
            Self::NoDataset(_)
            | Self::NoRecord(_)
            | Self::PastClosed(_)
            | Self::NoLoad(_)
            | Self::NoGroup(_)
            | Self::NoPair(_) => Kind::NotFound,
            Self::OtherUnit { .. } => Kind::Denied,
            Self::Linkage(_) => Kind::Internal,
            Self::Stopped(_) | Self::Key { .. } | Self::Invalid(_) | Self::Ragged { .. } => {
                Kind::Invalid
            }
            Self::Alone
            | Self::NotStruck(_)
            | Self::LoadState { .. }
            | Self::TypeChanged { .. }
            | Self::NoPostgis(_)
            | Self::PostgisElsewhere(_)
            | Self::KeyChanged { .. } => Kind::Conflict,
        }
    }

    fn text(&self) -> Text {
        match self {
            Self::Store(error) => error.text(),
            Self::Ledger(error) => error.text(),
            Self::Tabular(error) => error.text(),
            Self::Blob(error) => error.text(),
            Self::Linkage(_) => Text::new(
                "比对方案与所学的参数不符，请等下一次学习",
                "the plan does not fit what was learned; wait for the next learning",
            ),
            Self::NoGroup(_)
            | Self::NoPair(_)
            | Self::NoDataset(_)
            | Self::NoRecord(_)
            | Self::PastClosed(_) => self.absent(),
            Self::Alone => Text::new(
                "这条记录已经单独成档，没有可拆的",
                "the record is alone already; there is nothing to take it out of",
            ),
            Self::NoLoad(number) => {
                Text::new(format!("没有第 {number} 次加载"), format!("there is no load {number}"))
            }
            Self::LoadState { .. } => Text::new(
                "这次加载已经不在这一步，请刷新页面看它现在的状态",
                "the load is past this step; look at the page again",
            ),
            Self::Stopped(text) | Self::NotStruck(text) => text.clone(),
            Self::OtherUnit { unit, .. } => Text::new(
                format!("这个数据集由{}加载，请找那里的数据管理员", unit.zh),
                format!("this dataset is loaded by {}; ask the data steward there", unit.en),
            ),
            Self::Key { key, .. } => Text::new(
                format!("请按主键查询：{key}"),
                format!("look the record up by its key: {key}"),
            ),
            Self::Invalid(_) => Text::new(
                "有几项不符合要求，请按提示修改",
                "some fields break a rule; correct them as told",
            ),
            Self::TypeChanged { dataset, field, is, wanted } => Text::new(
                format!(
                    "{dataset} 的 {field} 在库里是 {is}，声明里是 {wanted}。已有数据不能改类型，请给新字段起新名字"
                ),
                format!(
                    "{field} of {dataset} is {is} in the database and {wanted} in the declaration; data in place keeps its type, so give the changed field a new name"
                ),
            ),
            Self::KeyChanged { dataset, is, wanted } => Text::new(
                format!(
                    "{dataset} 的主键在库里是 {is}，声明里是 {wanted}。已有数据不能改主键，请给新数据集起新名字"
                ),
                format!(
                    "the key of {dataset} is {is} in the database and {wanted} in the declaration; give the dataset a new name"
                ),
            ),
            Self::NoPostgis(_) => no_postgis(),
            Self::PostgisElsewhere(schema) => postgis_elsewhere(schema),
            Self::Ragged { row, .. } => Text::new(
                format!("第 {row} 行的列数与表头不符，请检查文件"),
                format!(
                    "row {row} does not have as many values as there are columns; check the file"
                ),
            ),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        }
    }
}

impl Error {
    /// The words for what is not there, or not for whoever asks.
    fn absent(&self) -> Text {
        match self {
            Self::NoDataset(_) => Text::new(
                "没有这个数据集。请从数据目录里选择",
                "there is no such dataset; choose one from the directory",
            ),
            Self::NoRecord(_) => Text::new(
                "没有这条记录，或者那一天、那时所知还没有它",
                "there is no such record, or none on that day as was known then",
            ),
            Self::PastClosed(_) => Text::new(
                "这些数据过去的内容不公开，只能查现在的；去掉 valid_on 和 known_at",
                "what these records said before is not public; ask without valid_on and known_at",
            ),
            _ => Text::new(
                "没有这一组、这一对或这条记录。可能已重新比对，请回到列表",
                "there is no such group, pair or record; it may have been matched again, so go back to the list",
            ),
        }
    }
}

fn no_postgis() -> Text {
    Text::new(
        "有数据集登记几何位置，需要 PostGIS，而这个数据库里没有，也建不了。请装好 postgresql-15-postgis-3，由数据库管理员在这个库里执行 CREATE EXTENSION postgis SCHEMA public，再重新启动。见 docs/operations/install.md",
        "a dataset holds geometries, which needs PostGIS, and this database has none and does not let it be made; install postgresql-15-postgis-3, have the administrator of the database run CREATE EXTENSION postgis SCHEMA public in it, and start again; see docs/operations/install.md",
    )
}

fn postgis_elsewhere(schema: &str) -> Text {
    Text::new(
        format!(
            "PostGIS 装在模式 {schema} 里，平台在 public 里找。请数据库管理员改装到 public，再重新启动。见 docs/operations/install.md"
        ),
        format!(
            "PostGIS stands in the schema {schema}, and the platform looks for it in public; have the administrator of the database install it there, and start again; see docs/operations/install.md"
        ),
    )
}
