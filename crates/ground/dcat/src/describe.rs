//! From plain values to statements, as the application profile DCAT-AP 3.0.1 wants them.

use oxrdf::{NamedNode, Term};
use time::Date;

use crate::graph::{Graph, Node};
use crate::model::{
    Agent, Catalogue, Checksum, Contact, Dataset, Distribution, Iri, Licence, PageOf, Period,
    Place, Service, Standard,
};

/// The scheme of the themes.
const THEMES: &str = "http://publications.europa.eu/resource/authority/data-theme";

/// A page of a catalogue with its datasets.
pub fn catalogue(catalogue: &Catalogue, datasets: &[Dataset], page: &PageOf) -> Graph {
    let mut graph = Graph::default();
    paging(&mut graph, page);
    let publisher = agent(&mut graph, &catalogue.publisher);
    let licence = catalogue.licence.as_ref().map(|terms| licence(&mut graph, terms));
    let place = catalogue.place.as_ref().map(|place| location(&mut graph, place));
    let mut node = graph.named(&catalogue.iri, "dcat:Catalog");
    node.words("dct:title", &catalogue.title);
    node.words("dct:description", &catalogue.description);
    node.add("dct:publisher", publisher);
    node.linked("foaf:homepage", &catalogue.homepage, "foaf:Document");
    node.moment("dct:modified", catalogue.modified);
    said(&mut node, "dct:license", licence);
    said(&mut node, "dct:spatial", place);
    for tongue in &catalogue.tongues {
        node.value("dct:language", &tongue.value());
    }
    let scheme = NamedNode::new_unchecked(THEMES);
    node.add("dcat:themeTaxonomy", scheme);
    for dataset in datasets {
        node.link("dcat:dataset", &dataset.iri);
    }
    for service in &catalogue.services {
        node.link("dcat:service", &service.iri);
    }
    taxonomy(&mut graph);
    for dataset in datasets {
        describe(&mut graph, dataset);
    }
    for service in &catalogue.services {
        serve(&mut graph, service, &catalogue.publisher, datasets);
    }
    graph
}

/// One dataset for itself.
pub fn dataset(dataset: &Dataset) -> Graph {
    let mut graph = Graph::default();
    describe(&mut graph, dataset);
    graph
}

fn paging(graph: &mut Graph, page: &PageOf) {
    let mut node = graph.named(&page.this, "hydra:PagedCollection");
    node.add("rdf:type", crate::vocabulary::name("hydra:PartialCollectionView"));
    let total = page.total.to_string();
    let size = page.size.to_string();
    node.typed("hydra:totalItems", &total, "xsd:integer");
    node.typed("hydra:itemsPerPage", &size, "xsd:integer");
    // The older names hold texts and the newer ones addresses: harvesters know the one or the other.
    let ends = [
        ("hydra:firstPage", "hydra:first", Some(&page.first)),
        ("hydra:lastPage", "hydra:last", Some(&page.last)),
        ("hydra:previousPage", "hydra:previous", page.previous.as_ref()),
        ("hydra:nextPage", "hydra:next", page.next.as_ref()),
    ];
    for (older, newer, to) in ends {
        if let Some(to) = to {
            node.text(older, to.as_str());
            node.link(newer, to);
        }
    }
}

fn taxonomy(graph: &mut Graph) {
    let Some(iri) = Iri::parse(THEMES) else { return };
    let title = crate::model::Words::new("数据主题", "Data theme");
    graph.named(&iri, "skos:ConceptScheme").words("dct:title", &title);
}

fn describe(graph: &mut Graph, dataset: &Dataset) {
    let publisher = agent(graph, &dataset.publisher);
    let contact = dataset.contact.as_ref().map(|contact| point(graph, contact));
    let period = dataset.period.as_ref().and_then(|period| span(graph, *period));
    let place = dataset.place.as_ref().map(|place| location(graph, place));
    let standards: Vec<Term> = dataset.standards.iter().map(|one| standard(graph, one)).collect();
    let provenance = dataset.provenance.as_ref().map(|words| {
        let mut node = graph.blank("dct:ProvenanceStatement");
        node.words("rdfs:label", words);
        node.term()
    });
    let mut node = graph.named(&dataset.iri, "dcat:Dataset");
    node.text("dct:identifier", &dataset.identifier);
    node.words("dct:title", &dataset.title);
    node.words("dct:description", &dataset.description);
    node.add("dct:publisher", publisher);
    for keyword in &dataset.keywords {
        node.words("dcat:keyword", keyword);
    }
    for theme in &dataset.themes {
        node.value("dcat:theme", &theme.value());
    }
    for tongue in &dataset.tongues {
        node.value("dct:language", &tongue.value());
    }
    node.moment("dct:issued", dataset.issued);
    node.moment("dct:modified", dataset.modified);
    if let Some(frequency) = dataset.frequency {
        node.value("dct:accrualPeriodicity", &frequency.value());
    }
    if let Some(access) = dataset.access {
        node.value("dct:accessRights", &access.value());
    }
    if let Some(page) = &dataset.page {
        node.linked("dcat:landingPage", page, "foaf:Document");
    }
    if let Some(version) = &dataset.version {
        node.text("dcat:version", version);
    }
    for (predicate, term) in [
        ("dcat:contactPoint", contact),
        ("dct:temporal", period),
        ("dct:spatial", place),
        ("dct:provenance", provenance),
    ] {
        said(&mut node, predicate, term);
    }
    for standard in standards {
        node.add("dct:conformsTo", standard);
    }
    for (predicate, to) in
        [("prov:wasDerivedFrom", &dataset.sources), ("dct:relation", &dataset.related)]
    {
        for iri in to {
            node.link(predicate, iri);
        }
    }
    for distribution in &dataset.distributions {
        node.link("dcat:distribution", &distribution.iri);
    }
    for distribution in &dataset.distributions {
        distribute(graph, distribution);
    }
}

