//! BPMN 2.0: model, checks, and pure execution (definition, state, command) -> (state, effects).
