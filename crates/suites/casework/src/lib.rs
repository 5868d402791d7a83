//! Cases: numbering, states by process, the promised date, acts of officers, the timeline.
