//! Invented residents of an invented city, and how registers write them down: with homophones, old numbers, former
//! names, moved houses and slips of the pen. The truth is known, because it was invented first.

use zhengtong_linkage::{Comparer, FieldPlan, Given, Part, Pass, Plan, Record, RecordId, Scope};

const SURNAMES: &str = "王王王王王王李李李李李李张张张张张刘刘刘刘陈陈陈杨杨赵赵黄黄周周吴吴徐徐孙孙胡胡朱朱高高林林何何郭郭马马罗罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文";
const GIVEN: &str = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国志文辉玲红玉梅春燕波云飞鹏程浩宇轩子涵欣怡梓晨雨桐诗琪思远佳慧嘉俊博宁安康永福德成海山松柏林森峰岩石金银宝珍珠翠莲花菊香莉萍蓉薇琳琼瑶瑞祥庆生根发达旺兴隆昌盛荣光亮晶莹雪冰清雅洁贞淑贤良善义仁信礼智忠孝廉正直立新民主和谐友爱心欢乐喜悦朝阳晓东南西北中天晴空星月";
const SIMILAR: &[(char, char)] = &[
    ('伟', '玮'),
    ('芳', '方'),
    ('娜', '纳'),
    ('英', '瑛'),
    ('静', '婧'),
    ('丽', '莉'),
    ('强', '墙'),
    ('军', '君'),
    ('洋', '阳'),
    ('杰', '洁'),
    ('娟', '涓'),
    ('明', '铭'),
    ('兰', '岚'),
    ('霞', '侠'),
    ('平', '萍'),
    ('华', '骅'),
    ('建', '健'),
    ('志', '智'),
    ('辉', '晖'),
    ('玲', '灵'),
    ('红', '宏'),
    ('梅', '玫'),
    ('燕', '艳'),
    ('云', '芸'),
    ('飞', '菲'),
    ('浩', '皓'),
    ('宇', '雨'),
    ('轩', '宣'),
    ('涵', '晗'),
    ('欣', '新'),
    ('怡', '宜'),
    ('梓', '子'),
];
const HEARD: &[(char, char)] =
    &[('敏', '明'), ('静', '金'), ('林', '凌'), ('丽', '妮'), ('思', '诗'), ('正', '增')];
const WRITTEN: &[(char, char)] = &[
    ('国', '國'),
    ('华', '華'),
    ('兰', '蘭'),
    ('丽', '麗'),
    ('军', '軍'),
    ('红', '紅'),
    ('云', '雲'),
    ('飞', '飛'),
    ('鹏', '鵬'),
    ('张', '張'),
    ('刘', '劉'),
    ('陈', '陳'),
    ('杨', '楊'),
    ('赵', '趙'),
    ('黄', '黃'),
    ('吴', '吳'),
];
const STREETS: &str =
    "人民解放中山建设和平新华胜利光明文化东风朝阳长江黄河滨河湖滨学府工业科技迎宾环城开发";

/// Chance that repeats.
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub u64);

/// A resident as he is.
#[derive(Clone, Debug)]
pub(crate) struct Resident {
    name: String,
    former: Option<String>,
    area: u32,
    birth: (u32, u32, u32),
    running: u32,
    address: (u32, u32, u32, u32, u32),
    phone: u64,
}

/// What is compared of residents.
pub(crate) fn plan() -> Plan {
    let field =
        |name: &str, comparer, rarity| FieldPlan { name: name.to_owned(), comparer, rarity };
    let (name, id, birth, address, phone) = (0, 1, 2, 4, 5);
    Plan {
        fields: vec![
            field("name", Comparer::Name, true),
            field("id_number", Comparer::Citizen, false),
            field("birth_date", Comparer::Day, false),
            field("sex", Comparer::Code, false),
            field("address", Comparer::Address, false),
            field("phone", Comparer::Phone, false),
        ],
        passes: vec![
            Pass(vec![Part::Whole(id)]),
            Pass(vec![Part::Whole(phone)]),
            Pass(vec![Part::Whole(birth), Part::Sound(name)]),
            Pass(vec![Part::Whole(birth), Part::Start(name, 1)]),
            Pass(vec![Part::Sound(birth), Part::Start(id, 6)]),
            Pass(vec![Part::Sound(name), Part::Start(address, 7)]),
            Pass(vec![Part::Sound(name), Part::End(id, 5)]),
        ],
        block_max: 200,
        doubt: 0.5,
        sure: 0.99,
        scope: Scope::All,
    }
}

