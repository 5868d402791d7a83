// Running a token with sample data: each step is asked of the server, which runs it as it runs real instances and keeps nothing.
import { pick } from "../words";
import { ask, button, make } from "./dom";
import { show, type Viewer } from "./model";

interface Open {
  number: number;
  node: string;
  name: string;
  kind: "person" | "service" | "event";
  role: string | null;
  outcomes: string[];
}

interface Step {
  state: object;
  open: Open[];
  tokens: string[];
  ended: boolean;
}

/** One step with what led to it. */
interface Past {
  step: Step;
  words: string;
}

export class Trial {
  private past: Past[] = [];
  private xml = "";
  private readonly vars: HTMLTextAreaElement;
  private readonly course: HTMLElement;

  constructor(
    private viewer: Viewer,
    room: HTMLElement,
    private to: string,
    private csrf: string,
  ) {
    const id = "designer-vars";
    this.vars = make("textarea", { id, class: "input designer-code", rows: "4", spellcheck: "false", "aria-describedby": `${id}-hint` });
    this.vars.value = "{ }";
    this.course = make("div", { class: "designer-course", "aria-live": "polite" });
    room.append(
      make("div", { class: "field field-tight" },
        make("label", { class: "label", for: id }, pick("样例数据", "Sample data")),
        make("p", { class: "hint", id: `${id}-hint` }, pick("JSON，条件看得到的值，例如 { \"area\": 120 }", "JSON that conditions see, such as { \"area\": 120 }")),
        this.vars),
      button(pick("从头试跑", "Run from the start"), () => void this.begin(), "button button-secondary button-small"),
      this.course,
    );
    viewer.on("commandStack.changed", () => this.forget());
  }

  private forget(): void {
    if (this.past.length === 0) return;
    this.past = [];
    this.mark([]);
    this.course.replaceChildren(make("p", { class: "hint" }, pick("图改过了，请从头试跑。", "The drawing changed; run it from the start.")));
  }

  private async begin(): Promise<void> {
    const { xml } = await this.viewer.saveXML({ format: true });
    this.xml = xml ?? "";
    this.past = [];
    await this.move(pick("开始", "Start"), {});
  }

  private async move(words: string, fields: Record<string, string>): Promise<void> {
    try {
      const step = await ask<Step>(this.to, this.csrf, { xml: this.xml, vars: this.vars.value, ...fields });
      this.past.push({ step, words });
      this.draw();
    } catch (error) {
      const said = make("p", { class: "designer-finding-error" }, (error as Error).message);
      this.course.querySelector(".designer-finding-error")?.remove();
      this.course.prepend(said);
    }
  }

  private back(): void {
    this.past.pop();
    this.draw();
  }

  private command(open: Open, outcome: string | null): object {
    let vars: object;
    try {
      vars = JSON.parse(this.vars.value || "{}") as object;
    } catch {
      vars = {};
    }
    if (open.kind === "event") return { command: "happen", wait: open.number, vars };
    if (open.kind === "service") return { command: "complete_service", task: open.number, vars };
    return { command: "complete_task", task: open.number, vars: outcome ? { ...vars, outcome } : vars };
  }

  private draw(): void {
    const now = this.past[this.past.length - 1];
    this.mark(now?.step.tokens ?? []);
    if (!now) {
      this.course.replaceChildren();
      return;
    }
    const history = make("ol", { class: "designer-history" });
    for (const one of this.past) history.append(make("li", {}, one.words));
    const next = make("div", { class: "designer-steps" });
    for (const open of now.step.open) next.append(this.choice(open, now.step));
    if (now.step.ended) next.append(make("p", {}, make("strong", {}, pick("办结，没有剩下的令牌。", "It has ended, no token is left."))));
    const back = button(pick("退一步", "One step back"), () => this.back());
    this.course.replaceChildren(next, make("p", {}, this.past.length > 1 ? back : null), history);
  }

  private choice(open: Open, step: Step): HTMLElement {
    const name = open.name || open.node;
    const who = open.kind === "person" ? (open.role ?? "") : open.kind === "service" ? pick("平台", "platform") : pick("事件", "event");
    const group = make("div", { class: "designer-step", role: "group", "aria-label": name });
    const place = button(name, () => show(this.viewer, open.node), "designer-entry");
    group.append(place, make("span", { class: "meta" }, who));
    const outcomes: (string | null)[] = open.outcomes.length > 0 ? open.outcomes : [null];
    for (const outcome of outcomes) {
      const words = outcome ?? (open.kind === "event" ? pick("发生", "Happens") : pick("办完", "Done"));
      group.append(button(words, () => {
        const command = JSON.stringify(this.command(open, outcome));
        void this.move(`${name} → ${words}`, { state: JSON.stringify(step.state), command });
      }));
    }
    return group;
  }

  private mark(tokens: string[]): void {
    const canvas = this.viewer.get("canvas");
    const registry = this.viewer.get("elementRegistry");
    for (const element of registry.filter((one: any) => canvas.hasMarker(one, "designer-token"))) canvas.removeMarker(element, "designer-token");
    for (const id of tokens) if (registry.get(id)) canvas.addMarker(id, "designer-token");
  }
}
