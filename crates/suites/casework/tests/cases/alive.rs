//! No sequence of what officers, applicants, rules and clocks do leaves a case open with nothing to wait for, loses a task,
//! leaves one that its process does not know, or fires a rung twice.

use time::{Duration, OffsetDateTime};

use zhengtong_base::{Failure as _, Kind};
use zhengtong_casework::*;
use zhengtong_db::testing::TestDb;
use zhengtong_db::{Actor, Ctx};

use crate::joint::{FIRE, URBAN, colleague, filed, fireman, joint_city, of, urban};
use crate::world::{agent, head, id, input, officer, paper, reviewer, window};

/// A draw that is the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).unwrap()).unwrap()
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        if all.is_empty() { None } else { Some(all[self.roll(all.len())].clone()) }
    }
}

fn everybody() -> Vec<Actor> {
    vec![
        window(),
        reviewer(),
        officer(13, "inspector"),
        head(),
        colleague(),
        fireman(),
        of(FIRE, 32, "head"),
        urban(),
        of(URBAN, 42, "inspector"),
    ]
}

/// Who may do a task: who has it, or somebody with its role in its department.
fn doer(dice: &mut Dice, todo: &Todo) -> Actor {
    if todo.side == Side::Applicant {
        return agent();
    }
    let mut fit = everybody();
    fit.retain(|actor| match todo.assignee {
        Some(account) => actor.account == Some(account),
        None => {
            actor.organisation == Some(todo.place.department) && actor.roles.contains(&todo.role)
        }
    });
    // Now and then somebody tries who may not.
    let all = if dice.roll(12) == 0 { everybody() } else { fit };
    dice.pick(&all).unwrap_or_else(head)
}

async fn ctx_at(test: &TestDb, actor: Actor, now: OffsetDateTime) -> Ctx {
    let mut ctx = test.ctx(actor).await;
    ctx.now = now;
    ctx
}

/// Something that may be done with a task, or with the case.
async fn something(ctx: &mut Ctx, dice: &mut Dice, no: &str, todo: &Todo, seen: i64) -> Result<()> {
    let at = (no, todo.id, seen);
    let account = |number: u128| id(2000 + number);
    let who = [
        Whom::Officer(account([11, 12, 15, 14, 31, 32, 41][dice.roll(7)])),
        Whom::Role { department: id(FIRE), role: "reviewer".to_owned() },
    ];
    let who = &who[..=dice.roll(2)];
    let nodes = ["accept", "review", "fire_check", "consult", "visit", "decide", "after_check"];
    let node = nodes[dice.roll(nodes.len())];
    match dice.roll(22) {
        0 => send_back(ctx, at, node, dice.roll(2) == 0, "重来").await.map(drop),
        1 => send_to(ctx, at, node, "特送").await.map(drop),
        2 => {
            let mine = takeable(ctx, no).await?;
            let last = mine.first().map_or(todo.id, |one| one.todo);
            take_back(ctx, (no, last, seen), "点错").await.map(drop)
        }
        3 => transfer(ctx, at, account([12, 15, 11][dice.roll(3)]), "转办").await.map(drop),
        4 => delegate(ctx, at, account([12, 15, 11][dice.roll(3)]), "委派").await.map(drop),
        5 | 6 => give_back(ctx, at, "交回了").await.map(drop),
        7 => {
            let places = [SignPlace::Before, SignPlace::After, SignPlace::Together];
            add_sign(ctx, at, who, places[dice.roll(3)], "加签").await.map(drop)
        }
        8 => {
            let rules = [Rule::All, Rule::One, Rule::Ratio(50)];
            countersign(ctx, at, who, rules[dice.roll(3)], "会签").await.map(drop)
        }
        9 => consult(ctx, at, who, dice.roll(2) == 0, "征求意见").await.map(drop),
        10 | 11 => sign(ctx, at, "没有意见").await.map(drop),
        12 => remove_sign(ctx, at, "不用了").await.map(drop),
        13 => suspend(ctx, no, Suspending::new(["hearing", "notice"][dice.roll(2)], "依法")).await,
        14 => {
            let ending =
                Finishing { result: "有结果", opinion: "可以", ..Finishing::default() };
            finish(ctx, no, ending).await
        }
        15 => approve(ctx, at, dice.roll(3) > 0, "意见").await,
        16 => {
            let late = if dice.roll(2) == 0 { Late::End } else { Late::More(5) };
            settle_late(ctx, at, late, "逾期").await.map(drop)
        }
        17 => claim(ctx, todo.id).await.map(drop),
        18 => release(ctx, todo.id).await.map(drop),
        19 if dice.roll(6) == 0 => end(ctx, (no, seen), "终止").await.map(drop),
        _ => {
            let word = dice.pick(&todo.outcomes).unwrap_or_default();
            act(ctx, no, todo.id, input(&word, "有理由", seen)).await.map(drop)
        }
    }
}

