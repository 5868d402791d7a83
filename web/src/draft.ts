// Half-written words are kept while one types, phrases are put in where one stands, and the time in which something can
// still be undone is counted down. Without the script the same buttons send the form.
import { pick } from "./words";

const QUIET_MS = 1_500;

function keep(place: HTMLElement, area: HTMLTextAreaElement): void {
  const address = place.dataset.draft;
  const said = place.querySelector<HTMLElement>("[data-draft-said]");
  let timer = 0;
  let kept = area.value;
  const send = async (): Promise<void> => {
    const words = area.value;
    if (!address || words === kept) return;
    const csrf = area.form?.querySelector<HTMLInputElement>("input[name=csrf]")?.value ?? "";
    try {
      const body = new URLSearchParams({ csrf, reason: words, quiet: "1" });
      const answer = await fetch(address, { method: "POST", body, redirect: "error", keepalive: true });
      if (!answer.ok) throw new Error(String(answer.status));
      kept = words;
      const now = new Date();
      const time = `${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}`;
      if (said) said.textContent = pick(`已自动保存 ${time}`, `Kept at ${time}`);
    } catch {
      if (said) said.textContent = pick("没保存上，写的还在这一页", "Not kept; what you wrote is still on this page");
    }
  };
  area.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void send(), QUIET_MS);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void send();
  });
}

function insert(area: HTMLTextAreaElement, words: string): void {
  const from = area.selectionStart ?? area.value.length;
  const before = area.value.slice(0, from);
  const gap = before && !before.endsWith("\n") ? "\n" : "";
  area.setRangeText(gap + words, from, area.selectionEnd ?? from, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  const blank = area.value.indexOf("____", from);
  if (blank >= 0) area.setSelectionRange(blank, blank + 4);
}

function countDown(place: HTMLElement): void {
  const ends = Date.now() + Number(place.dataset.until) * 1000;
  const words = place.querySelector<HTMLElement>("[data-left]");
  const timer = window.setInterval(() => {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    if (words) words.textContent = String(left);
    if (left > 0) return;
    window.clearInterval(timer);
    for (const button of place.querySelectorAll<HTMLElement>("form")) button.hidden = true;
    if (place.dataset.then) window.setTimeout(() => location.assign(place.dataset.then ?? ""), 2_000);
  }, 250);
}

export function watchDrafts(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-draft]")) {
    const area = place.querySelector("textarea");
    if (!area) continue;
    keep(place, area);
    for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-insert]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        insert(area, button.dataset.insert ?? "");
      });
    }
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-until]")) countDown(place);
}
