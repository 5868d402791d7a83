// What the pages do better with a script. Each part stands alone, and every page is complete without any of them.
import { watchDrafts } from "./draft";
import { watchFresh } from "./fresh";
import { guardForms } from "./once";
import { watchKeys } from "./keys";
import { watchPasskeys } from "./passkey";
import { watchReader } from "./reader";
import { watchSession } from "./session";
import { watchUploads } from "./upload";

function focusErrors(): void {
  const summary = document.querySelector<HTMLElement>("[data-focus]");
  if (!summary) return;
  summary.focus();
  // A link in the summary leads to the control itself, also where the named element is a group of choices.
  summary.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#']");
    const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target) return;
    event.preventDefault();
    const control = target.matches("fieldset") ? target.querySelector<HTMLElement>("input, select, textarea") : target;
    (control ?? target).focus();
    (target.closest(".field") ?? target).scrollIntoView({ block: "start" });
  });
}

function showPrintButtons(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

focusErrors();
showPrintButtons();
guardForms();
watchDrafts();
watchFresh();
watchKeys();
watchPasskeys();
watchReader();
watchSession();
watchUploads();
