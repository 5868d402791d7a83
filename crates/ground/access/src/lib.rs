//! Who may do what to which thing: Cedar policies behind our own words.