fn distribute(graph: &mut Graph, distribution: &Distribution) {
    let licence = distribution.licence.as_ref().map(|terms| licence(graph, terms));
    let checksum = distribution.checksum.as_ref().map(|sum| digest(graph, sum));
    let standards: Vec<Term> =
        distribution.standards.iter().map(|one| standard(graph, one)).collect();
    let mut node = graph.named(&distribution.iri, "dcat:Distribution");
    node.words("dct:title", &distribution.title);
    node.words("dct:description", &distribution.description);
    node.link("dcat:accessURL", &distribution.access);
    if let Some(download) = &distribution.download {
        node.link("dcat:downloadURL", download);
    }
    if let Some(format) = distribution.format {
        node.value("dct:format", &format.value());
        if let Some(media) = media_type(format.media_type()) {
            node.linked("dcat:mediaType", &media, "dct:MediaType");
        }
    }
    node.moment("dct:issued", distribution.issued);
    node.moment("dct:modified", distribution.modified);
    if let Some(bytes) = distribution.bytes {
        node.typed("dcat:byteSize", &bytes.to_string(), "xsd:nonNegativeInteger");
    }
    if let Some(availability) = distribution.availability {
        node.value("dcatap:availability", &availability.value());
    }
    for tongue in &distribution.tongues {
        node.value("dct:language", &tongue.value());
    }
    if let Some(service) = &distribution.service {
        node.link("dcat:accessService", service);
    }
    said(&mut node, "dct:license", licence);
    said(&mut node, "spdx:checksum", checksum);
    for standard in standards {
        node.add("dct:conformsTo", standard);
    }
}

fn serve(graph: &mut Graph, service: &Service, publisher: &Agent, datasets: &[Dataset]) {
    let publisher = agent(graph, publisher);
    let licence = service.licence.as_ref().map(|terms| licence(graph, terms));
    let mut node = graph.named(&service.iri, "dcat:DataService");
    node.words("dct:title", &service.title);
    node.words("dct:description", &service.description);
    node.linked("dcat:endpointURL", &service.endpoint, "rdfs:Resource");
    if let Some(described) = &service.described {
        node.linked("dcat:endpointDescription", described, "rdfs:Resource");
    }
    node.add("dct:publisher", publisher);
    said(&mut node, "dct:license", licence);
    for dataset in datasets {
        let served = |one: &Distribution| one.service.as_ref() == Some(&service.iri);
        if dataset.distributions.iter().any(served) {
            node.link("dcat:servesDataset", &dataset.iri);
        }
    }
}

fn agent(graph: &mut Graph, agent: &Agent) -> Term {
    let mut node = graph.named(&agent.iri, "foaf:Agent");
    node.words("foaf:name", &agent.name);
    if let Some(kind) = agent.kind {
        node.value("dct:type", &kind.value());
    }
    if let Some(identifier) = &agent.identifier {
        node.text("dct:identifier", identifier);
    }
    if let Some(homepage) = &agent.homepage {
        node.linked("foaf:homepage", homepage, "foaf:Document");
    }
    node.term()
}

fn point(graph: &mut Graph, contact: &Contact) -> Term {
    let mut node = graph.blank("vcard:Organization");
    // Validators that do not know the ontology of vCard look for the general class.
    node.add("rdf:type", crate::vocabulary::name("vcard:Kind"));
    node.words("vcard:fn", &contact.name);
    let address = contact.email.as_ref().and_then(|mail| Iri::parse(&format!("mailto:{mail}")));
    if let Some(mail) = address {
        node.link("vcard:hasEmail", &mail);
    }
    if let Some(page) = &contact.page {
        node.link("vcard:hasURL", page);
    }
    node.term()
}

fn licence(graph: &mut Graph, licence: &Licence) -> Term {
    let mut node = graph.named(&licence.iri, "dct:LicenseDocument");
    node.words("dct:title", &licence.title);
    node.term()
}

fn location(graph: &mut Graph, place: &Place) -> Term {
    let mut node = graph.blank("dct:Location");
    node.text("dct:identifier", &place.code);
    node.words("skos:prefLabel", &place.name);
    node.term()
}

fn standard(graph: &mut Graph, standard: &Standard) -> Term {
    let mut node = match &standard.iri {
        Some(iri) => graph.named(iri, "dct:Standard"),
        None => graph.blank("dct:Standard"),
    };
    node.words("dct:title", &standard.title);
    node.term()
}

fn digest(graph: &mut Graph, checksum: &Checksum) -> Term {
    let mut node = graph.blank("spdx:Checksum");
    node.value("spdx:algorithm", &checksum.algorithm.value());
    node.typed("spdx:checksumValue", &checksum.value, "xsd:hexBinary");
    node.term()
}

fn span(graph: &mut Graph, period: Period) -> Option<Term> {
    if period.from.is_none() && period.to.is_none() {
        return None;
    }
    let mut node = graph.blank("dct:PeriodOfTime");
    let day = |day: Date| day.to_string();
    for (predicate, end) in [("dcat:startDate", period.from), ("dcat:endDate", period.to)] {
        if let Some(end) = end {
            node.typed(predicate, &day(end), "xsd:date");
        }
    }
    Some(node.term())
}

fn said(node: &mut Node<'_>, predicate: &str, term: Option<Term>) {
    if let Some(term) = term {
        node.add(predicate, term);
    }
}

fn media_type(kind: &str) -> Option<Iri> {
    Iri::parse(&format!("https://www.iana.org/assignments/media-types/{kind}"))
}
