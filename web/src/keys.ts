// Lists by keyboard: j and k walk the rows, o opens, x chooses, / goes to the search; a button with data-key answers to
// its letter. Nothing happens while one types, and every key has a visible control beside it.

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.matches) return false;
  return element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])");
}

function walk(rows: HTMLTableRowElement[], step: number): void {
  const here = rows.findIndex((row) => row.classList.contains("row-here"));
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + step))];
  if (!next) return;
  rows[here]?.classList.remove("row-here");
  next.classList.add("row-here");
  next.querySelector<HTMLElement>("th a, a, input")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function onRow(rows: HTMLTableRowElement[], key: string): boolean {
  if (key === "j" || key === "k") {
    walk(rows, key === "j" ? 1 : -1);
    return true;
  }
  const row = rows.find((one) => one.classList.contains("row-here"));
  const target = key === "o" ? row?.querySelector<HTMLElement>("th a, a") : key === "x" ? row?.querySelector<HTMLElement>("input[type=checkbox]") : null;
  target?.click();
  return Boolean(target);
}

export function watchKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>("[data-slash]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    const control = [...document.querySelectorAll<HTMLElement>("[data-key]")].find((one) => one.dataset.key === event.key);
    // Rows may have been fetched again since the page was opened.
    const rows = [...document.querySelectorAll<HTMLTableRowElement>("table[data-keys] tbody tr")];
    if (control) {
      event.preventDefault();
      control.click();
    } else if (rows.length > 0 && onRow(rows, event.key)) {
      event.preventDefault();
    }
  });
}
