//! The catalogue of open data for harvesters: DCAT-AP in four syntaxes, page by page, and each dataset for itself.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use zhengtong_crypto::Digest;
use zhengtong_dcat::{
    Access, Agent, AgentKind, Availability, Catalogue, Contact, Dataset, Distribution, Format,
    Frequency, Iri, Licence, PageOf, Service, Standard, Syntax, Theme, Tongue, Words, catalogue,
    dataset, write,
};
use zhengtong_http::{Answer, App, Fault, Visit, redirect};
use zhengtong_portal::{Collection, Package, Query, Resource, Sort, Source, licence};

use crate::asked::Asked;
use crate::ckan::address;

/// Datasets on one page.
const PAGE_ROWS: u32 = 100;
/// What is asked of a catalogue.
const PARAMETERS: &[&str] = &["page", "modified_since", "q", "fq", "profiles"];
/// The catalogue of one dataset may be kept for a while; whoever has it asks whether it is still so.
const KEPT: &str = "public, max-age=60";

pub(crate) fn routes() -> Router<App> {
    let mut router = Router::new().route("/catalog", get(negotiated));
    for path in ["/catalog.ttl", "/catalog.rdf", "/catalog.xml", "/catalog.jsonld", "/catalog.nt"] {
        router = router.route(path, get(named));
    }
    router.route("/dataset/{id}", get(one))
}

/// Without an ending: as the client wishes; people are led to the page.
async fn negotiated(visit: Visit, uri: Uri, headers: HeaderMap, asked: Asked) -> Answer {
    match wish(&headers) {
        Some(syntax) => page(&visit, &uri, &headers, syntax, asked).await,
        None => Ok(redirect("/dataset")),
    }
}

async fn named(visit: Visit, uri: Uri, headers: HeaderMap, asked: Asked) -> Answer {
    let ending = uri.path().rsplit_once('.').map_or("", |cut| cut.1).to_owned();
    let syntax = Syntax::of_ending(&ending).ok_or_else(Fault::absent)?;
    page(&visit, &uri, &headers, syntax, asked).await
}

fn wish(headers: &HeaderMap) -> Option<Syntax> {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).and_then(Syntax::accepted)
}

async fn page(
    visit: &Visit,
    uri: &Uri,
    headers: &HeaderMap,
    syntax: Syntax,
    asked: Asked,
) -> Answer {
    let asked = asked.only(PARAMETERS)?;
    let number = asked.page()?;
    let mut query = Query {
        sort: Sort::Id,
        start: i64::from(number - 1) * i64::from(PAGE_ROWS),
        rows: i64::from(PAGE_ROWS),
        ..Query::default()
    };
    query.read_words(asked.words("q")?)?;
    query.filter.read(asked.words("fq")?)?;
    let since = asked.words("modified_since")?;
    if !since.is_empty() {
        query.filter.read(&format!("metadata_modified:[{since} TO *]"))?;
    }
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::search(&mut ctx, &query).await?;
    ctx.commit().await?;
    let site = Site { root: &visit.app.settings.public_url, city: &visit.app.settings.city };
    let datasets: Vec<Dataset> =
        found.packages.iter().filter_map(|one| site.dataset(one)).collect();
    let total = u64::try_from(found.count).unwrap_or(0);
    let paging = site.paging(uri, number, total).ok_or_else(Fault::absent)?;
    let whole = site
        .catalogue(found.packages.iter().map(|one| one.modified).max())
        .ok_or_else(Fault::absent)?;
    let text =
        write(&catalogue(&whole, &datasets, &paging), syntax).map_err(|error| broken(&error))?;
    let mut links = vec![
        format!("<{}>; rel=\"first\"", paging.first.as_str()),
        format!("<{}>; rel=\"last\"", paging.last.as_str()),
    ];
    links.extend(paging.next.iter().map(|next| format!("<{}>; rel=\"next\"", next.as_str())));
    links.extend(
        paging.previous.iter().map(|previous| format!("<{}>; rel=\"prev\"", previous.as_str())),
    );
    Ok(given(text, syntax, headers, &links.join(", ")))
}

