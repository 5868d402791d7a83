//! Documents and licences made from Typst templates, with a code anyone can verify.
