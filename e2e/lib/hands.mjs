// How a person acts on a page: with the mouse, or with the keyboard alone.
// Both find things by what they are called, never by their place in the markup.

const TABS_MAX = 300;

/**
 * The first visible element that answers to this name. The exact name wins over a part of it, what stands in the
 * page over what stands in its frame, a button over a link.
 */
async function called(page, text, finders) {
  for (const exact of [true, false]) {
    for (const place of [page.locator("main"), page.locator("body")]) {
      for (const find of finders) {
        const found = find(place, text, exact).filter({ visible: true });
        if ((await found.count()) > 0) return found.first();
      }
    }
  }
  throw new Error(`nothing called "${text}" at ${page.url()}`);
}

const role = (kind) => (place, name, exact) => place.getByRole(kind, { name, exact });
const labelled = (place, text, exact) => place.getByLabel(text, { exact }).and(place.page().locator("input, select, textarea"));

/** A field by its label; "question > answer" is one answer of a group. */
export async function field(page, label) {
  const [group, answer] = label.split(" > ");
  if (answer === undefined) return called(page, label, [labelled]);
  const around = await called(page, group, [role("group")]);
  for (const exact of [true, false]) {
    const found = around.getByLabel(answer, { exact });
    if ((await found.count()) > 0) return found.first();
  }
  throw new Error(`no "${answer}" in "${group}" at ${page.url()}`);
}
export const press = (page, text) => called(page, text, [role("button"), role("link")]);

const kindOf = (element) =>
  element.evaluate((node) => (node.tagName === "INPUT" ? node.type : node.tagName.toLowerCase()));

/** Does it, and waits for the page it leads to. A press that leads nowhere ends at once. */
async function led(page, element, press) {
  const leads = await element.evaluate((node) => {
    const link = node.tagName === "A" && !(node.getAttribute("href") ?? "#").startsWith("#");
    return link || (node.form && node.type === "submit");
  });
  const away = leads
    ? Promise.race([page.waitForEvent("framenavigated"), page.waitForEvent("download")])
    : Promise.resolve();
  // Whoever loses the race is no concern of ours any more.
  away.catch(() => {});
  await press();
  await away;
  await page.waitForLoadState("load");
}

export const mouse = {
  async fill(page, label, value) {
    const element = await field(page, label);
    const kind = await kindOf(element);
    if (kind === "select") await element.selectOption({ label: value });
    else if (kind === "checkbox" || kind === "radio") await element.setChecked(value !== false, { force: true });
    else await element.fill(value);
  },
  async upload(page, label, file) {
    await (await field(page, label)).setInputFiles(file);
  },
  async press(page, text) {
    const element = await press(page, text);
    await led(page, element, () => element.click());
  },
};

/** Walks with Tab until the element has the focus, and looks whether a person sees where they are. */
async function walkTo(page, element) {
  for (let steps = 0; steps < TABS_MAX; steps += 1) {
    const state = await element.evaluate((node) => {
      const active = document.activeElement;
      // The picks of a group share one stop; arrows lead from one to the next.
      const group = node.type === "radio" && active?.type === "radio" && active.name === node.name && active.form === node.form;
      return active === node ? "here" : group ? "group" : "elsewhere";
    });
    if (state === "here") return seen(page, element);
    await page.keyboard.press(state === "group" ? "ArrowDown" : "Tab");
  }
  throw new Error(`the keyboard does not reach ${await element.evaluate((node) => node.outerHTML.slice(0, 120))}`);
}

/** WCAG 2.4.7 and 2.4.11: the focus shows, and nothing lies over the focused element. */
async function seen(page, element) {
  const fault = await element.evaluate((node) => {
    const shown = (styled) => {
      const style = getComputedStyle(styled);
      return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    };
    const around = [node, node.parentElement, ...(node.labels ?? []), node.closest("label")];
    if (!around.some((styled) => styled && shown(styled))) return "the focus does not show";
    const rect = node.getBoundingClientRect();
    const [x, y] = [rect.left + rect.width / 2, rect.top + rect.height / 2];
    if (rect.width < 2 || x < 0 || y < 0 || x > innerWidth || y > innerHeight) return null;
    const top = document.elementFromPoint(x, y);
    const own = top && (node.contains(top) || top.contains(node) || [...(node.labels ?? [])].some((label) => label.contains(top)));
    return own ? null : `covered by ${top?.tagName.toLowerCase()}.${top?.className}`;
  });
  if (fault) throw new Error(`${fault}: ${await element.evaluate((node) => node.outerHTML.slice(0, 120))}`);
}

export const keyboard = {
  async fill(page, label, value) {
    const element = await field(page, label);
    const kind = await kindOf(element);
    await walkTo(page, element);
    if (kind === "select") {
      // By arrows: choosing by typing would need an input method.
      await byArrows(page, element, value);
    } else if (kind === "radio") {
      if (!(await element.isChecked())) await page.keyboard.press("Space");
    } else if (kind === "checkbox") {
      if ((await element.isChecked()) !== (value !== false)) await page.keyboard.press("Space");
    } else {
      if ((await element.inputValue()) !== "") {
        await page.keyboard.press("Control+a");
        await page.keyboard.press("Delete");
      }
      await page.keyboard.insertText(value);
    }
  },
  async upload(page, label, file) {
    const element = await field(page, label);
    // The system's own file dialogue opens on Space; it is answered for the person. Listened for before the walk: the
    // browser takes a moment to hand dialogues over.
    const chooser = page.waitForEvent("filechooser");
    chooser.catch(() => {});
    await walkTo(page, element);
    await page.keyboard.press("Space");
    await (await chooser).setFiles(file);
  },
  async press(page, text) {
    const element = await press(page, text);
    await walkTo(page, element);
    await led(page, element, () => page.keyboard.press("Enter"));
  },
};

async function byArrows(page, element, value) {
  const { at, to } = await element.evaluate((node, value) => {
    const to = [...node.options].findIndex((option) => option.label.trim() === value);
    return { at: node.selectedIndex, to };
  }, value);
  if (to < 0) throw new Error(`no choice "${value}"`);
  for (let step = 0; step < Math.abs(to - at); step += 1) await page.keyboard.press(to > at ? "ArrowDown" : "ArrowUp");
}

