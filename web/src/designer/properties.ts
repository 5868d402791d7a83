// The properties of the selected element: what the platform needs to know to run it, each with a sentence.
import { pick } from "../words";
import { button, make } from "./dom";
import { kindOf, nameOf, type Moddle, type Shape, type Viewer } from "./model";

interface Property {
  name: string;
  label: string;
  hint: string;
  list?: string;
  whole?: boolean;
}

const WORK: Property[] = [
  { name: "zt:role", label: pick("办理角色", "Role"), hint: pick("谁来办；在泳道里可以不写", "Who does it; a lane can say it instead"), list: "designer-roles" },
  { name: "zt:days", label: pick("办理时限（工作日）", "Working days"), hint: pick("1 到 3650", "1 to 3650"), whole: true },
  { name: "zt:outcomes", label: pick("办理结果", "Outcomes"), hint: pick("用英文逗号分开，例如 pass,return,refuse", "Separated by commas, such as pass,return,refuse") },
  { name: "zt:form", label: pick("表单", "Form"), hint: pick("这一步填哪张表", "The form shown with it"), list: "designer-forms" },
  { name: "zt:notice", label: pick("通知", "Notice"), hint: pick("到这一步时发给申请人的通知", "What the applicant is told at this step"), list: "designer-notices" },
];
const SERVICE: Property[] = [
  { name: "zt:action", label: pick("动作", "Action"), hint: pick("平台做什么，由办件类型声明", "What the platform does, as the case type declares"), list: "designer-actions" },
  { name: "zt:days", label: pick("办理时限（工作日）", "Working days"), hint: pick("1 到 3650", "1 to 3650"), whole: true },
  { name: "zt:notice", label: pick("通知", "Notice"), hint: pick("随这一步发的通知", "The notice sent with it"), list: "designer-notices" },
];
const RESULT: Property = { name: "zt:result", label: pick("结果的名称", "Name of the result"), hint: pick("后面的条件用这个名称取结果", "Later conditions read the result by this name") };
const RULES: Property[] = [
  { name: "zt:decision", label: pick("决策", "Decision"), hint: pick("文件#决策，或 包:文件#决策", "file#decision, or pack:file#decision"), list: "designer-decisions" },
  RESULT,
];
const CALLING: Property[] = [
  { name: "zt:calls", label: pick("调用的流程", "The process it calls"), hint: pick("包:流程；包要写在 needs 里", "pack:process; needs must name the pack"), list: "designer-calls" },
];
const EVENTS: [string, string, string, string][] = [
  ["bpmn:MessageEventDefinition", "messageRef", "bpmn:Message", pick("消息的名称", "Name of the message")],
  ["bpmn:SignalEventDefinition", "signalRef", "bpmn:Signal", pick("信号的名称", "Name of the signal")],
];
const TIMERS: [string, string][] = [
  ["timeDuration", pick("时长，例如 P5D", "A length of time, such as P5D")],
  ["timeDate", pick("时刻，例如 2027-01-01T09:00:00+08:00", "A moment, such as 2027-01-01T09:00:00+08:00")],
  ["timeCycle", pick("周期，例如 R3/P1D", "A cycle, such as R3/P1D")],
];
const NEXT: [string, string, object?][] = [
  ["bpmn:UserTask", pick("人员任务", "User task")],
  ["bpmn:ServiceTask", pick("平台任务", "Service task")],
  ["bpmn:ExclusiveGateway", pick("排他网关", "Exclusive gateway")],
  ["bpmn:ParallelGateway", pick("并行网关", "Parallel gateway")],
  ["bpmn:EndEvent", pick("结束", "End")],
];

export class Properties {
  private element: Shape | null = null;

  constructor(
    private viewer: Viewer,
    private room: HTMLElement,
    private preview: (form: string) => void,
  ) {
    viewer.on("selection.changed", ({ newSelection }) => this.draw(newSelection.length === 1 ? newSelection[0] : null));
    viewer.on("element.changed", ({ element }) => {
      // What is being typed is not drawn anew under the hands.
      if (element === this.element && !this.room.contains(document.activeElement)) this.draw(element);
    });
    this.draw(null);
  }

  private draw(selected: Shape | null): void {
    const element = selected?.labelTarget ?? selected;
    this.element = element;
    this.room.replaceChildren();
    const target: Shape = element ?? this.viewer.get("canvas").getRootElement();
    if (!target?.businessObject) return;
    const object = target.businessObject;
    this.room.append(make("h2", { class: "designer-what" }, kindOf(target)), make("p", { class: "meta" }, target.id));
    this.field(pick("名称", "Name"), pick("办事人看得到的中文名称", "The Chinese name that people see"), object.name ?? "", (name) => this.set(target, { name: name || undefined }));
    this.documentation(target);
    if (element) this.details(element, object);
    if (element && this.canLead(object)) this.next(element);
    if (element) {
      const remove = button(pick("删除", "Remove"), () => this.viewer.get("modeling").removeElements([element]));
      this.room.append(make("p", {}, remove));
    }
  }

