//! The two languages of definitions, told apart by their names: `pack:licence` is a process, `pack:fees.dmn` a file of decisions.

/// What a definition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// A process.
    Bpmn,
    /// Decisions.
    Dmn,
}

impl Language {
    /// The language of a definition by its full name.
    pub fn of(name: &str) -> Self {
        if name.strip_suffix(".dmn").is_some() { Self::Dmn } else { Self::Bpmn }
    }

    /// How its files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Bpmn => "bpmn",
            Self::Dmn => "dmn",
        }
    }

    /// The full name of a definition of a pack.
    pub(crate) fn name(self, pack: &str, file: &str) -> String {
        match self {
            Self::Bpmn => format!("{pack}:{file}"),
            Self::Dmn => format!("{pack}:{file}.dmn"),
        }
    }
}
