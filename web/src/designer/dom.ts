// Small hands for building the panels: no markup in strings, no inline style.
type Child = Node | string | null;

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

export function button(words: string, press: () => void, kind = "button button-quiet button-small"): HTMLButtonElement {
  const made = make("button", { type: "button", class: kind }, words);
  made.addEventListener("click", press);
  return made;
}

/** Sends fields as a form does, with the token of the page, and reads the answer. */
export async function ask<T>(to: string, csrf: string, fields: Record<string, string>): Promise<T> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const answer = await fetch(to, {
    method: "POST",
    body,
    headers: { accept: "application/json", "x-csrf-token": csrf },
    redirect: "error",
  });
  const found = (await answer.json()) as T & { detail?: string; title?: string };
  if (!answer.ok) throw new Error(found.detail ?? found.title ?? String(answer.status));
  return found;
}
