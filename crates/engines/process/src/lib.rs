//! Durable BPMN process instances and the tasks they offer.
