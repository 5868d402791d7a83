//! FEEL, the one expression language of forms, gateways and rules.
