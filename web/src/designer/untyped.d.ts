// These packages bring no types.
declare module "bpmn-auto-layout" {
  export function layoutProcess(xml: string): Promise<string>;
}
declare module "dmn-js-decision-table/lib/Editor";
declare module "dmn-js-shared/lib/util/ModelUtil";
declare module "dmn-js-shared/lib/base/EditingManager" {
  export default class EditingManager {}
}
