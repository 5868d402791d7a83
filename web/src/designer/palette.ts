// Our palette: what processes of offices are made of, each with its Chinese name, and no more.
import { pick } from "../words";

const ENTRIES: [string, string, string, string, string, object?][] = [
  ["event", "bpmn:StartEvent", "bpmn-icon-start-event-none", "开始", "Start"],
  ["event", "bpmn:EndEvent", "bpmn-icon-end-event-none", "结束", "End"],
  ["event", "bpmn:IntermediateCatchEvent", "bpmn-icon-intermediate-event-catch-timer", "等时间", "Wait for a time", { eventDefinitionType: "bpmn:TimerEventDefinition" }],
  ["activity", "bpmn:UserTask", "bpmn-icon-user-task", "人员任务", "User task"],
  ["activity", "bpmn:ServiceTask", "bpmn-icon-service-task", "平台任务", "Service task"],
  ["activity", "bpmn:SubProcess", "bpmn-icon-subprocess-expanded", "子流程", "Sub-process", { isExpanded: true }],
  ["gateway", "bpmn:ExclusiveGateway", "bpmn-icon-gateway-xor", "排他网关：只走一条", "Exclusive gateway: one way"],
  ["gateway", "bpmn:ParallelGateway", "bpmn-icon-gateway-parallel", "并行网关：全部都走", "Parallel gateway: all ways"],
  ["gateway", "bpmn:InclusiveGateway", "bpmn-icon-gateway-or", "相容网关：走成立的", "Inclusive gateway: the ways that hold"],
  ["artifact", "bpmn:Participant", "bpmn-icon-participant", "池和泳道", "Pool with lanes"],
  ["artifact", "bpmn:TextAnnotation", "bpmn-icon-text-annotation", "注释", "Note"],
];

class Palette {
  static $inject = ["palette", "create", "elementFactory", "handTool", "lassoTool", "globalConnect"];
  constructor(
    palette: any,
    private create: any,
    private factory: any,
    private handTool: any,
    private lassoTool: any,
    private globalConnect: any,
  ) {
    palette.registerProvider(this);
  }

  getPaletteEntries(): Record<string, object> {
    const entries: Record<string, object> = {
      hand: this.tool("bpmn-icon-hand-tool", pick("移动画布", "Move the drawing"), (event) => this.handTool.activateHand(event)),
      lasso: this.tool("bpmn-icon-lasso-tool", pick("框选", "Select several"), (event) => this.lassoTool.activateSelection(event)),
      connect: this.tool("bpmn-icon-connection-multi", pick("连线", "Connect"), (event) => this.globalConnect.start(event)),
      "tool-separator": { group: "tools", separator: true },
    };
    for (const [group, type, className, zh, en, options] of ENTRIES) {
      const begin = (event: Event): void => {
        const shape =
          type === "bpmn:Participant" ? this.factory.createParticipantShape() : this.factory.createShape({ type, ...options });
        this.create.start(event, shape);
      };
      entries[`create.${type}`] = { group, className, title: pick(zh, en), action: { dragstart: begin, click: begin } };
    }
    return entries;
  }

  private tool(className: string, title: string, press: (event: Event) => void): object {
    return { group: "tools", className, title, action: { click: press } };
  }
}

/** Replaces the palette; leaves out menus whose pictures bring styles in markup, which no page of ours admits. */
export const ourPalette = {
  paletteProvider: ["type", Palette],
  alignElementsContextPadProvider: ["value", null],
  alignElementsMenuProvider: ["value", null],
  distributeElementsMenuProvider: ["value", null],
};
