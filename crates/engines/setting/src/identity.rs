//! The settings of logging in, sessions, passwords and recoveries. Without a change the configuration of the node holds
//! (`[identity]`).

use crate::model::{Definition, Office, Pair, Preset, Shape};

const DAYS: Pair = ("天", "days");
const HOURS: Pair = ("小时", "hours");
const MINUTES: Pair = ("分钟", "minutes");
const SECONDS: Pair = ("秒", "seconds");
const TIMES: Pair = ("次", "times");
const PIECES: Pair = ("个", "");
const PERCENT: Pair = ("%", "%");
const CHARACTERS: Pair = ("个字", "characters");
const POINTS: Pair = ("分", "points");

pub(crate) const DEFINITIONS: &[Definition] = &[
    limit(
        "identity.idle_minutes",
        ("不操作多久退出", "Idle time of a session"),
        ("会话这么久没有人用就结束", "A session that nobody uses for so long ends"),
        MINUTES,
        (1, 120),
    ),
    limit(
        "identity.session_hours",
        ("一次登录最长多久", "Longest session"),
        ("从登录算起，再忙也结束", "Counted from the login, however busy it is"),
        HOURS,
        (1, 24),
    ),
    limit(
        "identity.sessions",
        ("一个账号最多几处登录", "Sessions of an account"),
        ("再多就挤掉最早的", "With one more the oldest gives way"),
        PIECES,
        (1, 50),
    ),
    limit(
        "identity.pair_failures",
        ("同一账号同一地址输错几次短封", "Failures of a login from one address"),
        ("在下面的窗口内输错这么多次，短封", "So many within the window below bring a short ban"),
        TIMES,
        (2, 20),
    ),
    limit(
        "identity.pair_window_seconds",
        ("短封的窗口", "Window of the short ban"),
        ("只数这么久以内的", "Only failures within it count"),
        SECONDS,
        (10, 3600),
    ),
    limit(
        "identity.pair_ban_seconds",
        ("短封多久", "Length of the short ban"),
        ("过了自动解开", "It ends by itself"),
        SECONDS,
        (10, 3600),
    ),
    limit(
        "identity.address_failures",
        ("同一地址输错几次封地址", "Failures of an address"),
        ("不管哪个账号", "Whatever the login"),
        TIMES,
        (5, 1000),
    ),
    limit(
        "identity.address_window_seconds",
        ("封地址的窗口", "Window of the ban of an address"),
        ("只数这么久以内的", "Only failures within it count"),
        SECONDS,
        (10, 3600),
    ),
    limit(
        "identity.address_ban_seconds",
        ("地址封多久", "Length of the ban of an address"),
        ("过了自动解开", "It ends by itself"),
        SECONDS,
        (10, 3600),
    ),
    limit(
        "identity.long_failures",
        ("长窗口内输错几次长封", "Failures that bring a long ban"),
        ("同一账号同一地址", "Of one login from one address"),
        TIMES,
        (5, 500),
    ),
    limit(
        "identity.long_window_minutes",
        ("长窗口", "Long window"),
        ("也是第一次长封的长度", "It is the length of the first long ban too"),
        MINUTES,
        (10, 10080),
    ),
    limit(
        "identity.long_growth_percent",
        ("再次长封延长到", "Growth of long bans"),
        ("上一次的百分之几", "In per cent of the one before"),
        PERCENT,
        (100, 1000),
    ),
    limit(
        "identity.long_ban_days_max",
        ("最长封多久", "Longest ban"),
        ("再延长也不超过", "No ban is longer"),
        DAYS,
        (1, 366),
    ),
    limit(
        "identity.login_failures",
        ("一个账号从各处输错几次就锁", "Failures of a login from anywhere"),
        ("很多地址一起猜也挡得住", "Against many addresses that guess together"),
        TIMES,
        (5, 1000),
    ),
    limit(
        "identity.login_window_minutes",
        ("锁账号的窗口", "Window of the lock"),
        ("只数这么久以内的", "Only failures within it count"),
        MINUTES,
        (1, 1440),
    ),
    limit(
        "identity.lock_minutes",
        ("锁多久", "Length of the lock"),
        ("过了自动解开", "It ends by itself"),
        MINUTES,
        (1, 1440),
    ),
    limit(
        "identity.code_failures",
        ("动态码输错几次就锁", "Wrong codes that lock"),
        ("旧密码输错也算", "Wrong old passwords count too"),
        TIMES,
        (3, 50),
    ),
    limit(
        "identity.code_window_minutes",
        ("动态码的窗口", "Window of wrong codes"),
        ("只数这么久以内的", "Only those within it count"),
        MINUTES,
        (1, 1440),
    ),
    limit(
        "identity.code_minutes",
        ("输动态码最多多久", "Time for the second step"),
        ("密码对了以后，超过就重新登录", "After the password; then one signs in again"),
        MINUTES,
        (1, 30),
    ),
    limit(
        "identity.recovery_wait_hours",
        ("当面找回账号等多久", "Wait of a recovery in person"),
        (
            "两名工作人员确认以后，让本人来得及发现",
            "After two officials agreed, so that the owner can notice",
        ),
        HOURS,
        (0, 168),
    ),
    limit(
        "identity.recovery_days",
        ("当面找回多久不办完作废", "Life of a recovery in person"),
        ("从窗口发起算起", "Counted from the counter"),
        DAYS,
        (1, 60),
    ),
    limit(
        "identity.recovery_link_hours",
        ("找回账号的链接多久有效", "Life of the link of a recovery"),
        ("用过也作废", "It also ends when used"),
        HOURS,
        (1, 168),
    ),
    limit(
        "identity.password_chars_min",
        ("密码最少几个字", "Fewest characters of a password"),
        ("只管以后设的密码", "It holds for passwords that are set from now on"),
        CHARACTERS,
        (8, 64),
    ),
    limit(
        "identity.password_score_min",
        ("密码强度最低", "Least score of a password"),
        ("0 一猜就中，4 猜不出来", "0 is known at once, 4 is beyond guessing"),
        POINTS,
        (1, 4),
    ),
    limit(
        "identity.invite_days",
        ("一次性链接多久有效", "Life of a one-time link"),
        ("用过也作废", "It also ends when used"),
        DAYS,
        (1, 30),
    ),
    limit(
        "identity.delegation_days",
        ("代办授权最长", "Longest delegation"),
        ("到期可以再授权", "It can be granted again"),
        DAYS,
        (1, 1100),
    ),
    limit(
        "identity.substitution_days",
        ("代理岗位最长", "Longest substitution"),
        ("到期可以再指定", "It can be named again"),
        DAYS,
        (1, 366),
    ),
];

/// A limit that lies over one of the configuration file, with the least and the most.
const fn limit(
    key: &'static str,
    name: Pair,
    meaning: Pair,
    unit: Pair,
    (least, most): (i64, i64),
) -> Definition {
    Definition {
        key,
        name,
        meaning,
        shape: Shape::Number { least, most, unit },
        default: Preset::Empty,
        office: Office::Security,
    }
}
