// What others do meanwhile: the rows of a list and the line that says who else looks are fetched again now and then,
// while somebody is at the page. What is ticked, where one stands and how far one has scrolled stays as it is.

const ROWS_MS = 30_000;
const LINE_MS = 20_000;
const AWAY_MS = 120_000;

let touched = Date.now();

function present(): boolean {
  return document.visibilityState === "visible" && Date.now() - touched < AWAY_MS;
}

async function part(address: string, selector: string): Promise<Element | null> {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(selector);
}

function rows(list: Element): HTMLTableRowElement[] {
  return [...list.querySelectorAll<HTMLTableRowElement>("tbody tr")];
}

function name(row: Element | null | undefined): string {
  return row?.querySelector<HTMLAnchorElement>("th a")?.getAttribute("href") ?? "";
}

// Without the tokens of forms, which are new each time.
function same(left: Element, right: Element): boolean {
  const words = (element: Element): string => element.innerHTML.replace(/name="csrf" value="[^"]*"/g, "");
  return words(left) === words(right);
}

async function renew(list: HTMLElement): Promise<HTMLElement> {
  const next = await part(location.href, "[data-fresh]");
  if (!(next instanceof HTMLElement) || list.querySelector("form[data-sent]")) return list;
  const ticked = new Set([...list.querySelectorAll<HTMLInputElement>("input[name=todo]:checked")].map((box) => box.value));
  const here = name(list.querySelector(".row-here"));
  const focus = list.contains(document.activeElement) ? document.activeElement : null;
  if (focus?.matches("input[type=text], input[type=search], select, textarea") || list.querySelector("details[open]")) return list;
  const focused = name(focus?.closest("tr"));
  const known = document.importNode(next, true) as HTMLElement;
  for (const box of known.querySelectorAll<HTMLInputElement>("input[name=todo]")) box.checked = ticked.has(box.value);
  const plain = list.cloneNode(true) as HTMLElement;
  for (const row of plain.querySelectorAll(".row-here")) row.classList.remove("row-here");
  for (const row of plain.querySelectorAll("[class='']")) row.removeAttribute("class");
  if (same(plain, next)) return list;
  list.replaceWith(known);
  for (const row of rows(known)) {
    if (here && name(row) === here) row.classList.add("row-here");
    if (focused && name(row) === focused) row.querySelector<HTMLElement>("th a")?.focus({ preventScroll: true });
  }
  return known;
}

export function watchFresh(): void {
  for (const kind of ["keydown", "pointerdown", "pointermove", "scroll"]) {
    document.addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
  }
  let list = document.querySelector<HTMLElement>("[data-fresh]");
  if (list) {
    window.setInterval(() => {
      if (list && present()) void renew(list).then((next) => (list = next)).catch(() => undefined);
    }, ROWS_MS);
  }
  const line = document.querySelector<HTMLElement>("[data-poll]");
  const address = line?.dataset.poll;
  if (line && address) {
    window.setInterval(() => {
      if (!present()) return;
      void part(address, "[data-poll]")
        .then((next) => {
          if (next && next.textContent !== line.textContent) line.innerHTML = next.innerHTML;
        })
        .catch(() => undefined);
    }, LINE_MS);
  }
}