/// What must hold after everything that was done.
async fn holds(test: &TestDb, no: &str, last: &str) -> bool {
    let mut ctx = test.ctx(Actor::system("look")).await;
    let view = view(&mut ctx, no).await.unwrap();
    let rests = zhengtong_process::rests(&mut ctx, view.case.instance).await.unwrap();
    let mut known: Vec<String> = view
        .tasks
        .iter()
        .filter(|task| !task.todo.is_own())
        .map(|task| task.todo.task.clone())
        .collect();
    let mut asked: Vec<String> = rests.tasks.iter().map(|task| task.task.clone()).collect();
    known.sort();
    asked.sort();
    assert_eq!(known, asked, "{no}: tasks and process differ after {last}");
    let over = view.case.state.over();
    assert_eq!(over, rests.ended, "{no} after {last}");
    if over {
        assert!(view.tasks.is_empty(), "{no}: a task is left after {last}");
        let running = view.all_clocks.iter().filter(|clock| clock.ended.is_none()).count();
        assert_eq!((running, view.stopped), (0, false), "{no}: a clock runs on after {last}");
    } else {
        let waits = !view.tasks.is_empty() || rests.waits > 0;
        assert!(waits, "{no}: nothing is left to wait for after {last}");
    }
    over
}

async fn fired_once(test: &TestDb) {
    let mut ctx = test.ctx(Actor::system("look")).await;
    let twice: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT payload->>'clock_id', payload->>'rung', count(*) FROM db.outbox
           WHERE topic = 'casework.rung' GROUP BY 1, 2 HAVING count(*) > 1",
    )
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    assert!(twice.is_empty(), "{twice:?}");
}

/// The applicant's part of the course, or the rules' and the clocks'.
async fn aside(test: &TestDb, dice: &mut Dice, no: &str, now: OffsetDateTime) -> Result<()> {
    if dice.roll(2) == 0 {
        let mut ctx = ctx_at(test, Actor::system("due"), now).await;
        let mut rounds = 0;
        while (lapse_next(&mut ctx).await? || fire(&mut ctx).await? > 0) && rounds < 50 {
            rounds += 1;
        }
        ctx.commit().await.unwrap();
        return Ok(());
    }
    let mut ctx = ctx_at(test, agent(), now).await;
    let kind = ["deferral", "promise"][dice.roll(2)];
    match dice.roll(8) {
        0..=3 => drop(undertake(&mut ctx, no, kind, None).await?),
        4..=6 => drop(bring(&mut ctx, no, &[1], &[paper("布局平面图")]).await?),
        _ if dice.roll(8) == 0 => drop(withdraw(&mut ctx, no, "不办了").await?),
        _ => {}
    }
    ctx.commit().await.unwrap();
    Ok(())
}

async fn look(test: &TestDb, no: &str) -> (Vec<Todo>, i64) {
    let mut ctx = test.ctx(Actor::system("look")).await;
    let view = view(&mut ctx, no).await.unwrap();
    (view.tasks.into_iter().map(|task| task.todo).collect(), view.case.version)
}

/// Draws acts for one case until it is over, `steps` at most; how many were carried out.
async fn course(test: &TestDb, seed: u64, steps: u32) -> u32 {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let no = filed(test, if seed.is_multiple_of(2) { &["布局平面图"] } else { &[] }).await;
    let mut now = test.db.clock().now();
    let mut done = 0;
    for step in 0..steps {
        now += Duration::hours(i64::try_from(dice.roll(30)).unwrap());
        let (todos, version) = look(test, &no).await;
        let outcome = if dice.roll(6) == 0 || todos.is_empty() {
            aside(test, &mut dice, &no, now).await
        } else {
            let todo = dice.pick(&todos).unwrap();
            let actor = doer(&mut dice, &todo);
            let mut ctx = ctx_at(test, actor, now).await;
            let outcome = if todo.side == Side::Applicant && !todo.is_own() {
                supply(&mut ctx, &no, todo.id, &[paper("补充")], "").await.map(drop)
            } else {
                something(&mut ctx, &mut dice, &no, &todo, version).await
            };
            if outcome.is_ok() {
                ctx.commit().await.unwrap();
            }
            outcome
        };
        match &outcome {
            Ok(()) => done += 1,
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    Kind::Conflict | Kind::Invalid | Kind::NotFound | Kind::Denied
                ),
                "{no} step {step}: {error:?}"
            ),
        }
        if holds(test, &no, &format!("step {step}, {outcome:?}")).await {
            break;
        }
    }
    done
}

/// Tasks of one moment stand in an order of chance, so a seed is not the same course twice: cases are begun until enough was
/// done, and one that is decided early costs the proof nothing.
#[tokio::test]
async fn no_sequence_of_acts_loses_a_case() {
    let test = joint_city().await;
    let (mut done, mut seed) = (0, 0);
    while done < 100 {
        seed += 1;
        assert!(seed <= 40, "only {done} acts were carried out");
        done += Box::pin(course(&test, seed, 45)).await;
    }
    fired_once(&test).await;
}
