// The attributes of the platform in a model, so that the modeler keeps them with their meaning.
const text = (name: string) => ({ name, isAttr: true, type: "String" });

export const NAMESPACE = "https://zhengtong.dev/bpmn";

export const descriptor = {
  name: "Zhengtong",
  uri: NAMESPACE,
  prefix: "zt",
  xml: { tagAlias: "lowerCase" },
  types: [
    {
      name: "Work",
      extends: ["bpmn:FlowNode"],
      properties: ["role", "form", "days", "outcomes", "action", "notice", "key", "decision", "result", "calls"].map(text),
    },
    { name: "Duty", extends: ["bpmn:Lane"], properties: [text("role")] },
  ],
};
