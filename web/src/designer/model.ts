// What the designer uses of the modeler, in as few words as it needs.
export interface Moddle {
  $type: string;
  id: string;
  name?: string;
  get(name: string): any;
  [name: string]: any;
}

export interface Shape {
  id: string;
  type: string;
  businessObject: Moddle;
  labelTarget?: Shape;
  parent?: Shape;
  x: number;
  y: number;
  width: number;
  height: number;
  waypoints?: { x: number; y: number }[];
}

export interface Viewer {
  get(service: string): any;
  importXML(xml: string): Promise<unknown>;
  saveXML(options: { format: boolean }): Promise<{ xml?: string }>;
  on(event: string, listener: (event: any) => void): void;
}

const KINDS: [string, string, string][] = [
  ["StartEvent", "开始", "Start"],
  ["EndEvent", "结束", "End"],
  ["BoundaryEvent", "边界事件", "Boundary event"],
  ["IntermediateCatchEvent", "等待事件", "Waiting event"],
  ["IntermediateThrowEvent", "中间事件", "Event"],
  ["UserTask", "人员任务", "User task"],
  ["ManualTask", "线下任务", "Manual task"],
  ["ServiceTask", "平台任务", "Service task"],
  ["BusinessRuleTask", "规则任务", "Rule task"],
  ["ScriptTask", "脚本任务", "Script task"],
  ["SendTask", "发送任务", "Send task"],
  ["ReceiveTask", "接收任务", "Receive task"],
  ["Task", "任务", "Task"],
  ["SubProcess", "子流程", "Sub-process"],
  ["CallActivity", "调用", "Call"],
  ["ExclusiveGateway", "排他网关", "Exclusive gateway"],
  ["ParallelGateway", "并行网关", "Parallel gateway"],
  ["InclusiveGateway", "相容网关", "Inclusive gateway"],
  ["EventBasedGateway", "事件网关", "Event-based gateway"],
  ["SequenceFlow", "顺序流", "Flow"],
  ["Participant", "池", "Pool"],
  ["Lane", "泳道", "Lane"],
  ["TextAnnotation", "注释", "Note"],
  ["Process", "流程", "Process"],
  ["Collaboration", "流程", "Process"],
];

import { pick } from "../words";

/** What an element is, in words. */
export function kindOf(element: Shape): string {
  const type = element.businessObject.$type.replace("bpmn:", "");
  const known = KINDS.find(([name]) => name === type);
  return known ? pick(known[1], known[2]) : type;
}

/** What an element is called. */
export function nameOf(element: Shape): string {
  return element.businessObject.name || element.id;
}

/** Brings an element into the middle of the drawing and selects it. */
export function show(viewer: Viewer, id: string): boolean {
  const element: Shape | undefined = viewer.get("elementRegistry").get(id);
  if (!element) return false;
  const canvas = viewer.get("canvas");
  const view = canvas.viewbox();
  const points = element.waypoints;
  const middle = points
    ? points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 }
    : { x: element.x + element.width / 2, y: element.y + element.height / 2 };
  canvas.viewbox({ x: middle.x - view.width / 2, y: middle.y - view.height / 2, width: view.width, height: view.height });
  viewer.get("selection").select(element);
  return true;
}
