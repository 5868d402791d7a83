//! The settings of the gate before every page: how often somebody may come, how many are served at once, who goes first.
//! Without a change the configuration of the node holds (`[limits]`).

use crate::model::{Definition, Office, Pair, Preset, Shape};

/// Requests of the machine that are worked on at the same time.
pub const IN_FLIGHT: &str = "limits.in_flight";
/// The same of one address.
pub const ADDRESS_IN_FLIGHT: &str = "limits.address_in_flight";
/// Who waits for a place.
pub const QUEUE: &str = "limits.queue";
/// How long one waits for a place.
pub const QUEUE_MS: &str = "limits.queue_ms";
/// What an address changes without a login.
pub const ANONYMOUS_WRITES: &str = "limits.anonymous_writes";
/// What an address reads without a login.
pub const ANONYMOUS_READS: &str = "limits.anonymous_reads";
/// What an account changes.
pub const ACCOUNT_WRITES: &str = "limits.account_writes";
/// What an account reads.
pub const ACCOUNT_READS: &str = "limits.account_reads";
/// Searches and exports.
pub const SEARCHES: &str = "limits.searches";
/// Pieces of files.
pub const PIECES: &str = "limits.pieces";
/// Beginnings of paths that go before everything.
pub const EMERGENCY: &str = "limits.emergency";

const TIMES: Pair = ("次/五分钟", "in five minutes");
const REQUESTS: Pair = ("个请求", "requests");

pub(crate) const DEFINITIONS: &[Definition] = &[
    rate(
        ANONYMOUS_WRITES,
        ("没登录的一个地址能提交几次", "What an address changes without a login"),
        (
            "被灌表单时调低；一个单位常共用一个地址，别太低",
            "Lower it while forms are flooded; offices share one address",
        ),
    ),
    rate(
        ANONYMOUS_READS,
        ("没登录的一个地址能看几页", "What an address reads without a login"),
        ("被人抓取时调低", "Lower it while pages are scraped"),
    ),
    rate(
        ACCOUNT_WRITES,
        ("一个账号能提交几次", "What an account changes"),
        ("人手工办不到这么快，程序才会碰到", "No person is so fast, only programs are"),
    ),
    rate(
        ACCOUNT_READS,
        ("一个账号能看几页", "What an account reads"),
        ("防止账号被用来成批搬数据", "Keeps an account from carrying data off"),
    ),
    rate(
        SEARCHES,
        ("一个账号或地址能搜索、导出几次", "Searches and exports of an account or address"),
        (
            "搜索和导出最费机器，也最容易被用来搬数据",
            "They cost the machine most, and carry most data off",
        ),
    ),
    rate(
        PIECES,
        ("一个账号能传几块文件", "Pieces of files of an account"),
        ("大文件分块上传，每块算一次", "Large files come in pieces; each counts"),
    ),
    room(
        IN_FLIGHT,
        ("同时处理几个请求", "Requests worked on at the same time"),
        ("每个节点各算各的；机器换大了再调高", "For each node; raise it with a larger machine"),
        (8, 4_096),
        REQUESTS,
    ),
    room(
        ADDRESS_IN_FLIGHT,
        ("同一地址同时几个", "Of one address at the same time"),
        ("工作人员不受这一项限制", "Officers are not bound by it"),
        (4, 1_024),
        REQUESTS,
    ),
    room(
        QUEUE,
        ("每一类最多几个在排队", "Who waits for a place, of each class"),
        ("再多就请人稍后再来", "Who comes after these is asked to come again"),
        (0, 10_000),
        REQUESTS,
    ),
    room(
        QUEUE_MS,
        ("排队最多等多久", "How long one waits for a place"),
        ("等到了时间还没有空位，就请人稍后再来", "Who has no place by then is asked to come again"),
        (100, 30_000),
        ("毫秒", "ms"),
    ),
    Definition {
        key: EMERGENCY,
        name: ("工作人员优先办的路径", "Paths that go before everything"),
        meaning: (
            "挤的时候，工作人员打开这些路径排在所有人前面，例如 /admin, /desk/emergency；不写就按配置文件",
            "When it is crowded officers at these paths go first, such as /admin, /desk/emergency; empty is as configured",
        ),
        shape: Shape::Paths,
        default: Preset::Empty,
        office: Office::Security,
    },
];

/// A rate; never so low that nobody could do anything.
const fn rate(key: &'static str, name: Pair, meaning: Pair) -> Definition {
    let shape = Shape::Number { least: 10, most: 1_000_000, unit: TIMES };
    Definition { key, name, meaning, shape, default: Preset::Empty, office: Office::Security }
}

const fn room(
    key: &'static str,
    name: Pair,
    meaning: Pair,
    (least, most): (i64, i64),
    unit: Pair,
) -> Definition {
    let shape = Shape::Number { least, most, unit };
    Definition { key, name, meaning, shape, default: Preset::Empty, office: Office::System }
}