/// A dataset: as data when that is wished or named by an ending, else its page.
async fn one(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let (id, syntax) = match id.rsplit_once('.') {
        Some((stem, ending)) if Syntax::of_ending(ending).is_some() => {
            (stem, Syntax::of_ending(ending))
        }
        _ => (id.as_str(), wish(&headers)),
    };
    let mut ctx = visit.ctx().await?;
    let found = zhengtong_portal::package(&mut ctx, id).await?;
    ctx.commit().await?;
    let site = Site { root: &visit.app.settings.public_url, city: &visit.app.settings.city };
    let shown = site.dataset(&found).ok_or_else(Fault::absent)?;
    let Some(syntax) = syntax else {
        let links = Syntax::ALL.iter().map(|syntax| {
            let kind = syntax.media_type();
            format!(
                "<{}.{}>; rel=\"alternate\"; type=\"{kind}\"",
                shown.iri.as_str(),
                syntax.ending()
            )
        });
        let links = links.collect::<Vec<_>>().join(", ");
        let mut response = crate::opened::page(&visit, &found, &shown).await?;
        if let Ok(links) = links.parse() {
            response.headers_mut().insert(header::LINK, links);
        }
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
        return Ok(response);
    };
    let text = write(&dataset(&shown), syntax).map_err(|error| broken(&error))?;
    let link = format!("<{}>; rel=\"canonical\"", shown.iri.as_str());
    Ok(given(text, syntax, &headers, &link))
}

fn broken(error: &zhengtong_dcat::Error) -> Fault {
    tracing::error!(%error, "a catalogue cannot be written");
    Fault::new(
        zhengtong_base::Kind::Internal,
        "目录写不出来，请稍后再试",
        "the catalogue cannot be written; try again later",
    )
}

/// The text with what clients and caches need; nothing when the client has it already.
fn given(text: Vec<u8>, syntax: Syntax, headers: &HeaderMap, link: &str) -> Response {
    let digest = Digest::of(&text).to_string();
    let mark = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .unwrap_or_default();
    let same = known.split(',').any(|one| one.trim().trim_start_matches("W/") == mark);
    let kind = format!("{}; charset=utf-8", syntax.media_type());
    let head = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, KEPT.to_owned()),
        (header::ETAG, mark),
        (header::VARY, "accept".to_owned()),
        (header::LINK, link.to_owned()),
    ];
    if same {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, text).into_response()
    }
}

/// The site, from whose address all addresses follow.
pub(crate) struct Site<'a> {
    pub(crate) root: &'a str,
    pub(crate) city: &'a zhengtong_base::Text,
}

