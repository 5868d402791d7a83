//! Reads stories: Gherkin with Chinese or English keywords, every step with its line.

use std::fmt;

/// A feature file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    /// What stands after `功能:`.
    pub(crate) name: String,
    /// Its scenarios, outlines already spread over their examples, background steps first.
    pub(crate) scenarios: Vec<Scenario>,
}

/// One run through the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// What stands after `场景:`.
    pub(crate) name: String,
    /// Its line, or the line of its example.
    pub(crate) line: usize,
    /// Its steps.
    pub(crate) steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its line.
    pub(crate) line: usize,
    /// Its text without the keyword.
    pub(crate) text: String,
    /// The text between `"""` below it.
    pub(crate) doc: Option<String>,
    /// The rows of the table below it.
    pub(crate) table: Vec<Vec<String>>,
}

/// What is wrong in a feature file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Line, from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

const FEATURE: &[&str] = &["功能", "Feature"];
const BACKGROUND: &[&str] = &["背景", "Background"];
const RULE: &[&str] = &["规则", "Rule"];
const OUTLINE: &[&str] = &["场景大纲", "剧本大纲", "Scenario Outline", "Scenario Template"];
const SCENARIO: &[&str] = &["场景", "剧本", "Scenario", "Example"];
const EXAMPLES: &[&str] = &["例子", "Examples", "Scenarios"];
const STEP: &[&str] = &[
    "假如", "假设", "假定", "当", "那么", "而且", "并且", "同时", "但是", "Given ", "When ",
    "Then ", "And ", "But ", "* ",
];

/// Parses a feature file.
pub(crate) fn parse(source: &str) -> Result<Feature, Broken> {
    let mut reader = Reader::default();
    let mut lines = (1..).zip(source.lines());
    while let Some((line, raw)) = lines.next() {
        let text = raw.trim();
        if let Some(fence) = fence(text) {
            let indent = raw.len() - raw.trim_start().len();
            let doc = doc_string(&mut lines, fence, indent);
            reader.doc(line, doc?)?;
        } else {
            reader.line(line, text)?;
        }
    }
    reader.finish()
}

/// Where the next step or row belongs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    Nowhere,
    Feature,
    Background,
    Scenario,
    Examples,
}

/// A scenario or an outline as it is read.
#[derive(Debug, Default)]
struct Draft {
    name: String,
    line: usize,
    outline: bool,
    steps: Vec<Step>,
    /// Head and rows of each table of examples, each row with its line.
    examples: Vec<Vec<(usize, Vec<String>)>>,
}

#[derive(Debug, Default)]
struct Reader {
    feature: Option<String>,
    background: Vec<Step>,
    drafts: Vec<Draft>,
    place: Place,
}

impl Reader {
    fn line(&mut self, line: usize, text: &str) -> Result<(), Broken> {
        if text.is_empty() || text.starts_with('#') || text.starts_with('@') {
            return Ok(());
        }
        if let Some(row) = table_row(text) {
            return self.row(line, row.map_err(|what| Broken { line, what })?);
        }
        if let Some(name) = title(text, FEATURE) {
            if self.feature.replace(name).is_some() {
                return broken(line, "a second feature in the file");
            }
            self.place = Place::Feature;
        } else if title(text, BACKGROUND).is_some() {
            self.place = Place::Background;
        } else if title(text, RULE).is_some() {
            self.place = Place::Feature;
        } else if let Some(name) = title(text, OUTLINE) {
            self.begin(line, name, true);
        } else if let Some(name) = title(text, SCENARIO) {
            self.begin(line, name, false);
        } else if title(text, EXAMPLES).is_some() {
            let Some(draft) = self.drafts.last_mut().filter(|draft| draft.outline) else {
                return broken(line, "examples belong below a scenario outline");
            };
            draft.examples.push(Vec::new());
            self.place = Place::Examples;
        } else if let Some(text) = step_text(text) {
            self.step(line, text)?;
        } else if self.describes() {
            // Free text below a title.
        } else {
            return broken(line, format!("neither keyword nor step: {text}"));
        }
        if self.feature.is_none() {
            return broken(line, "the file does not begin with 功能:");
        }
        Ok(())
    }

    fn begin(&mut self, line: usize, name: String, outline: bool) {
        self.drafts.push(Draft { name, line, outline, ..Draft::default() });
        self.place = Place::Scenario;
    }

