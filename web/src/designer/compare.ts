// Two versions side by side; the table under them says what changed, and leads to the place.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { drawn, language } from "./edit";
import { button, make } from "./dom";
import { show, type Viewer } from "./model";
import { descriptor } from "./zt";

async function side(room: HTMLElement, source: HTMLTextAreaElement): Promise<Viewer> {
  const canvas = make("div", { class: "designer-canvas designer-canvas-half", role: "region", "aria-label": source.dataset.label ?? "" });
  room.append(make("div", { class: "designer-half" }, make("p", { class: "label" }, source.dataset.label ?? ""), canvas));
  const viewer = new NavigatedViewer({ container: canvas, moddleExtensions: { zt: descriptor }, additionalModules: [language] as never[] }) as unknown as Viewer;
  await viewer.importXML(await drawn(source.value));
  viewer.get("canvas").zoom("fit-viewport", "auto");
  return viewer;
}

export async function compare(room: HTMLElement): Promise<void> {
  const sources = [...document.querySelectorAll<HTMLTextAreaElement>("textarea[data-version]")];
  const viewers: Viewer[] = [];
  room.replaceChildren();
  for (const source of sources) viewers.push(await side(room, source));
  for (const row of document.querySelectorAll<HTMLElement>("[data-element][data-changed]")) {
    const { element = "", changed = "" } = row.dataset;
    for (const viewer of viewers) {
      if (viewer.get("elementRegistry").get(element)) viewer.get("canvas").addMarker(element, `designer-${changed}`);
    }
    const entry = button(row.textContent ?? element, () => {
      for (const viewer of viewers) show(viewer, element);
      room.scrollIntoView({ block: "nearest" });
    }, "designer-entry");
    row.replaceChildren(entry);
  }
}
