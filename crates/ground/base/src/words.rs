//! Choices with a word that is stored and a name in both languages, written once.

/// Makes an enum whose choices are stored as words and have a name in both languages: `ALL`, `word`, `parse`, `title`.
/// Whoever calls it has `serde` among its dependencies.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident => $word:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads the stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }

            /// What people call it.
            pub fn title(self) -> $crate::Text {
                match self { $(Self::$variant => $crate::Text::new($zh, $en),)+ }
            }
        }
    };
}
