//! What a new definition begins with: the smallest one that shows how it is done.

use crate::language::Language;

/// The text of a new definition under a full name and a title.
pub fn blank(name: &str, title: &str) -> String {
    let (_, file) = name.split_once(':').unwrap_or(("", name));
    let id = file.strip_suffix(".dmn").unwrap_or(file);
    let template = match Language::of(name) {
        Language::Bpmn => include_str!("blank.bpmn"),
        Language::Dmn => include_str!("blank.dmn"),
    };
    template.replace("{id}", id).replace("{title}", &escaped(title))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::blank;
    use crate::decision::examine_decisions;
    use crate::part::examine;

    #[test]
    fn what_is_new_can_run_as_it_is() {
        let process = examine(&blank("city:new-one", "新<的>\"流程\"&"));
        assert!(process.runs(), "{:#?}", process.findings);
        assert_eq!(process.model.unwrap().name, "新<的>\"流程\"&");
        let decisions = examine_decisions(&blank("city:new-one.dmn", "新\"表\"<&"));
        assert!(decisions.model.is_some(), "{:#?}", decisions.findings);
    }
}
