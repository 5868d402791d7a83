//! Check rules of national codes. Each function's page names its standard.
