// The page on which a process is drawn.
import Modeler from "bpmn-js/lib/Modeler";
import { layoutProcess } from "bpmn-auto-layout";
import { pick } from "../words";
import { button, make } from "./dom";
import { Lint } from "./lint";
import { show, type Viewer } from "./model";
import { ourPalette } from "./palette";
import { outline, Properties } from "./properties";
import { Trial } from "./trial";
import { translateZh } from "./zh";
import { descriptor } from "./zt";

/** A model that a program wrote has no drawing; it gets one before it is shown. */
export async function drawn(xml: string): Promise<string> {
  return /<(\w+:)?BPMNShape\b/.test(xml) ? xml : layoutProcess(xml);
}

export const language = {
  translate: ["value", pick("zh", "en") === "zh" ? translateZh : (words: string, to: Record<string, string> = {}) => words.replace(/{([^}]+)}/g, (_whole, key: string) => to[key] ?? key)],
};

/** Panels of which one is seen at a time. */
function panels(room: HTMLElement, names: [string, string][]): { rooms: HTMLElement[]; tabs: HTMLButtonElement[]; open(at: number): void } {
  const list = make("div", { role: "tablist", class: "designer-tabs", "aria-label": pick("设计工具", "Tools") });
  const rooms: HTMLElement[] = [];
  const tabs: HTMLButtonElement[] = [];
  const open = (at: number): void => {
    rooms.forEach((one, index) => (one.hidden = index !== at));
    tabs.forEach((one, index) => {
      one.setAttribute("aria-selected", String(index === at));
      one.tabIndex = index === at ? 0 : -1;
    });
  };
  names.forEach(([id, words], at) => {
    const tab = make("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, class: "designer-tab" }, words);
    tab.addEventListener("click", () => open(at));
    tab.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      const to = (at + step + names.length) % names.length;
      open(to);
      tabs[to]?.focus();
    });
    tabs.push(tab);
    rooms.push(make("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, class: "designer-panel", tabindex: "0" }));
    list.append(tab);
  });
  room.append(list, ...rooms);
  open(0);
  return { rooms, tabs, open };
}

export async function edit(room: HTMLElement): Promise<void> {
  const form = document.querySelector<HTMLFormElement>("#design-form");
  const source = document.querySelector<HTMLTextAreaElement>("#xml");
  if (!form || !source) return;
  const csrf = form.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "";
  const { check = "", trial = "", preview = "" } = room.dataset;
  const canvas = make("div", { class: "designer-canvas", role: "region", "aria-label": pick("流程图，旁边的清单里有同样的元素", "The drawing; the list beside it holds the same elements") });
  const side = make("div", { class: "designer-side" });
  room.replaceChildren(canvas, side);
  const modeler = new Modeler({
    container: canvas,
    moddleExtensions: { zt: descriptor },
    additionalModules: [ourPalette, language] as never[],
  }) as unknown as Viewer;
  const { rooms, tabs, open } = panels(side, [
    ["properties", pick("属性", "Properties")],
    ["check", pick("检查", "Check")],
    ["trial", pick("试跑", "Trial run")],
    ["outline", pick("清单", "List")],
  ]);
  const [properties, checks, runs, elements] = rooms as [HTMLElement, HTMLElement, HTMLElement, HTMLElement];
  try {
    await modeler.importXML(await drawn(source.value));
  } catch (error) {
    room.replaceChildren(make("p", { class: "designer-finding-error" }, pick("这份文件画不出来：", "This file cannot be drawn: ") + (error as Error).message));
    return;
  }
  modeler.get("canvas").zoom("fit-viewport", "auto");
  new Properties(modeler, properties, (name) => void look(preview, name));
  const lint = new Lint(modeler, checks, check, csrf, (errors, warnings) => {
    const tab = tabs[1];
    if (tab) tab.textContent = `${pick("检查", "Check")} ${errors + warnings > 0 ? errors + warnings : "✓"}`;
  });
  new Trial(modeler, runs, trial, csrf);
  const list = (): void => outline(modeler, elements, (id) => {
    if (show(modeler, id)) open(0);
  });
  list();
  void lint.check();
  bar(modeler, canvas, room);
  keep(modeler, form, source, list);
}

/** What is pressed often: back and forth, larger and smaller. */
function bar(modeler: Viewer, canvas: HTMLElement, room: HTMLElement): void {
  const stack = modeler.get("commandStack");
  const zoom = modeler.get("zoomScroll");
  const group = make("div", { class: "designer-bar", role: "group", "aria-label": pick("画布", "Drawing") },
    button(pick("撤销", "Undo"), () => stack.undo()),
    button(pick("重做", "Redo"), () => stack.redo()),
    button(pick("放大", "Larger"), () => zoom.stepZoom(1)),
    button(pick("缩小", "Smaller"), () => zoom.stepZoom(-1)),
    button(pick("看全图", "See all"), () => modeler.get("canvas").zoom("fit-viewport", "auto")));
  room.insertBefore(group, canvas);
}

/** The form under the drawing carries what was drawn; leaving with unsaved work asks first. */
function keep(modeler: Viewer, form: HTMLFormElement, source: HTMLTextAreaElement, changed: () => void): void {
  let dirty = false;
  let written = source.value;
  modeler.on("commandStack.changed", () => {
    dirty = true;
    changed();
    void modeler.saveXML({ format: true }).then(({ xml }) => {
      // Whoever writes in the source by hand keeps what was written.
      if (xml && source.value === written) source.value = written = xml;
    });
  });
  form.addEventListener("submit", () => (dirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

/** The form of a task as officers and applicants see it, in a dialog; it is a page of its own too. */
async function look(base: string, name: string): Promise<void> {
  const href = base + encodeURIComponent(name);
  const answer = await fetch(href, { headers: { accept: "text/html" } });
  const dialog = make("dialog", { class: "designer-dialog", "aria-label": pick("表单预览", "The form") });
  const close = button(pick("关上", "Close"), () => dialog.close(), "button button-secondary button-small");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = answer.ok ? page.querySelector("[data-preview]") : null;
  const body = found ? document.importNode(found, true) : make("p", {}, pick("没有这张表单。", "There is no such form."));
  dialog.append(close, body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
