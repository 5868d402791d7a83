//! A hundred datasets of all shapes: every choice of every list, everything there, nothing there, odd letters.
//! The tests of this crate and the outside validator look at the same ones.

use time::macros::{date, datetime};
use zhengtong_dcat::{
    Access, Agent, AgentKind, Algorithm, Availability, Catalogue, Checksum, Contact, Dataset,
    Distribution, Format, Frequency, Iri, Licence, PageOf, Period, Place, Service, Standard, Theme,
    Tongue, Words,
};

const ODD: [&str; 5] = [
    "普通",
    "a \"quoted\" <tag> & more",
    "行一\n行二\u{1}",
    "emoji 🏙 and 𠮷",
    "\\u0041\\n ${x} '''",
];

pub(crate) fn iri(path: &str) -> Iri {
    Iri::parse(&format!("https://city.example{path}")).expect("an address")
}

fn pick<T: Copy>(all: &[T], n: usize) -> Option<T> {
    if n % (all.len() + 1) == all.len() { None } else { all.get(n % (all.len() + 1)).copied() }
}

fn agent(n: usize) -> Agent {
    Agent {
        iri: iri(&format!("/organization/unit-{}", n % 7)),
        name: Words::new(format!("第{}局", n % 7), format!("Bureau {}", n % 7)),
        kind: (n % 7 != 6)
            .then(|| [AgentKind::Local, AgentKind::Regional, AgentKind::National][n % 7 % 3]),
        homepage: (n % 7 == 1).then(|| iri("/unit/1")),
        identifier: (n % 7 != 2).then(|| format!("11330100MB000000{}X", n % 7)),
    }
}

pub(crate) fn licence() -> Licence {
    Licence {
        iri: iri("/about/open-data"),
        title: Words::new("开放数据使用规则", "Terms of open data"),
    }
}

fn distribution(n: usize, at: usize) -> Distribution {
    let path = format!("/data/code-{n:04}/{at}");
    Distribution {
        iri: iri(&path),
        title: Words::new(
            format!("文件 {at}"),
            if at == 0 { String::new() } else { format!("File {at}") },
        ),
        description: Words::new(ODD[(n + at) % ODD.len()], ""),
        access: iri(&format!("/data/code-{n:04}")),
        download: (at != 1).then(|| iri(&format!("{path}.csv"))),
        format: pick(Format::ALL, n + at),
        licence: (at != 2).then(licence),
        issued: n.is_multiple_of(2).then_some(datetime!(2026-01-02 03:04:05 +8)),
        modified: n.is_multiple_of(3).then_some(datetime!(2026-11-02 03:04:05.678 UTC)),
        bytes: n.is_multiple_of(4).then_some(n as u64 * 1000),
        checksum: pick(Algorithm::ALL, n)
            .map(|algorithm| Checksum { algorithm, value: "ab".repeat(32) }),
        availability: pick(Availability::ALL, n),
        standards: if n.is_multiple_of(5) {
            vec![Standard { iri: None, title: Words::new("GB/T 2260", "") }]
        } else {
            vec![]
        },
        tongues: if at == 0 { vec![Tongue::Chinese] } else { Tongue::ALL.to_vec() },
        service: n.is_multiple_of(6).then(|| iri("/api/v1")),
    }
}

pub(crate) fn dataset(n: usize) -> Dataset {
    let empty = n == 0;
    Dataset {
        iri: iri(&format!("/dataset/code-{n:04}")),
        identifier: format!("330100-{n:04}/{}", n % 9),
        title: Words::new(format!("数据集 {n} {}", ODD[n % ODD.len()]), format!("Dataset {n}")),
        description: Words::new(ODD[(n + 1) % ODD.len()], ODD[(n + 2) % ODD.len()]),
        publisher: agent(n),
        contact: (!n.is_multiple_of(3)).then(|| Contact {
            name: Words::new("数据处", "Data desk"),
            email: n.is_multiple_of(2).then(|| "data@city.example".to_owned()),
            page: (n % 4 != 1).then(|| iri("/hall")),
        }),
        keywords: (0..n % 4).map(|k| Words::new(format!("词{k}"), format!("word {k}"))).collect(),
        themes: if n.is_multiple_of(10) {
            Theme::ALL.to_vec()
        } else {
            pick(Theme::ALL, n).into_iter().collect()
        },
        issued: (!empty).then_some(datetime!(2025-01-01 0:00 +8)),
        modified: (!n.is_multiple_of(5)).then_some(datetime!(2026-11-22 12:00 UTC)),
        frequency: pick(Frequency::ALL, n),
        access: pick(Access::ALL, n),
        page: (!empty).then(|| iri(&format!("/data/code-{n:04}"))),
        distributions: (0..n % 4).map(|at| distribution(n, at)).collect(),
        period: [
            None,
            Some(Period { from: Some(date!(2020 - 02 - 29)), to: None }),
            Some(Period { from: None, to: Some(date!(2026 - 12 - 31)) }),
            Some(Period { from: Some(date!(2020 - 01 - 01)), to: Some(date!(2026 - 12 - 31)) }),
            Some(Period { from: None, to: None }),
        ][n % 5],
        place: (n % 2 == 1).then(place),
        standards: (0..n % 3)
            .map(|k| Standard {
                iri: (k == 1).then(|| iri("/standard/1")),
                title: Words::new("标准", "Standard"),
            })
            .collect(),
        provenance: (n % 6 == 1).then(|| Words::new("由登记产生", "made by registration")),
        version: (n % 3 == 1).then(|| format!("{n}.0")),
        tongues: if empty { vec![] } else { vec![Tongue::Chinese] },
        sources: (1..n % 3).map(|k| iri(&format!("/dataset/code-{k:04}"))).collect(),
        related: if n > 50 { vec![iri("/dataset/elsewhere")] } else { vec![] },
    }
}

fn place() -> Place {
    Place { code: "330100".to_owned(), name: Words::new("示例市", "Example city") }
}

pub(crate) fn hundred() -> Vec<Dataset> {
    (0..100).map(dataset).collect()
}

pub(crate) fn catalogue() -> Catalogue {
    Catalogue {
        iri: iri("/catalog"),
        title: Words::new("示例市开放数据", "Open data of the example city"),
        description: Words::new("开放的数据", "Data that is open"),
        publisher: agent(1),
        homepage: iri("/data"),
        licence: Some(licence()),
        modified: Some(datetime!(2026-11-22 12:00 UTC)),
        place: Some(place()),
        tongues: Tongue::ALL.to_vec(),
        services: vec![Service {
            iri: iri("/api/v1"),
            title: Words::new("数据接口", "Data interface"),
            description: Words::new("查询开放数据", "Asks for open data"),
            endpoint: iri("/api/3/action"),
            described: Some(iri("/openapi.json")),
            licence: Some(licence()),
        }],
    }
}

pub(crate) fn page() -> PageOf {
    PageOf {
        this: iri("/catalog.ttl?page=2"),
        first: iri("/catalog.ttl?page=1"),
        last: iri("/catalog.ttl?page=3"),
        previous: Some(iri("/catalog.ttl?page=1")),
        next: Some(iri("/catalog.ttl?page=3")),
        total: 250,
        size: 100,
    }
}
