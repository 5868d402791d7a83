// A second press sends nothing twice: the button keeps its width, says that it works, and further submits are dropped.
import { pick } from "./words";

export function guardForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.hasAttribute("data-once") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = (event.submitter ?? form.querySelector("button[type=submit]")) as HTMLButtonElement | null;
    if (!button) return;
    // The button stays enabled, so that its own name and value are sent.
    button.style.minWidth = `${button.offsetWidth}px`;
    button.dataset.words = button.innerHTML;
    button.setAttribute("aria-busy", "true");
    button.textContent = pick("正在提交…", "Sending…");
  });
  // Coming back by the back button finds the form ready again.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll<HTMLButtonElement>("[data-words]")) {
        button.innerHTML = button.dataset.words ?? "";
        button.removeAttribute("aria-busy");
        delete button.dataset.words;
      }
    }
  });
}
