//! A dataset in the words of schema.org, for search engines.

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::model::{Dataset, Distribution, Words};

/// The JSON-LD that stands in the page about a dataset, in Chinese or in English.
pub fn schema_org(dataset: &Dataset, english: bool) -> Value {
    let pick = |words: &Words| {
        let (first, second) = if english { (&words.en, &words.zh) } else { (&words.zh, &words.en) };
        if first.is_empty() { second.clone() } else { first.clone() }
    };
    let mut said = Map::new();
    let mut say = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            said.insert(key.to_owned(), value);
        }
    };
    let moment = |at: Option<time::OffsetDateTime>| {
        at.and_then(|at| at.format(&Rfc3339).ok()).map(Value::from)
    };
    say("@context", Some("https://schema.org/".into()));
    say("@type", Some("Dataset".into()));
    say("@id", Some(dataset.iri.as_str().into()));
    say("identifier", Some(dataset.identifier.as_str().into()));
    say("name", Some(pick(&dataset.title).into()));
    say("description", Some(pick(&dataset.description).into()));
    say("url", dataset.page.as_ref().map(|page| page.as_str().into()));
    say("isAccessibleForFree", Some(true.into()));
    say("datePublished", moment(dataset.issued));
    say("dateModified", moment(dataset.modified));
    say("version", dataset.version.as_ref().map(|version| version.as_str().into()));
    say("spatialCoverage", dataset.place.as_ref().map(|place| pick(&place.name).into()));
    let keywords: Vec<String> = dataset.keywords.iter().map(pick).collect();
    say("keywords", (!keywords.is_empty()).then(|| keywords.into()));
    let publisher = json!({
        "@type": "GovernmentOrganization", "@id": dataset.publisher.iri.as_str(), "name": pick(&dataset.publisher.name),
    });
    say("publisher", Some(publisher));
    let licence = dataset.distributions.iter().find_map(|one| one.licence.as_ref());
    say("license", licence.map(|licence| licence.iri.as_str().into()));
    let files: Vec<Value> = dataset.distributions.iter().map(|one| download(one, &pick)).collect();
    say("distribution", (!files.is_empty()).then(|| files.into()));
    Value::Object(said)
}

fn download(distribution: &Distribution, pick: &impl Fn(&Words) -> String) -> Value {
    let url = distribution.download.as_ref().unwrap_or(&distribution.access);
    let mut file = json!({
        "@type": "DataDownload", "name": pick(&distribution.title), "contentUrl": url.as_str(),
    });
    if let (Some(file), Some(format)) = (file.as_object_mut(), distribution.format) {
        file.insert("encodingFormat".to_owned(), format.media_type().into());
    }
    file
}
