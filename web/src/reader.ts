// The papers beside what is written: the open one is marked, and [ and ] change to the one before and the next. Where one
// writes, the same keys work together with Alt.

export function watchReader(): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("a[target=reader]")];
  if (!links.length) return;
  const open = (): number => links.findIndex((link) => link.ariaCurrent);
  for (const link of links) {
    link.addEventListener("click", () => {
      for (const one of links) one.ariaCurrent = one === link ? "true" : null;
    });
  }
  document.addEventListener("keydown", (event) => {
    const step = { BracketLeft: -1, BracketRight: 1 }[event.code];
    const writes = (event.target as HTMLElement).matches("textarea, input");
    if (!step || event.ctrlKey || event.metaKey || event.altKey !== writes) return;
    event.preventDefault();
    links[0]!.closest("details")!.open = true;
    links[open() < 0 ? 0 : (open() + step + links.length) % links.length]!.click();
  });
}
