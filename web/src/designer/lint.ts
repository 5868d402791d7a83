// What speaks against the model, as the server sees it: asked while one draws, shown as a list that leads to the place.
import { pick } from "../words";
import { ask, make } from "./dom";
import { show, type Viewer } from "./model";

interface Finding {
  level: "error" | "warning";
  element: string;
  line: number;
  text: string;
}

interface Checked {
  findings: Finding[];
  runs: boolean;
}

const PAUSE_MS = 500;

export class Lint {
  private timer = 0;
  private asked = 0;
  private marks: string[] = [];

  constructor(
    private viewer: Viewer,
    private room: HTMLElement,
    private to: string,
    private csrf: string,
    private told: (errors: number, warnings: number) => void,
  ) {
    viewer.on("commandStack.changed", () => this.soon());
    room.setAttribute("aria-live", "polite");
  }

  soon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(), PAUSE_MS);
  }

  async check(): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    try {
      const { xml } = await this.viewer.saveXML({ format: true });
      const checked = await ask<Checked>(this.to, this.csrf, { xml: xml ?? "" });
      if (mine === this.asked) this.draw(checked);
    } catch (error) {
      if (mine === this.asked) this.room.replaceChildren(make("p", { class: "hint" }, pick("没查成，改动后会再查：", "Could not check, will try again: ") + String((error as Error).message)));
    }
  }

  private draw({ findings }: Checked): void {
    const canvas = this.viewer.get("canvas");
    const registry = this.viewer.get("elementRegistry");
    for (const id of this.marks) if (registry.get(id)) for (const level of ["error", "warning"]) canvas.removeMarker(id, `designer-${level}`);
    this.marks = [];
    const list = make("ul", { class: "designer-list" });
    for (const finding of findings) {
      const found = registry.get(finding.element);
      if (found) {
        canvas.addMarker(finding.element, `designer-${finding.level}`);
        this.marks.push(finding.element);
      }
      const level = finding.level === "error" ? pick("错误", "Error") : pick("提醒", "Notice");
      const name = found?.businessObject?.name || finding.element;
      const entry = make("button", { type: "button", class: `designer-entry designer-finding designer-finding-${finding.level}`, "data-element": finding.element });
      entry.append(make("strong", {}, level), ` ${name}：${finding.text}`);
      entry.addEventListener("click", () => show(this.viewer, finding.element));
      list.append(make("li", {}, entry));
    }
    const errors = findings.filter((one) => one.level === "error").length;
    const words = findings.length === 0 ? pick("没有发现问题，可以运行。", "Nothing was found; it can run.") : "";
    this.room.replaceChildren(words ? make("p", {}, words) : list);
    this.told(errors, findings.length - errors);
  }
}
