// Runs inside the page: one function without any outer name, because it is sent there as text.
// What axe does not judge: structure, sideways scroll, sizes of targets, language, inline style.

export function inPage({ width, mode, data = [] }) {
  const faults = [];
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const name = (element) => {
    const text = (element.getAttribute("aria-label") ?? element.innerText ?? "").trim().slice(0, 20);
    return `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ""} "${text || element.name || ""}"`;
  };
  const visible = (element) =>
    element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: false }) &&
    element.getBoundingClientRect().width > 1;

  function structure() {
    const root = document.documentElement;
    if (!/^(zh-CN|en)$/.test(root.lang)) faults.push(`the language is "${root.lang}"`);
    if (!/^\S.* – (.+ – )?(政通|Zhengtong)$/.test(document.title)) faults.push(`the title is "${document.title}"`);
    const heads = all("h1").filter(visible);
    if (heads.length !== 1) faults.push(`${heads.length} headings of level 1`);
    if (all("main").length !== 1) faults.push(`${all("main").length} main elements`);
    for (const part of ["header", "footer"]) if (all(part).length === 0) faults.push(`no ${part}`);
    const first = all("a[href], button, input, select, textarea, summary")[0];
    const target = first?.getAttribute("href") ?? "";
    if (!target.startsWith("#") || !document.getElementById(target.slice(1))) faults.push("the first control is no skip link");
    for (const element of all("[style]")) faults.push(`an inline style on ${name(element)}`);
    for (const element of all("form")) {
      if (!element.noValidate && element.querySelector("[required],[pattern]")) faults.push("the browser's own validation is on");
    }
    const ids = all("[id]").map((element) => element.id);
    const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
    if (twice.length > 0) faults.push(`ids used twice: ${[...new Set(twice)].join(", ")}`);
    if (!document.querySelector("footer")?.innerText.includes("12345")) faults.push("no 12345 in the footer");
  }

  function language() {
    if (document.documentElement.lang !== "en") return;
    const known = new RegExp(data.join("|") || "$^", "gu");
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const spoken = node.parentElement.closest("[lang]")?.lang;
      const shown = visible(node.parentElement) && !node.parentElement.closest("script,style,[translate=no]");
      const words = node.textContent.replace(known, "");
      if (spoken === "en" && shown && /\p{Script=Han}/u.test(words)) {
        faults.push(`Chinese on an English page: "${node.textContent.trim().slice(0, 30)}"`);
      }
    }
  }

  function layout() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
      const wide = all("body *").find((element) => {
        const scroller = element.parentElement.closest("[data-scroll], .scroll");
        return !scroller && visible(element) && element.getBoundingClientRect().right > clientWidth + 1;
      });
      faults.push(`sideways scroll: ${scrollWidth} in ${clientWidth}${wide ? `, by ${name(wide)}` : ""}`);
    }
  }

  // A link within a sentence may be as high as its line (WCAG 2.5.8, exception "inline").
  const inline = (element) => {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const around = element.parentElement.innerText.trim();
    return around.length > element.innerText.trim().length + 1;
  };

  // A tick or pick may be pressed on its label as well.
  const box = (element) => {
    let rect = element.getBoundingClientRect();
    if (!/^(checkbox|radio|file)$/.test(element.type)) return rect;
    for (const label of element.labels ?? []) {
      const other = label.getBoundingClientRect();
      const left = Math.min(rect.left, other.left);
      const top = Math.min(rect.top, other.top);
      rect = new DOMRect(left, top, Math.max(rect.right, other.right) - left, Math.max(rect.bottom, other.bottom) - top);
    }
    return rect;
  };

  // A small target is large enough when a circle of 24 px around it meets no other (WCAG 2.5.8, exception "spacing").
  const spaced = (rect, others) => {
    const [x, y] = [rect.left + rect.width / 2, rect.top + rect.height / 2];
    return others.every((other) => {
      const [right, down] = [Math.max(other.left - x, 0, x - other.right), Math.max(other.top - y, 0, y - other.bottom)];
      return Math.hypot(right, down) >= 12;
    });
  };

  function targets() {
    const citizen = document.body.classList.contains("hall");
    const controls = "button, input:not([type=hidden]), select, textarea, [role=button]";
    const counted = (element) => visible(element) && !element.disabled && !inline(element) && !element.matches(".skip");
    const found = all(`a[href], summary, ${controls}`).filter(counted);
    for (const element of found) {
      const rect = box(element);
      const { width: wide, height: high } = rect;
      let least = 24;
      if (citizen && element.matches(controls)) {
        if (width <= 390) least = 44;
        if (mode === "elder") least = 60;
      }
      // Half a pixel is lost in rounding; a control may be narrow in a row but never low.
      if (high < least - 0.5 || wide < 24 - 0.5) {
        if (least === 24 && spaced(rect, found.filter((other) => other !== element).map(box))) continue;
        faults.push(`${name(element)} is ${wide.toFixed(0)} × ${high.toFixed(0)}, at least ${least} high`);
      }
    }
  }

  structure();
  language();
  layout();
  targets();
  return faults;
}
