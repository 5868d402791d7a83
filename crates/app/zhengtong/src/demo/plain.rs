//! Nothing about people stands plain: the whole demonstration city is dumped as text, and nobody is found in it.

use std::collections::BTreeSet;
use std::process::Command;

use uuid::Uuid;
use zhengtong_casework::{Effect, Filter, Input, State, Suspending};
use zhengtong_crypto::{FILE_MAGIC, to_hex};
use zhengtong_db::Actor;
use zhengtong_service::Sent;

use super::tests::{Demo, args, demo};
use super::*;

/// What is typed into every field that takes words.
const MARK: &str = "獬豸暗记";

fn mark(number: u32) -> String {
    format!("{MARK}{number:02}一句话")
}

/// Types the mark wherever people write in their own words; gives how many places that were.
async fn type_everywhere(db: &Db, founded: &Founded) -> u32 {
    let mut typed = 0;
    let mut words = || {
        typed += 1;
        mark(typed)
    };
    let mut open = Vec::new();
    for applicant in &founded.applicants {
        let mut ctx = db.begin(cases::agent(applicant), "plain").await.unwrap();
        let mine = zhengtong_casework::mine(&mut ctx, 1).await.unwrap();
        open.push((applicant, mine.rows[0].no.clone(), mine.rows[0].state));
    }
    let first = |state: State| open.iter().find(|(_, _, at)| *at == state).unwrap();
    let officer = |login: &str| cases::officer(founded.seed, login).unwrap();

    let (_, accepted, _) = first(State::Accepted);
    let mut ctx = db.begin(officer("reviewer"), "plain").await.unwrap();
    zhengtong_casework::note(&mut ctx, accepted, &words()).await.unwrap();
    zhengtong_casework::reveal(&mut ctx, accepted, &words()).await.unwrap();
    ctx.commit().await.unwrap();
    for (_, no, _) in open.iter().filter(|(_, _, at)| *at == State::Accepted) {
        let mut ctx = db.begin(officer("reviewer"), "plain").await.unwrap();
        let view = zhengtong_casework::view(&mut ctx, no).await.unwrap();
        let Some((kind, _)) = view.stops.first().filter(|_| !view.stopped) else { continue };
        let why = words();
        zhengtong_casework::suspend(&mut ctx, no, Suspending::new(kind, &why)).await.unwrap();
        ctx.commit().await.unwrap();
        break;
    }

    let mut ctx = db.begin(officer("clerk"), "plain").await.unwrap();
    let inbox = zhengtong_casework::inbox(&mut ctx, Filter::Free).await.unwrap();
    let todo = &inbox.rows[0].todo;
    let view = zhengtong_casework::view(&mut ctx, &todo.case).await.unwrap();
    let task = view.tasks.iter().find(|task| task.todo.id == todo.id).unwrap();
    let choice = task.choices.iter().find(|choice| choice.effect == Effect::Correct).unwrap();
    let input = Input {
        outcome: choice.outcome.clone(),
        reason: words(),
        seen_version: view.case.version,
        ..Input::default()
    };
    zhengtong_casework::act(&mut ctx, &todo.case, todo.id, input).await.unwrap();
    ctx.commit().await.unwrap();

    let (applicant, no, _) = first(State::Correcting);
    let mut ctx = db.begin(cases::agent(applicant), "plain").await.unwrap();
    let view = zhengtong_casework::view(&mut ctx, no).await.unwrap();
    let bytes = application::paper(&words());
    let (name, said) = (format!("{}.pdf", words()), words());
    let sent = Sent { name: &name, bytes: &bytes };
    zhengtong_service::supply(&mut ctx, no, view.tasks[0].todo.id, &[sent], &said).await.unwrap();
    ctx.commit().await.unwrap();
    let mut ctx = db.begin(cases::agent(applicant), "plain").await.unwrap();
    zhengtong_casework::withdraw(&mut ctx, no, &words()).await.unwrap();
    ctx.commit().await.unwrap();
    typed
}

fn dump(url: &str) -> String {
    let (bin, _) = zhengtong_db::cluster::installed().unwrap();
    let dump = Command::new(bin.join("pg_dump"))
        .args(["--data-only", "--no-owner", "--dbname", url])
        .output()
        .unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    String::from_utf8(dump.stdout).unwrap()
}

