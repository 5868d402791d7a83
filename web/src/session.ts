// Two minutes before the session ends a bar says so and offers to stay. What was typed stays on the page in any case.
import { pick } from "./words";

const WARNING_S = 120;

export function watchSession(): void {
  const { sessionEnds, sessionExtend, csrf } = document.body.dataset;
  if (!sessionEnds || !sessionExtend) return;
  let ends = Date.now() + Number(sessionEnds) * 1000;
  let bar: HTMLElement | null = null;

  const extend = async (): Promise<void> => {
    try {
      const answer = await fetch(sessionExtend, { method: "POST", body: new URLSearchParams(csrf ? { csrf } : {}), redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      ends = Date.now() + Number(sessionEnds) * 1000;
      bar?.remove();
      bar = null;
    } catch {
      const words = bar?.querySelector("p");
      if (words) words.textContent = pick("没连上。您填的都在，请先点页面上的保存。", "Could not connect. What you typed is still here: please use the save button of the page.");
    }
  };

  const show = (words: string, offer: boolean): void => {
    if (!bar) {
      bar = document.createElement("div");
      bar.className = "session-bar";
      bar.setAttribute("role", "alert");
      bar.append(document.createElement("p"));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = pick("继续用", "Stay signed in");
      button.addEventListener("click", () => void extend());
      bar.append(button);
      document.body.append(bar);
    }
    const text = bar.querySelector("p");
    if (text && text.textContent !== words) text.textContent = words;
    const button = bar.querySelector("button");
    if (button) button.hidden = !offer;
  };

  window.setInterval(() => {
    const left = Math.round((ends - Date.now()) / 1000);
    if (left > WARNING_S) return;
    if (left > 0) {
      const minutes = Math.max(1, Math.ceil(left / 60));
      show(pick(`还有 ${minutes} 分钟自动退出。填的内容已保存在这一页。`, `You will be signed out in ${minutes} min. What you typed stays on this page.`), true);
    } else {
      show(pick("已自动退出。登录以后会回到这一页，填的内容不会丢。", "You have been signed out. Sign in again to come back to this page."), false);
    }
  }, 1000);
}