impl Chance {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn small(&mut self, limit: u32) -> u32 {
        u32::try_from(self.below(u64::from(limit))).unwrap()
    }

    /// True so many times in a thousand.
    fn in_thousand(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    fn of(&mut self, letters: &[char]) -> char {
        letters[usize::try_from(self.below(letters.len() as u64)).unwrap()]
    }
}

/// Residents in households: they share a house, and children a surname; now and then twins.
pub(crate) fn residents(count: usize, chance: &mut Chance) -> Vec<Resident> {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let given: Vec<char> = GIVEN.chars().collect();
    let mut all: Vec<Resident> = Vec::with_capacity(count);
    while all.len() < count {
        let address = (
            chance.small(12),
            chance.small(400),
            chance.small(200) + 1,
            chance.small(20) + 1,
            chance.small(30),
        );
        let surname = chance.of(&surnames);
        let mut last: Option<Resident> = None;
        for place in 0..=chance.small(4) {
            let surname = if place == 1 { chance.of(&surnames) } else { surname };
            let mut next = resident(surname, address, &given, chance);
            if let Some(last) = last.as_ref().filter(|_| place > 2 && chance.in_thousand(60)) {
                (next.area, next.birth, next.running) =
                    (last.area, last.birth, (last.running + 2) % 1000);
            }
            all.push(next.clone());
            last = Some(next);
        }
    }
    all.truncate(count);
    all
}

fn resident(
    surname: char,
    address: (u32, u32, u32, u32, u32),
    given: &[char],
    chance: &mut Chance,
) -> Resident {
    let name = called(surname, given, chance);
    let former = chance.in_thousand(30).then(|| called(surname, given, chance));
    Resident {
        name,
        former,
        area: 990_101 + chance.small(12),
        birth: (1935 + chance.small(80), 1 + chance.small(12), 1 + chance.small(28)),
        running: chance.small(1000),
        address,
        phone: 13_000_000_000 + chance.below(6_000_000_000),
    }
}

fn called(surname: char, given: &[char], chance: &mut Chance) -> String {
    let mut name = String::from(surname);
    name.push(chance.of(given));
    if !chance.in_thousand(250) {
        name.push(chance.of(given));
    }
    name
}

impl Resident {
    /// How one register writes the resident down.
    pub(crate) fn written(&self, id: u128, source: u16, chance: &mut Chance) -> Record {
        let values = vec![
            self.name(chance),
            self.number(chance).as_str().into(),
            self.birth(chance).as_str().into(),
            self.sex(chance).into(),
            self.address(chance).as_str().into(),
            self.phone(chance).as_str().into(),
        ];
        Record { id: RecordId(id), source, values }
    }

    fn name(&self, chance: &mut Chance) -> Given {
        if let Some(former) = &self.former {
            match chance.below(4) {
                0 => return former.as_str().into(),
                1 | 2 => return Given { text: self.name.clone(), others: vec![former.clone()] },
                _ => {}
            }
        }
        let replace = |pairs: &[(char, char)]| -> String {
            let other =
                |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
            self.name.chars().map(other).collect()
        };
        let text = match chance.below(1000) {
            0..40 => replace(SIMILAR),
            40..60 => replace(HEARD),
            60..90 => replace(WRITTEN),
            90..100 => self.name.chars().take(2).collect(),
            _ => self.name.clone(),
        };
        text.as_str().into()
    }