impl Site<'_> {
    fn iri(&self, path: &str) -> Option<Iri> {
        Iri::parse(&format!("{}{path}", self.root))
    }

    /// An address of this site or of another.
    fn anywhere(&self, url: &str) -> Option<Iri> {
        if url.starts_with('/') { self.iri(url) } else { Iri::parse(url) }
    }

    fn catalogue(&self, modified: Option<time::OffsetDateTime>) -> Option<Catalogue> {
        let city = self.city;
        let publisher = Agent {
            iri: self.iri("/")?,
            name: Words::new(city.zh.clone(), city.en.clone()),
            kind: Some(AgentKind::Local),
            homepage: None,
            identifier: None,
        };
        Some(Catalogue {
            iri: self.iri("/catalog")?,
            title: Words::new(format!("{}开放数据", city.zh), format!("Open data of {}", city.en)),
            description: Words::new(
                "各部门向社会开放的数据集",
                "Datasets that departments have opened to everybody",
            ),
            publisher,
            homepage: self.iri("/dataset")?,
            licence: self.licence("city-open"),
            modified,
            place: None,
            tongues: Tongue::ALL.to_vec(),
            services: vec![Service {
                iri: self.iri("/api/3/action")?,
                title: Words::new("数据接口", "Data interface"),
                description: Words::new(
                    "按 CKAN 接口查询数据集和数据表",
                    "Asks for datasets and tables by the CKAN interface",
                ),
                endpoint: self.iri("/api/3/action")?,
                described: None,
                licence: self.licence("city-open"),
            }],
        })
    }

    /// Which page this is; the address of a page keeps what else was asked.
    fn paging(&self, uri: &Uri, number: u32, total: u64) -> Option<PageOf> {
        let kept: Vec<&str> = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("page="))
            .collect();
        let to = |page: u64| {
            let mut query = kept.join("&");
            if !query.is_empty() {
                query.push('&');
            }
            self.iri(&format!("{}?{query}page={page}", uri.path()))
        };
        let last = total.div_ceil(u64::from(PAGE_ROWS)).max(1);
        let here = u64::from(number);
        Some(PageOf {
            this: to(here)?,
            first: to(1)?,
            last: to(last)?,
            previous: if here > 1 { to((here - 1).min(last)) } else { None },
            next: if here < last { to(here + 1) } else { None },
            total,
            size: u64::from(PAGE_ROWS),
        })
    }

    fn licence(&self, id: &str) -> Option<Licence> {
        let terms = licence(id)?;
        Some(Licence { iri: self.anywhere(terms.url)?, title: Words::new(terms.zh, terms.en) })
    }

    fn agent(&self, unit: &Collection) -> Option<Agent> {
        Some(Agent {
            iri: self.iri(&format!("/organization/{}", unit.name))?,
            name: Words::new(unit.body.title.clone(), unit.body.title_en.clone()),
            kind: Some(AgentKind::Local),
            homepage: None,
            identifier: Some(unit.body.code.clone()).filter(|code| !code.is_empty()),
        })
    }

    /// A dataset of the portal in the words of the catalogue.
    pub(crate) fn dataset(&self, one: &Package) -> Option<Dataset> {
        let body = &one.body;
        let path = format!("/dataset/{}", one.name);
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let (zh, en) = (&body.notes, &body.notes_en);
        let notes = if zh.is_empty() && en.is_empty() {
            Words::new(body.title.clone(), body.title_en.clone())
        } else {
            Words::new(zh.clone(), en.clone())
        };
        Some(Dataset {
            iri: self.iri(&path)?,
            identifier: if body.code.is_empty() { one.id.to_string() } else { body.code.clone() },
            title: Words::new(body.title.clone(), body.title_en.clone()),
            description: notes,
            publisher: self.agent(&one.unit)?,
            contact: Some(Contact {
                name: Words::new(
                    if body.maintainer.is_empty() {
                        one.unit.body.title.clone()
                    } else {
                        body.maintainer.clone()
                    },
                    one.unit.body.title_en.clone(),
                ),
                email: filled(&body.maintainer_email),
                page: self.iri(&path),
            }),
            keywords: body.tags.iter().map(|tag| Words::new(tag.clone(), "")).collect(),
            themes: vec![Theme::Government],
            issued: Some(one.created),
            modified: Some(one.modified),
            frequency: frequency(&body.cycle),
            access: Some(if one.private { Access::NonPublic } else { Access::Public }),
            page: self.iri(&path),
            distributions: one
                .resources
                .iter()
                .filter_map(|each| self.distribution(one, each))
                .collect(),
            period: None,
            place: None,
            standards: Vec::new(),
            provenance: (one.source == Source::Platform).then(|| {
                Words::new("办理业务时登记产生", "made by registration in the course of business")
            }),
            version: filled(&body.version),
            tongues: vec![Tongue::Chinese],
            sources: Vec::new(),
            related: Vec::new(),
        })
    }

    fn distribution(&self, package: &Package, one: &Resource) -> Option<Distribution> {
        let body = &one.body;
        let download = Iri::parse(&address(self.root, package, one));
        let here = self.iri(&format!("/dataset/{}", package.name))?;
        let table = one.shape.is_some();
        Some(Distribution {
            iri: self.iri(&format!("/dataset/{}/resource/{}", package.name, one.id))?,
            title: Words::new(
                if body.name.is_empty() { package.body.title.clone() } else { body.name.clone() },
                "",
            ),
            description: Words::new(body.description.clone(), ""),
            access: download.clone().unwrap_or(here),
            download,
            format: Format::named(&body.format).or_else(|| Format::named(&body.mimetype)),
            licence: self.licence(&package.body.license_id),
            issued: Some(one.created),
            modified: Some(one.modified),
            bytes: body.size,
            checksum: None,
            availability: Some(Availability::Stable),
            standards: Vec::<Standard>::new(),
            tongues: vec![Tongue::Chinese],
            service: if table { self.iri("/api/3/action") } else { None },
        })
    }
}

fn frequency(cycle: &str) -> Option<Frequency> {
    Some(match cycle {
        "realtime" => Frequency::Continuous,
        "daily" => Frequency::Daily,
        "weekly" => Frequency::Weekly,
        "monthly" => Frequency::Monthly,
        "quarterly" => Frequency::Quarterly,
        "yearly" => Frequency::Annual,
        "irregular" => Frequency::Irregular,
        _ => return None,
    })
}