  private details(element: Shape, object: Moddle): void {
    const type = object.$type;
    if (/:(User|Manual|Receive)Task$/.test(type)) this.properties(element, WORK);
    else if (type === "bpmn:BusinessRuleTask") this.properties(element, RULES);
    else if (type === "bpmn:CallActivity") this.properties(element, CALLING);
    else if (/:(Service|Script|Send)Task$/.test(type)) this.properties(element, type === "bpmn:ScriptTask" ? [...SERVICE, RESULT] : SERVICE);
    else if (type === "bpmn:Task") {
      this.room.append(make("p", { class: "hint" }, pick("请换成人员任务或平台任务，才知道由谁办。", "Make it a user task or a service task, so that it is known who does it.")));
      for (const [to, words] of NEXT.slice(0, 2)) this.room.append(button(words, () => this.become(element, to)));
    } else if (type === "bpmn:Lane") this.properties(element, WORK.slice(0, 1));
    else if (type === "bpmn:SequenceFlow") this.flow(element, object);
    const form = object.get("zt:form");
    if (form) this.room.append(button(pick("看这张表单", "Look at the form"), () => this.preview(form), "button button-secondary button-small"));
    const timer = object.eventDefinitions?.find((one: Moddle) => one.$type === "bpmn:TimerEventDefinition");
    if (timer) this.timer(element, timer);
    for (const [kind, reference, shared, label] of EVENTS) {
      const event = object.eventDefinitions?.find((one: Moddle) => one.$type === kind);
      if (event) this.field(label, "", event[reference]?.name ?? "", (name) => this.event(element, event, reference, shared, name));
    }
  }

  /** The message or signal of a name: one for the whole file, made when it is first named. */
  private event(element: Shape, event: Moddle, reference: string, kind: string, name: string): void {
    const file: Moddle = this.viewer.get("canvas").getRootElement().businessObject.$parent;
    const shared: Moddle[] = file.rootElements;
    let found = shared.find((one) => one.$type === kind && one.name === name);
    if (!found && name) {
      const count = shared.filter((one) => one.$type === kind).length;
      found = this.viewer.get("moddle").create(kind, { id: `${kind.replace("bpmn:", "").toLowerCase()}_${count + 1}`, name }) as Moddle;
      found["$parent"] = file;
      shared.push(found);
    }
    this.viewer.get("modeling").updateModdleProperties(element, event, { [reference]: found });
  }

  private properties(element: Shape, properties: Property[]): void {
    for (const property of properties) {
      const value: string = element.businessObject.get(property.name) ?? "";
      this.field(property.label, property.hint, value, (typed) => this.set(element, { [property.name]: typed || undefined }), property);
    }
  }

  private documentation(element: Shape): void {
    const object = element.businessObject;
    const kept: string = object.documentation?.[0]?.text ?? "";
    const hint = pick("第一行是英文名称，下面写办事人要知道的", "The first line is the English name; below it, what the officer should know");
    this.field(pick("说明", "Documentation"), hint, kept, (text) => {
      const moddle = this.viewer.get("moddle");
      this.set(element, { documentation: text ? [moddle.create("bpmn:Documentation", { text })] : [] });
    }, { rows: 3 });
  }

  private flow(element: Shape, object: Moddle): void {
    const source: Moddle = object.sourceRef;
    const decides = /:(Exclusive|Inclusive|Complex)Gateway$/.test(source.$type);
    const isDefault = source.default === object;
    if (decides) {
      const id = "designer-default";
      const box = make("input", { type: "checkbox", id, checked: isDefault });
      box.addEventListener("change", () => {
        const gateway = this.viewer.get("elementRegistry").get(source.id);
        this.set(gateway, { default: box.checked ? object : undefined });
        if (box.checked) this.set(element, { conditionExpression: undefined });
        this.draw(element);
      });
      this.room.append(make("p", { class: "designer-tick" }, box, " ", make("label", { for: id }, pick("默认流：别的条件都不成立时走这里", "Default flow: taken when no condition holds"))));
    }
    if (isDefault) return;
    const hint = pick("FEEL，例如 outcome = \"accept\" and area > 100", "FEEL, such as outcome = \"accept\" and area > 100");
    this.field(pick("条件", "Condition"), hint, object.conditionExpression?.body ?? "", (body) => {
      const moddle = this.viewer.get("moddle");
      this.set(element, { conditionExpression: body ? moddle.create("bpmn:FormalExpression", { body }) : undefined });
    }, { rows: 2, code: true });
  }

