//! The answer: parsed policies and the decision, the only place that knows Cedar.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    Policy, PolicyId, PolicySet, Request, RestrictedExpression,
};
use miette::Diagnostic as _;
use thiserror::Error;

use crate::request::{Attr, Thing, Who};

/// A file of policies: its name, for messages, and its text.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The name, such as `food-business/access.cedar`.
    pub name: &'a str,
    /// The policies.
    pub text: &'a str,
}

/// A policy that could not be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{source_name}:{line}:{column}: {message}")]
pub struct PolicyError {
    /// The file.
    pub source_name: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Yes or no, and which policies said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the act is allowed.
    pub allowed: bool,
    /// The identifiers of the policies that decided, `file#number`.
    pub because: Vec<String>,
    /// Policies that could not be evaluated; each is a fault of a pack and is logged.
    pub faults: Vec<String>,
}

/// All policies in force, laid out by the verb they are about: a decision looks at those that can matter alone.
#[derive(Debug, Default)]
pub struct Policies {
    count: usize,
    /// For each verb that a policy names: the policies that name it and those about every verb.
    by_verb: HashMap<String, PolicySet>,
    /// The policies about every verb.
    about_all: PolicySet,
}

impl Policies {
    /// Reads all files; the first fault of each file is reported.
    pub fn parse(sources: &[Source<'_>]) -> Result<Self, Vec<PolicyError>> {
        let mut set = PolicySet::new();
        let mut errors = Vec::new();
        for source in sources {
            if let Err(error) = add(&mut set, source) {
                errors.push(error);
            }
        }
        if errors.is_empty() { Ok(Self::by_verb(&set)) } else { Err(errors) }
    }

    /// Verbs stand in no hierarchy, so a policy is about the verbs that it names, or about all.
    fn by_verb(set: &PolicySet) -> Self {
        let named = |policy: &Policy| match policy.action_constraint() {
            ActionConstraint::Any => None,
            ActionConstraint::Eq(verb) => Some(vec![verb]),
            ActionConstraint::In(verbs) => Some(verbs),
        };
        let of = |wanted: &dyn Fn(Option<&[EntityUid]>) -> bool| {
            let policies = set.policies().filter(|policy| wanted(named(policy).as_deref()));
            PolicySet::from_policies(policies.cloned()).unwrap_or_default()
        };
        let verbs: HashSet<EntityUid> = set.policies().filter_map(named).flatten().collect();
        let by_verb = verbs.into_iter().map(|verb| {
            let about = of(&|verbs| verbs.is_none_or(|verbs| verbs.contains(&verb)));
            (verb.id().unescaped().to_owned(), about)
        });
        Self {
            count: set.policies().count(),
            by_verb: by_verb.collect(),
            about_all: of(&|verbs| verbs.is_none()),
        }
    }

    /// How many policies there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no policy at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Decides whether `who` may do `verb` to `thing`. What cannot be asked is refused.
    pub fn decide(&self, who: &Who, verb: &str, thing: &Thing) -> Decision {
        match request(who, verb, thing) {
            Ok((request, entities)) => {
                let about = self.by_verb.get(verb).unwrap_or(&self.about_all);
                let response = Authorizer::new().is_authorized(&request, about, &entities);
                Decision {
                    allowed: response.decision() == cedar_policy::Decision::Allow,
                    because: response.diagnostics().reason().map(ToString::to_string).collect(),
                    faults: response.diagnostics().errors().map(ToString::to_string).collect(),
                }
            }
            Err(fault) => Decision { allowed: false, because: Vec::new(), faults: vec![fault] },
        }
    }
}

fn add(set: &mut PolicySet, source: &Source<'_>) -> Result<(), PolicyError> {
    let fault = |offset: usize, message: String| {
        let before = source.text.get(..offset).unwrap_or(source.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        PolicyError { source_name: source.name.to_owned(), line, column, message }
    };
    let parsed: PolicySet = source.text.parse().map_err(|errors: cedar_policy::ParseErrors| {
        let offset = first_offset(&errors);
        fault(offset, errors.to_string())
    })?;
    let mut policies: Vec<Policy> = parsed.policies().cloned().collect();
    policies.sort_by_key(|policy| number_of(policy.id()));
    for policy in policies {
        let id = PolicyId::new(format!("{}#{}", source.name, number_of(policy.id())));
        set.add(policy.new_id(id)).map_err(|error| fault(0, error.to_string()))?;
    }
    Ok(())
}

fn number_of(id: &PolicyId) -> u32 {
    let text: &str = id.as_ref();
    text.trim_start_matches("policy").parse().unwrap_or(u32::MAX)
}

/// Cedar keeps the place in the labels of its diagnostics; the first label is the nearest.
fn first_offset(errors: &cedar_policy::ParseErrors) -> usize {
    errors
        .iter()
        .find_map(|error| error.labels().and_then(|mut labels| labels.next()))
        .map_or(0, |label| label.offset())
}

fn request(who: &Who, verb: &str, thing: &Thing) -> Result<(Request, Entities), String> {
    let principal = uid(&USER, &who.id)?;
    let action = uid(&ACTION, verb)?;
    let resource = uid(&THING, &format!("{}/{}", thing.kind, thing.id))?;
    let entities = Entities::from_entities(
        [entity(principal.clone(), who_attrs(who))?, entity(resource.clone(), thing_attrs(thing))?],
        None,
    )
    .map_err(|error| error.to_string())?;
    let request = Request::new(principal, action, resource, Context::empty(), None)
        .map_err(|error| error.to_string())?;
    Ok((request, entities))
}

/// The type of those who act, parsed once: reading a name costs more than a decision.
static USER: LazyLock<Option<EntityTypeName>> = LazyLock::new(|| "User".parse().ok());
/// The type of verbs.
static ACTION: LazyLock<Option<EntityTypeName>> = LazyLock::new(|| "Action".parse().ok());
/// The type of what is acted on.
static THING: LazyLock<Option<EntityTypeName>> = LazyLock::new(|| "Thing".parse().ok());

fn uid(kind: &LazyLock<Option<EntityTypeName>>, id: &str) -> Result<EntityUid, String> {
    let kind = kind.as_ref().ok_or("a type of ours is no name")?;
    Ok(EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id)))
}

