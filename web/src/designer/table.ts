// The page on which decision tables are written: the table itself, what the check finds, and a try with sample data.
import DecisionTable from "dmn-js-decision-table/lib/Editor";
import EditingManager from "dmn-js-shared/lib/base/EditingManager";
import { is } from "dmn-js-shared/lib/util/ModelUtil";
import { pick } from "../words";
import { ask, button, make } from "./dom";
import { tableZh } from "./table-zh";

interface Finding {
  line: number;
  element: string;
  text: string;
}

interface Checked {
  findings: Finding[];
  decisions: string[];
  inputs: string[];
}

const PAUSE_MS = 500;

/** Tables only: what else a file holds is kept as it is. */
class Tables extends EditingManager {
  _getViewProviders(): object[] {
    return [
      {
        id: "decisionTable",
        constructor: DecisionTable,
        opens: (element: any) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable"),
      },
    ];
  }
}

export async function tables(room: HTMLElement): Promise<void> {
  const source = document.querySelector<HTMLTextAreaElement>("#xml");
  const csrf = document.querySelector<HTMLInputElement>("#table-form input[name=csrf], #design-form input[name=csrf]")?.value ?? "";
  if (!source) return;
  const { check = "" } = room.dataset;
  const views = make("div", { class: "designer-bar", role: "group", "aria-label": pick("决策表", "Decision tables") });
  const canvas = make("div", { class: "designer-table", tabindex: "0", role: "region", "aria-label": pick("决策表，可横向滚动", "The decision table, scrolls sideways") });
  const found = make("div", { class: "designer-found", "aria-live": "polite" });
  room.replaceChildren(views, canvas, found);
  const translate = { translate: ["value", pick("zh", "en") === "zh" ? tableZh : (words: string, to: Record<string, string> = {}) => words.replace(/{([^}]+)}/g, (_all, key: string) => to[key] ?? key)] };
  const editor: any = new (Tables as any)({ container: canvas, decisionTable: { additionalModules: [translate] } });

  let timer = 0;
  // The form carries what stands in the table at once; only the check waits until one stops to write.
  const keep = async (): Promise<void> => {
    const { xml } = await editor.saveXML({ format: true });
    source.value = xml ?? source.value;
  };
  const changed = async (): Promise<void> => {
    nameNumbers(canvas);
    await keep();
    try {
      show(found, await ask<Checked>(check, csrf, { xml: source.value }));
    } catch (error) {
      found.replaceChildren(make("p", { class: "designer-finding-error" }, (error as Error).message));
    }
  };
  const open = async (): Promise<void> => {
    await editor.importXML(source.value);
    draw();
    await changed();
  };
  const draw = (): void => {
    views.replaceChildren();
    for (const view of editor.getViews()) {
      views.append(button(view.name ?? view.id ?? "", () => void editor.open(view)));
    }
  };
  editor.on("viewer.created", ({ viewer }: any) => {
    viewer.on("elements.changed", () => {
      void keep();
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void changed(), PAUSE_MS);
    });
  });
  const read = document.querySelector<HTMLInputElement>("#file");
  read?.addEventListener("change", async () => {
    const file = read.files?.[0];
    if (!file) return;
    source.value = await file.text();
    await open().catch((error: Error) => found.replaceChildren(make("p", { class: "designer-finding-error" }, error.message)));
  });
  await open();
}

/** The column of the numbers of rules has no name of its own; who hears the table gets one. */
function nameNumbers(canvas: HTMLElement): void {
  for (const head of canvas.querySelectorAll("th.index-column")) {
    if (!head.querySelector(".unseen")) head.append(make("span", { class: "unseen" }, pick("第几行", "Number of the rule")));
  }
}

function show(room: HTMLElement, { findings }: Checked): void {
  if (findings.length === 0) {
    room.replaceChildren(make("p", {}, pick("没有发现问题，可以运行。", "Nothing was found; it can run.")));
    return;
  }
  const list = make("ul", { class: "designer-list" });
  for (const one of findings) {
    list.append(make("li", { class: "designer-finding designer-finding-error" }, `${pick("第", "Line")} ${one.line} ${pick("行", "")} ${one.element}：${one.text}`));
  }
  room.replaceChildren(list);
}