    /// Free text may stand below a title, before the first step.
    fn describes(&self) -> bool {
        match self.place {
            Place::Feature => true,
            Place::Background => self.background.is_empty(),
            Place::Scenario => self.drafts.last().is_some_and(|draft| draft.steps.is_empty()),
            Place::Nowhere | Place::Examples => false,
        }
    }

    fn steps(&mut self) -> Option<&mut Vec<Step>> {
        match self.place {
            Place::Background => Some(&mut self.background),
            Place::Scenario => self.drafts.last_mut().map(|draft| &mut draft.steps),
            _ => None,
        }
    }

    fn step(&mut self, line: usize, text: &str) -> Result<(), Broken> {
        let step = Step { line, text: text.to_owned(), ..Step::default() };
        match self.steps() {
            Some(steps) => steps.push(step),
            None => return broken(line, "a step outside of a scenario"),
        }
        Ok(())
    }

    fn row(&mut self, line: usize, row: Vec<String>) -> Result<(), Broken> {
        let rows = if self.place == Place::Examples {
            let examples = self.drafts.last_mut().and_then(|draft| draft.examples.last_mut());
            let Some(rows) = examples else { return broken(line, "a table without a step") };
            let wide = rows.first().is_none_or(|(_, head)| head.len() == row.len());
            rows.push((line, row));
            wide
        } else {
            let step = self.steps().and_then(|steps| steps.last_mut());
            let Some(step) = step else { return broken(line, "a table without a step") };
            let wide = step.table.first().is_none_or(|head| head.len() == row.len());
            step.table.push(row);
            wide
        };
        if rows { Ok(()) } else { broken(line, "the rows of the table differ in their cells") }
    }

    fn doc(&mut self, line: usize, doc: String) -> Result<(), Broken> {
        match self.steps().and_then(|steps| steps.last_mut()) {
            Some(step) => step.doc = Some(doc),
            None => return broken(line, "a text without a step"),
        }
        Ok(())
    }

    fn finish(self) -> Result<Feature, Broken> {
        let Some(name) = self.feature else { return broken(1, "the file has no 功能:") };
        let mut scenarios = Vec::new();
        for draft in self.drafts {
            if draft.steps.is_empty() {
                return broken(draft.line, "a scenario without steps");
            }
            if draft.outline && draft.examples.iter().all(|rows| rows.len() < 2) {
                return broken(draft.line, "a scenario outline without examples");
            }
            scenarios.extend(draft.spread(&self.background));
        }
        Ok(Feature { name, scenarios })
    }
}

impl Draft {
    /// The scenario itself, or one for each example.
    fn spread(self, background: &[Step]) -> Vec<Scenario> {
        let steps: Vec<Step> = background.iter().cloned().chain(self.steps).collect();
        if !self.outline {
            return vec![Scenario { name: self.name, line: self.line, steps }];
        }
        let mut scenarios = Vec::new();
        for rows in &self.examples {
            let Some(((_, head), rows)) = rows.split_first() else { continue };
            for (line, row) in rows {
                let fill = |text: &str| fill(text, head, row);
                let steps = steps.iter().map(|step| step.filled(&fill)).collect();
                let name = fill(&self.name);
                let name = if name == self.name {
                    format!("{name}（{}）", row.join("，"))
                } else {
                    name
                };
                scenarios.push(Scenario { name, line: *line, steps });
            }
        }
        scenarios
    }
}

impl Step {
    fn filled(&self, fill: &dyn Fn(&str) -> String) -> Self {
        let row = |row: &Vec<String>| row.iter().map(|cell| fill(cell)).collect();
        Self {
            line: self.line,
            text: fill(&self.text),
            doc: self.doc.as_deref().map(fill),
            table: self.table.iter().map(row).collect(),
        }
    }
}

fn fill(text: &str, head: &[String], row: &[String]) -> String {
    head.iter()
        .zip(row)
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}

/// The title after one of these keywords and a colon.
fn title(text: &str, keywords: &[&str]) -> Option<String> {
    keywords.iter().find_map(|keyword| {
        let rest = text.strip_prefix(keyword)?;
        let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('：'))?;
        Some(rest.trim().to_owned())
    })
}

fn step_text(text: &str) -> Option<&str> {
    STEP.iter().find_map(|keyword| text.strip_prefix(keyword)).map(str::trim)
}