fn entity(id: EntityUid, attrs: HashMap<String, RestrictedExpression>) -> Result<Entity, String> {
    Entity::new(id, attrs, HashSet::new()).map_err(|error| error.to_string())
}

fn who_attrs(who: &Who) -> HashMap<String, RestrictedExpression> {
    let mut attrs = HashMap::from([
        ("kind".to_owned(), text(who.kind.word())),
        ("roles".to_owned(), words(&who.roles)),
    ]);
    optional(&mut attrs, "person", who.person.as_deref());
    optional(&mut attrs, "organisation", who.organisation.as_deref());
    optional(&mut attrs, "unit", who.unit.as_deref());
    optional(&mut attrs, "behalf", who.behalf.as_deref());
    optional(&mut attrs, "region", who.region.as_deref());
    attrs
}

/// What a thing says of itself in fields of its own.
const OWN_ATTRS: [&str; 5] = ["kind", "owner", "owner_organisation", "department", "region"];

fn thing_attrs(thing: &Thing) -> HashMap<String, RestrictedExpression> {
    let further = thing.attrs.iter().map(|(name, value)| {
        let value = match value {
            Attr::Text(value) => text(value),
            Attr::Flag(value) => RestrictedExpression::new_bool(*value),
            Attr::Number(value) => RestrictedExpression::new_long(*value),
            Attr::Words(values) => words(values),
        };
        (name.clone(), value)
    });
    let mut attrs: HashMap<_, _> = further.collect();
    // Last, so that no further attribute can pass for one of these.
    for name in OWN_ATTRS {
        attrs.remove(name);
    }
    attrs.insert("kind".to_owned(), text(&thing.kind));
    optional(&mut attrs, "owner", thing.owner.as_deref());
    optional(&mut attrs, "owner_organisation", thing.owner_organisation.as_deref());
    optional(&mut attrs, "department", thing.department.as_deref());
    optional(&mut attrs, "region", thing.region.as_deref());
    attrs
}

fn optional(attrs: &mut HashMap<String, RestrictedExpression>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        attrs.insert(name.to_owned(), text(value));
    }
}