    fn number(&self, chance: &mut Chance) -> String {
        let (year, month, day) = self.birth;
        let first = format!("{}{year}{month:02}{day:02}{:03}", self.area, self.running);
        let sum = first.bytes().fold(0_u32, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
        let check = match (12 - sum) % 11 {
            10 => "X".to_owned(),
            digit => digit.to_string(),
        };
        let whole = format!("{first}{check}");
        match chance.below(1000) {
            0..80 => String::new(),
            80..160 if year < 2000 => format!("{}{}", &first[..6], &first[8..]),
            160..180 => slip(&whole, chance),
            _ => whole,
        }
    }

    fn birth(&self, chance: &mut Chance) -> String {
        let (year, month, day) = self.birth;
        let whole = format!("{year}-{month:02}-{day:02}");
        match chance.below(1000) {
            0..30 => String::new(),
            30..45 => format!("{year}-{:02}-{day:02}", 1 + chance.small(12)),
            45..55 if day <= 12 => format!("{year}-{day:02}-{month:02}"),
            _ => whole,
        }
    }

    fn sex(&self, chance: &mut Chance) -> &'static str {
        match (chance.below(1000), self.running % 2) {
            (0..20, _) => "",
            (20..23, 0) | (23.., 1) => "1",
            _ => "2",
        }
    }

    fn address(&self, chance: &mut Chance) -> String {
        let moved = chance.in_thousand(150);
        let there = if moved {
            (
                chance.small(12),
                chance.small(400),
                chance.small(200) + 1,
                chance.small(20) + 1,
                chance.small(30),
            )
        } else {
            self.address
        };
        let (district, street, number, house, room) = there;
        let letters: Vec<char> = STREETS.chars().collect();
        let at = |place: u32| letters[place as usize % letters.len()];
        let street = format!("{}{}{}路", at(street), at(street / 7 + 3), at(street / 3 + 11));
        let room = 100 * (1 + room % 10) + room % 3 + 1;
        let district =
            format!("示例市第{}区", ["一", "二", "三", "四", "五", "六"][district as usize % 6]);
        match chance.below(1000) {
            0..80 => String::new(),
            80..200 => format!("{district}{street}{number}号{house}-{room}"),
            200..260 => format!("{district}{street}{number}號"),
            _ => format!("{district}{street}{number}号{house}栋{room}室"),
        }
    }

    fn phone(&self, chance: &mut Chance) -> String {
        match chance.below(1000) {
            0..150 => String::new(),
            150..350 => (13_000_000_000 + chance.below(6_000_000_000)).to_string(),
            350..360 => slip(&self.phone.to_string(), chance),
            _ => self.phone.to_string(),
        }
    }
}

fn slip(digits: &str, chance: &mut Chance) -> String {
    let mut bytes = digits.as_bytes().to_vec();
    let at = usize::try_from(chance.below(bytes.len() as u64 - 1)).unwrap();
    if chance.in_thousand(300) && bytes[at + 1] != b'X' {
        bytes.swap(at, at + 1);
    } else if bytes[at] != b'X' {
        bytes[at] = b'0' + (bytes[at] - b'0' + 1 + u8::try_from(chance.below(9)).unwrap()) % 10;
    }
    String::from_utf8(bytes).unwrap()
}

/// So many records of residents, and for each the resident it is about.
pub(crate) fn records(count: usize, seed: u64) -> (Vec<Record>, Vec<usize>) {
    let mut chance = Chance(seed);
    let all = residents(count * 6 / 10, &mut chance);
    let mut records = Vec::with_capacity(count);
    let mut truth = Vec::with_capacity(count);
    for at in 0..count {
        // Everyone stands in one register; who stands in more is chance.
        let who = if at < all.len() {
            at
        } else {
            usize::try_from(chance.below(all.len() as u64)).unwrap()
        };
        let source = u16::try_from(at / all.len()).unwrap();
        records.push(all[who].written(at as u128 + 1, source, &mut chance));
        truth.push(who);
    }
    (records, truth)
}