/// The line of a dump in which a text stands, as it is or as bytes.
fn line_with<'a>(dump: &'a str, text: &str) -> Option<&'a str> {
    let bytes = to_hex(text.as_bytes());
    let at = dump.find(text).or_else(|| dump.find(&bytes))?;
    let (before, after) = dump.split_at(at);
    let begins = before.rfind('\n').map_or(0, |end| end + 1);
    dump.get(begins..at + after.find('\n').unwrap_or(after.len()))
}

/// Names that are public by law or by office: legal representatives in the register of firms, officials.
fn public_names(town: &Town, founded: &Founded) -> BTreeSet<String> {
    let officials = cast::CAST.iter().filter(|member| member.post.is_some());
    let mut names: BTreeSet<String> =
        officials.map(|member| member.named.name.to_owned()).collect();
    names.extend(founded.applicants.iter().map(|applicant| applicant.person_name.clone()));
    let city = town.city();
    for index in 0..town.companies() {
        names.insert(companies::company(&city, index).unwrap().representative.name);
    }
    names
}

#[tokio::test]
async fn the_whole_database_says_nothing_about_people() {
    let Demo { test, folder } = demo().await;
    fill(&test.db, folder.path(), &args()).await.unwrap();
    let founded: Founded = read(&folder.path().join(CITY_FILE)).unwrap();
    let typed = Box::pin(type_everywhere(&test.db, &founded)).await;
    assert!(typed >= 8, "{typed}");
    let all = dump(&test.url);

    // The dump is not blind.
    assert!(all.contains(&founded.applicants[0].name) && all.contains("COPY casework.event"));
    for number in 1..=typed {
        let found = line_with(&all, &mark(number));
        assert!(found.is_none(), "what was typed {number}: {}", found.unwrap_or_default());
    }
    let town = Town {
        seed: founded.seed,
        total: u64::from(args().residents),
        cast: cast::residents(),
        counties: Regions::read(None).unwrap().counties(),
    };
    let city = town.city();
    let public = public_names(&town, &founded);
    // Invented firms are called as invented people are: their names are taken out first.
    let mut all = all;
    for index in 0..town.companies() {
        all = all.replace(&companies::company(&city, index).unwrap().name, "");
    }
    let all = all;
    // A public name may begin with another's: 市民乙戌 is not 市民乙.
    let mut others = all.clone();
    for name in public.iter().rev() {
        others = others.replace(name, "");
    }
    let mut people = 0;
    for index in 0..city.total {
        let resident = city.resident(index).unwrap();
        let (number, phone) = (resident.number.as_str(), resident.phone.as_str());
        for secret in [number, phone, &resident.address, &resident.residence] {
            let found = line_with(&all, secret);
            assert!(found.is_none(), "{secret}: {}", found.unwrap_or_default());
        }
        if public.contains(&resident.name) {
            continue;
        }
        people += 1;
        let found = line_with(&others, &resident.name);
        assert!(found.is_none(), "{}: {}", resident.name, found.unwrap_or_default());
    }
    assert!(people > 200, "{people}");
    // Who applied is public as a legal representative, and as nothing else.
    let mut table = "";
    for line in all.lines() {
        table = line.strip_prefix("COPY ").unwrap_or(table);
        let of_people = ["party.person ", "casework.event ", "notice.message ", "ledger.entry "];
        if of_people.iter().any(|name| table.starts_with(name)) {
            let names = founded.applicants.iter().map(|applicant| &applicant.person_name);
            let found = names.into_iter().find(|name| line.contains(name.as_str()));
            assert!(found.is_none(), "{line}");
        }
    }
    assert_ne!(founded.applicants[0].person, Uuid::nil());
    files_stand_sealed(&folder.path().join("files/objects"));
    let mut ctx = test.db.begin(Actor::system("test"), "plain").await.unwrap();
    let paging = zhengtong_base::Paging::new(1, 50);
    let person = founded.applicants[0].person;
    let mut uses = zhengtong_ledger::uses(ctx.conn(), person, paging).await.unwrap().rows;
    assert!(!uses.is_empty());
    for entry in &mut uses {
        ctx.unveil(&mut entry.act).unwrap();
        assert!(!entry.act.name.starts_with("sealed:"), "{:?}", entry.act);
    }
}

fn files_stand_sealed(folder: &Path) {
    let mut waiting = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            files += 1;
            let bytes = fs::read(&path).unwrap();
            assert!(bytes.starts_with(FILE_MAGIC), "{}", path.display());
            assert!(!bytes.windows(5).any(|part| part == b"%PDF-"), "{}", path.display());
        }
    }
    assert!(files > 5, "{files}");
}