fn text(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn words(values: &[String]) -> RestrictedExpression {
    RestrictedExpression::new_set(values.iter().map(|value| text(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::WhoKind;

    const POLICIES: &str = r#"
        permit(principal, action == Action::"case.read", resource)
        when { resource.kind == "case" && principal has person && resource has owner
               && resource.owner == principal.person };
        permit(principal, action == Action::"case.accept", resource)
        when { principal.roles.contains("window") && principal has organisation
               && resource has department && principal.organisation == resource.department };
    "#;

    fn who(kind: WhoKind, roles: &[&str], person: &str, organisation: Option<&str>) -> Who {
        Who {
            id: person.to_owned(),
            kind,
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            person: Some(person.to_owned()),
            organisation: organisation.map(str::to_owned),
            unit: None,
            behalf: None,
            region: None,
        }
    }

    #[test]
    fn owner_reads_and_window_accepts() {
        let policies = Policies::parse(&[Source { name: "t.cedar", text: POLICIES }]).unwrap();
        let case = Thing::new("case", "1").owned_by(Some("p1")).handled_by(Some("d1"));
        let rows = [
            (who(WhoKind::Citizen, &[], "p1", None), "case.read", true),
            (who(WhoKind::Citizen, &[], "p2", None), "case.read", false),
            (who(WhoKind::Citizen, &[], "p1", None), "case.accept", false),
            (who(WhoKind::Staff, &["window"], "s1", Some("d1")), "case.accept", true),
            (who(WhoKind::Staff, &["window"], "s1", Some("d2")), "case.accept", false),
            (who(WhoKind::Staff, &["window"], "s1", None), "case.accept", false),
        ];
        for (who, verb, expected) in rows {
            assert_eq!(policies.decide(&who, verb, &case).allowed, expected, "{who:?} {verb}");
        }
    }

    #[test]
    fn a_further_attribute_cannot_pass_for_an_own_one() {
        let text = r#"permit(principal, action, resource);
            forbid(principal, action, resource) when { resource.kind == "case" };
            forbid(principal, action, resource) when { resource has owner };"#;
        let policies = Policies::parse(&[Source { name: "t.cedar", text }]).unwrap();
        let who = who(WhoKind::Staff, &[], "s1", None);
        let disguised = Thing::new("case", "1").with("kind", Attr::Text("licence".to_owned()));
        assert!(!policies.decide(&who, "x.read", &disguised).allowed);
        let owned = Thing::new("paper", "1").with("owner", Attr::Text("s2".to_owned()));
        assert!(policies.decide(&who, "x.read", &owned).allowed);
    }

    #[test]
    fn a_decision_by_the_verb_is_the_decision_by_all_policies() {
        let text = r#"
            permit(principal, action == Action::"a.read", resource);
            permit(principal, action in [Action::"a.read", Action::"b.read"], resource)
            when { principal.roles.contains("window") };
            permit(principal, action, resource) when { principal.roles.contains("all") };
            forbid(principal, action == Action::"b.read", resource) when { resource has owner };
            forbid(principal, action, resource) when { principal.kind == "system" };"#;
        let policies = Policies::parse(&[Source { name: "t.cedar", text }]).unwrap();
        let whole: PolicySet = text.parse().unwrap();
        assert_eq!(policies.len(), 5);
        for verb in ["a.read", "b.read", "c.read", "a.read.more"] {
            for roles in [&[][..], &["window"], &["all"], &["window", "all"]] {
                for kind in [WhoKind::Citizen, WhoKind::System] {
                    for thing in [Thing::new("x", "1"), Thing::new("x", "1").owned_by(Some("p"))] {
                        let who = who(kind, roles, "p", None);
                        let (asked, entities) = request(&who, verb, &thing).unwrap();
                        let by_all = Authorizer::new().is_authorized(&asked, &whole, &entities);
                        let expected = by_all.decision() == cedar_policy::Decision::Allow;
                        let found = policies.decide(&who, verb, &thing).allowed;
                        assert_eq!(found, expected, "{who:?} {verb} {thing:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_fault_names_file_line_and_column() {
        let text = "permit(principal, action, resource);\npermit(principal, acton, resource);";
        let errors = Policies::parse(&[Source { name: "x/access.cedar", text }]).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].source_name.as_str(), errors[0].line), ("x/access.cedar", 2));
    }

    #[test]
    fn nothing_is_allowed_without_a_policy() {
        let policies = Policies::default();
        let who = who(WhoKind::System, &[], "system", None);
        assert!(!policies.decide(&who, "any.verb", &Thing::new("x", "1")).allowed);
    }
}
