//! Values from controlled vocabularies: the address of each, its types, its name in both languages.

use oxrdf::NamedNode;

/// What the graph says of a controlled value.
pub(crate) struct Value {
    pub(crate) iri: String,
    pub(crate) types: &'static [&'static str],
    pub(crate) scheme: Option<&'static str>,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

impl Value {
    pub(crate) fn node(&self) -> NamedNode {
        NamedNode::new_unchecked(self.iri.as_str())
    }
}

const CONCEPT: &[&str] = &["skos:Concept"];

/// Makes an enum whose choices are values of one authority table.
macro_rules! controlled {
    ($(#[$about:meta])* $name:ident in $base:literal as $types:expr; {
        $($(#[$doc:meta])* $choice:ident = $code:literal, $zh:literal, $en:literal;)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$doc])* $choice,)+
        }

        impl $name {
            /// Every choice.
            pub const ALL: &'static [Self] = &[$(Self::$choice),+];

            /// The code of the authority table.
            pub fn code(self) -> &'static str {
                match self { $(Self::$choice => $code,)+ }
            }

            pub(crate) fn value(self) -> Value {
                let (zh, en) = match self { $(Self::$choice => ($zh, $en),)+ };
                Value { iri: format!(concat!($base, "{}"), self.code()), types: $types, scheme: scheme($base), zh, en }
            }
        }
    };
}

/// The scheme of an authority table: its address without what follows it.
fn scheme(base: &'static str) -> Option<&'static str> {
    base.starts_with("http://publications.europa.eu/").then(|| base.trim_end_matches('/'))
}

controlled! {
    /// How often data is brought up to date.
    Frequency in "http://publications.europa.eu/resource/authority/frequency/" as &["dct:Frequency", "skos:Concept"]; {
        /// With every act.
        Continuous = "UPDATE_CONT", "实时", "continuously updated";
        /// Once a day.
        Daily = "DAILY", "每日", "daily";
        /// Once a week.
        Weekly = "WEEKLY", "每周", "weekly";
        /// Once a month.
        Monthly = "MONTHLY", "每月", "monthly";
        /// Once in three months.
        Quarterly = "QUARTERLY", "每季度", "quarterly";
        /// Once a year.
        Annual = "ANNUAL", "每年", "annual";
        /// When there is something new.
        Irregular = "IRREG", "不定期", "irregular";
    }
}

controlled! {
    /// Who may have data.
    Access in "http://publications.europa.eu/resource/authority/access-right/" as &["dct:RightsStatement", "skos:Concept"]; {
        /// Everybody.
        Public = "PUBLIC", "无条件开放", "public";
        /// Whoever meets a condition.
        Restricted = "RESTRICTED", "有条件开放", "restricted";
        /// Nobody outside.
        NonPublic = "NON_PUBLIC", "不开放", "non-public";
    }
}

controlled! {
    /// What data is about.
    Theme in "http://publications.europa.eu/resource/authority/data-theme/" as CONCEPT; {
        /// Farming, fishing, forests, food.
        Agriculture = "AGRI", "农业、渔业、林业和食品", "Agriculture, fisheries, forestry and food";
        /// Economy and finance.
        Economy = "ECON", "经济和金融", "Economy and finance";
        /// Education, culture, sport.
        Education = "EDUC", "教育、文化和体育", "Education, culture and sport";
        /// Energy.
        Energy = "ENER", "能源", "Energy";
        /// Environment.
        Environment = "ENVI", "环境", "Environment";
        /// Government and the public sector.
        Government = "GOVE", "政府和公共部门", "Government and public sector";
        /// Health.
        Health = "HEAL", "卫生健康", "Health";
        /// Justice and public safety.
        Justice = "JUST", "司法、法律和公共安全", "Justice, legal system and public safety";
        /// Regions and cities.
        Regions = "REGI", "地区和城市", "Regions and cities";
        /// Population and society.
        Society = "SOCI", "人口和社会", "Population and society";
        /// Science and technology.
        Technology = "TECH", "科学和技术", "Science and technology";
        /// Transport.
        Transport = "TRAN", "交通运输", "Transport";
    }
}

controlled! {
    /// What kind of body a publisher is.
    AgentKind in "http://purl.org/adms/publishertype/" as CONCEPT; {
        /// An authority of a city or district.
        Local = "LocalAuthority", "地方机关", "Local authority";
        /// An authority of a province.
        Regional = "RegionalAuthority", "省级机关", "Regional authority";
        /// An authority of the state.
        National = "NationalAuthority", "国家机关", "National authority";
    }
}

controlled! {
    /// The language of data.
    Tongue in "http://publications.europa.eu/resource/authority/language/" as &["dct:LinguisticSystem", "skos:Concept"]; {
        /// Chinese.
        Chinese = "ZHO", "中文", "Chinese";
        /// English.
        English = "ENG", "英文", "English";
    }
}

controlled! {
    /// For how long a distribution will stay.
    Availability in "http://publications.europa.eu/resource/authority/planned-availability/" as CONCEPT; {
        /// For good.
        Stable = "STABLE", "长期提供", "stable";
        /// For some years.
        Available = "AVAILABLE", "提供", "available";
        /// On trial.
        Experimental = "EXPERIMENTAL", "试用", "experimental";
        /// For a short time.
        Temporary = "TEMPORARY", "暂时提供", "temporary";
    }
}

controlled! {
    /// How a digest was made.
    Algorithm in "" as &["spdx:ChecksumAlgorithm"]; {
        /// SHA-256.
        Sha256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256", "SHA-256", "SHA-256";
        /// SM3 (GB/T 32905), by its object identifier.
        Sm3 = "urn:oid:1.2.156.10197.1.401", "SM3", "SM3";
    }
}

controlled! {
    /// The format of a file.
    Format in "http://publications.europa.eu/resource/authority/file-type/" as &["dct:MediaTypeOrExtent", "skos:Concept"]; {
        /// Comma-separated values.
        Csv = "CSV", "CSV", "CSV";
        /// A workbook.
        Xlsx = "XLSX", "XLSX", "XLSX";
        /// A workbook of before 2007.
        Xls = "XLS", "XLS", "XLS";
        /// JSON.
        Json = "JSON", "JSON", "JSON";
        /// JSON-LD.
        JsonLd = "JSON_LD", "JSON-LD", "JSON-LD";
        /// GeoJSON.
        GeoJson = "GEOJSON", "GeoJSON", "GeoJSON";
        /// XML.
        Xml = "XML", "XML", "XML";
        /// Turtle.
        Turtle = "RDF_TURTLE", "Turtle", "Turtle";
        /// A page.
        Html = "HTML", "HTML", "HTML";
        /// Plain text.
        Text = "TXT", "TXT", "TXT";
        /// PDF.
        Pdf = "PDF", "PDF", "PDF";
        /// An archive.
        Zip = "ZIP", "ZIP", "ZIP";
        /// A document of a word processor.
        Docx = "DOCX", "DOCX", "DOCX";
        /// Columns, for programs that count.
        Parquet = "PARQUET", "Parquet", "Parquet";
    }
}

impl Format {
    /// The media type that IANA has registered.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xls => "application/vnd.ms-excel",
            Self::Json => "application/json",
            Self::JsonLd => "application/ld+json",
            Self::GeoJson => "application/geo+json",
            Self::Xml => "application/xml",
            Self::Turtle => "text/turtle",
            Self::Html => "text/html",
            Self::Text => "text/plain",
            Self::Pdf => "application/pdf",
            Self::Zip => "application/zip",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// What people call it, such as `CSV`.
    pub fn word(self) -> &'static str {
        self.value().en
    }

    /// The format that people name by a word such as `csv` or `.XLSX`, or a media type.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.trim().trim_start_matches('.').to_ascii_lowercase();
        let spoken = |format: &Self| match format {
            Self::JsonLd => "jsonld",
            Self::Turtle => "ttl",
            Self::Text => "txt",
            other => other.value().en,
        };
        let fits = |format: &&Self| {
            spoken(format).eq_ignore_ascii_case(&word)
                || format.value().en.eq_ignore_ascii_case(&word)
                || format.media_type() == word
        };
        Self::ALL.iter().find(fits).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_usual_words() {
        let rows = [
            ("csv", Some(Format::Csv)),
            (".XLSX", Some(Format::Xlsx)),
            ("text/csv", Some(Format::Csv)),
            ("ttl", Some(Format::Turtle)),
            ("json-ld", Some(Format::JsonLd)),
            ("geojson", Some(Format::GeoJson)),
            ("", None),
            ("shapefile", None),
        ];
        for (word, expected) in rows {
            assert_eq!(Format::named(word), expected, "{word}");
        }
    }

    #[test]
    fn every_controlled_value_is_an_address() {
        let all = Format::ALL.iter().map(|one| one.value());
        let all = all.chain(Frequency::ALL.iter().map(|one| one.value()));
        let all = all.chain(Algorithm::ALL.iter().map(|one| one.value()));
        for value in all {
            assert!(NamedNode::new(value.iri.as_str()).is_ok(), "{}", value.iri);
        }
    }
}
