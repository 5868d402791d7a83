//! Components, page frames, styles and icons: the look of every page.