  private timer(element: Shape, timer: Moddle): void {
    const [used] = TIMERS.find(([name]) => timer[name]) ?? ["timeDuration"];
    for (const [name, label] of TIMERS) {
      if (name !== used && timer[used]) continue;
      this.field(label, "", timer[name]?.body ?? "", (body) => {
        const moddle = this.viewer.get("moddle");
        const value = body ? moddle.create("bpmn:FormalExpression", { body }) : undefined;
        this.viewer.get("modeling").updateModdleProperties(element, timer, { [name]: value });
      });
    }
  }

  private canLead(object: Moddle): boolean {
    return Boolean(object.$instanceOf("bpmn:FlowNode")) && object.$type !== "bpmn:EndEvent";
  }

  /** The same as drawing with the mouse: what comes after the selected element. */
  private next(element: Shape): void {
    const group = make("div", { class: "designer-next", role: "group", "aria-label": pick("后面加", "Add behind it") });
    group.append(make("p", { class: "label" }, pick("后面加", "Add behind it")));
    for (const [type, words] of NEXT) {
      group.append(button(words, () => {
        const shape = this.viewer.get("elementFactory").createShape({ type });
        this.viewer.get("autoPlace").append(element, shape);
        this.viewer.get("selection").select(shape);
      }));
    }
    group.append(this.lead(element));
    this.room.append(group);
  }

  /** Joins the selected element to one that is there. */
  private lead(element: Shape): HTMLElement {
    const id = "designer-lead";
    const choice = make("select", { id, class: "input" });
    const nodes: Shape[] = this.viewer.get("elementRegistry").filter((one: Shape) =>
      Boolean(one.businessObject?.$instanceOf?.("bpmn:FlowNode")) && !one.labelTarget && one !== element && one.type !== "label" && one.businessObject.$type !== "bpmn:StartEvent");
    for (const node of nodes) choice.append(make("option", { value: node.id }, `${kindOf(node)} ${nameOf(node)}`));
    const join = button(pick("连线", "Connect"), () => {
      const target = this.viewer.get("elementRegistry").get(choice.value);
      if (target) this.viewer.get("modeling").connect(element, target);
    });
    return make("div", { class: "field field-tight" }, make("label", { class: "label", for: id }, pick("连到", "Lead on to")), choice, join);
  }

  private become(element: Shape, type: string): void {
    const made = this.viewer.get("bpmnReplace").replaceElement(element, { type });
    this.viewer.get("selection").select(made);
  }

  private set(element: Shape, values: object): void {
    this.viewer.get("modeling").updateProperties(element, values);
  }

  private field(
    label: string,
    hint: string,
    value: string,
    keep: (value: string) => void,
    options: { list?: string; whole?: boolean; rows?: number; code?: boolean } = {},
  ): void {
    const id = `designer-${this.room.querySelectorAll("input, textarea").length}`;
    const common: Record<string, string> = { id, class: "input", autocomplete: "off", spellcheck: "false" };
    if (hint) common["aria-describedby"] = `${id}-hint`;
    let control: HTMLInputElement | HTMLTextAreaElement;
    if (options.rows) control = make("textarea", { ...common, rows: String(options.rows) });
    else control = make("input", { ...common, type: "text", ...(options.whole ? { inputmode: "numeric" } : {}), ...(options.list ? { list: options.list } : {}) });
    control.value = value;
    control.addEventListener("change", () => keep(control.value.trim()));
    const field = make("div", { class: "field field-tight" }, make("label", { class: "label", for: id }, label));
    if (hint) field.append(make("p", { class: "hint", id: `${id}-hint` }, hint));
    field.append(control);
    this.room.append(field);
  }
}

/** From where to where a flow leads. */
function between(element: Shape): string {
  const { sourceRef, targetRef } = element.businessObject;
  if (!sourceRef?.id || !targetRef?.id) return "";
  return `${sourceRef.name || sourceRef.id} → ${targetRef.name || targetRef.id}`;
}

/** Everything in the drawing as a list: the way to every element for who uses no mouse. */
export function outline(viewer: Viewer, room: HTMLElement, pressed: (id: string) => void): void {
  const elements: Shape[] = viewer.get("elementRegistry").filter((one: Shape) => {
    const shown = /:(?!Process|Collaboration|Definitions)/.test(one.type ?? "");
    return shown && one.type !== "label" && one.businessObject && !one.labelTarget;
  });
  const list = make("ul", { class: "designer-list" });
  for (const element of elements) {
    const words = [kindOf(element), element.businessObject.name, between(element)].filter(Boolean).join(" ");
    const entry = button(words, () => pressed(element.id), "designer-entry");
    list.append(make("li", {}, entry));
  }
  room.replaceChildren(list);
}