fn fence(text: &str) -> Option<&'static str> {
    ["\"\"\"", "```"].into_iter().find(|fence| text.starts_with(fence))
}

fn doc_string<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    fence: &str,
    indent: usize,
) -> Result<String, Broken> {
    let mut doc = Vec::new();
    let mut last = 1;
    for (line, raw) in lines {
        if raw.trim() == fence {
            return Ok(doc.join("\n"));
        }
        let blank = raw.len() - raw.trim_start().len();
        doc.push(raw.get(indent.min(blank)..).unwrap_or_default().trim_end());
        last = line;
    }
    broken(last, format!("the text that begins with {fence} does not end"))
}

/// Cells of a table row; `\|`, `\\` and `\n` are escapes.
fn table_row(text: &str) -> Option<Result<Vec<String>, String>> {
    let inside = text.strip_prefix('|')?;
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut signs = inside.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '|' => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            '\\' => match signs.next() {
                Some('n') => cell.push('\n'),
                Some(escaped) => cell.push(escaped),
                None => return Some(Err("a `\\` at the end of the row".to_owned())),
            },
            _ => cell.push(sign),
        }
    }
    if cell.trim().is_empty() {
        Some(Ok(cells))
    } else {
        Some(Err("the row does not end with `|`".to_owned()))
    }
}

fn broken<T>(line: usize, what: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { line, what: what.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"# language: zh-CN
@许可
功能: 食品经营许可新办
  写给人看的一段话。

  背景:
    假如 城市已经准备好

  场景: 材料齐全
    假如 企业"示例餐饮有限公司"的经办人已登录
    当 填写下列内容
      | 名称 | 值     |
      | 备注 | 甲\|乙 |
    而且 填写意见
      """
      第一行
        第二行
      """
    那么 看到"受理号"

  场景大纲: 每天都行
    当 今天是"<日>"
    例子:
      | 日  |
      | 周一 |
      | 周二 |
"#;

    #[test]
    fn a_whole_file_is_read() {
        let feature = parse(WHOLE).unwrap();
        assert_eq!(feature.name, "食品经营许可新办");
        let names: Vec<_> = feature.scenarios.iter().map(|s| (s.name.as_str(), s.line)).collect();
        assert_eq!(names, [("材料齐全", 9), ("每天都行（周一）", 25), ("每天都行（周二）", 26)]);
        let steps = &feature.scenarios[0].steps;
        assert_eq!(steps[0].text, "城市已经准备好");
        assert_eq!(steps[1].line, 10);
        assert_eq!(steps[2].table, [["名称", "值"], ["备注", "甲|乙"]]);
        assert_eq!(steps[3].doc.as_deref(), Some("第一行\n  第二行"));
        assert_eq!(feature.scenarios[2].steps[1].text, "今天是\"周二\"");
    }

    #[test]
    fn english_keywords_are_read() {
        let feature = parse("Feature: a\nScenario: b\nGiven c\n* d\n").unwrap();
        let steps: Vec<_> = feature.scenarios[0].steps.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(steps, ["c", "d"]);
    }

    #[test]
    fn broken_files_name_the_line() {
        for (source, line, part) in [
            ("", 1, "no 功能"),
            ("场景: a\n", 1, "does not begin"),
            ("功能: a\n功能: b\n", 2, "second feature"),
            ("功能: a\n当 b\n", 2, "outside of a scenario"),
            ("功能: a\n场景: b\n", 2, "without steps"),
            ("功能: a\n场景: b\n当 c\nd\n", 4, "neither keyword"),
            ("功能: a\n场景: b\n当 c\n| d |\n| e | f |\n", 5, "differ"),
            ("功能: a\n场景: b\n当 c\n| d\n", 4, "end with"),
            ("功能: a\n场景: b\n当 c\n例子:\n", 4, "outline"),
            ("功能: a\n场景大纲: b\n当 c\n例子:\n| d |\n", 2, "without examples"),
            ("功能: a\n场景: b\n当 c\n\"\"\"\nx\n", 5, "does not end"),
            ("功能: a\n| x |\n", 2, "without a step"),
        ] {
            let broken = parse(source).unwrap_err();
            assert_eq!(broken.line, line, "{source}: {broken}");
            assert!(broken.what.contains(part), "{source}: {broken}");
        }
    }
}
