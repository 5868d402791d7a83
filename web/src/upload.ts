// Files in pieces: POST {name, size} answers with Location; HEAD there tells how much has arrived (Upload-Offset); PATCH
// sends the next piece. A cut line is waited out and the file goes on where it stopped. Afterwards the form carries the
// addresses in hidden fields of the same name, and the file control is emptied so that nothing is sent twice.
import { pick } from "./words";

const PIECE_BYTES = 1 << 20;
const TRIES = 6;

function csrf(): Record<string, string> {
  const token = document.body.dataset.csrf;
  return token ? { "X-CSRF-Token": token } : {};
}

async function begin(endpoint: string, file: File): Promise<string> {
  const kept = `upload:${endpoint}:${file.name}:${file.size}:${file.lastModified}`;
  const before = sessionStorage.getItem(kept);
  if (before && (await offset(before)) !== null) return before;
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...csrf() },
    body: JSON.stringify({ name: file.name, size: file.size, type: file.type }),
  });
  const location = answer.headers.get("Location");
  if (!answer.ok || !location) throw new Refused(await reason(answer));
  sessionStorage.setItem(kept, location);
  return location;
}

async function offset(location: string): Promise<number | null> {
  const answer = await fetch(location, { method: "HEAD" });
  const at = answer.headers.get("Upload-Offset");
  return answer.ok && at !== null ? Number(at) : null;
}

/** The server said no, so trying again would not help. */
class Refused extends Error {}

async function reason(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as { detail?: string; title?: string };
    return problem.detail ?? problem.title ?? String(answer.status);
  } catch {
    return String(answer.status);
  }
}

async function send(location: string, file: File, progress: (sent: number) => void): Promise<void> {
  let at = (await offset(location)) ?? 0;
  for (let failures = 0; at < file.size; ) {
    try {
      progress(at);
      const answer = await fetch(location, {
        method: "PATCH",
        headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(at), ...csrf() },
        body: file.slice(at, at + PIECE_BYTES),
      });
      if (answer.status >= 400 && answer.status < 500 && answer.status !== 409) throw new Refused(await reason(answer));
      const next = answer.ok ? Number(answer.headers.get("Upload-Offset")) : await offset(location);
      if (next === null || !(next > at)) throw new Error("no progress");
      at = next;
      failures = 0;
    } catch (error) {
      if (error instanceof Refused || ++failures > TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures));
      at = (await offset(location).catch(() => null)) ?? at;
    }
  }
  progress(file.size);
}

/** Sends one file; whether it arrived. */
async function take(input: HTMLInputElement, file: File): Promise<boolean> {
  const place = input.closest(".drop")?.querySelector(".drop-progress");
  const row = document.createElement("div");
  const words = document.createElement("p");
  const bar = document.createElement("progress");
  bar.max = Math.max(1, file.size);
  bar.setAttribute("aria-label", file.name);
  row.append(words, bar);
  place?.append(row);
  const most = Number(input.dataset.bytesMax ?? 0);
  try {
    if (most > 0 && file.size > most) throw new Refused(pick("文件太大", "The file is too large"));
    words.textContent = pick(`正在上传 ${file.name}`, `Sending ${file.name}`);
    const location = await begin(input.dataset.upload ?? "", file);
    await send(location, file, (sent) => (bar.value = sent));
    const carried = document.createElement("input");
    carried.type = "hidden";
    carried.name = input.name;
    carried.value = location;
    input.form?.append(carried);
    words.textContent = pick(`${file.name} 已上传`, `${file.name} was sent`);
    return true;
  } catch (error) {
    bar.remove();
    const why = error instanceof Refused ? error.message : pick("网络断了", "the connection broke");
    words.textContent = pick(`${file.name} 没传上：${why}。请再选一次，已传的部分不用重传。`, `${file.name} was not sent: ${why}. Choose it again; what arrived is kept.`);
    return false;
  }
}

/** Files on their way, and the button that was pressed meanwhile: the form goes when they have arrived, and not without them. */
let underWay = 0;
let pressed: HTMLElement | null = null;

export function watchUploads(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[type=file][data-upload]")) {
    const drop = input.closest<HTMLElement>(".drop");
    const accept = async (files: FileList): Promise<void> => {
      const chosen = [...files];
      input.value = "";
      underWay += 1;
      for (const file of chosen) if (!(await take(input, file))) pressed = null;
      underWay -= 1;
      if (!underWay) pressed?.click();
    };
    input.form?.addEventListener("submit", (event) => {
      if (!underWay) return;
      event.preventDefault();
      pressed = event.submitter;
    });
    input.addEventListener("change", () => {
      if (input.files?.length) void accept(input.files);
    });
    drop?.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("drop-over");
    });
    drop?.addEventListener("dragleave", () => drop.classList.remove("drop-over"));
    drop?.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("drop-over");
      if (event.dataTransfer?.files.length) void accept(event.dataTransfer.files);
    });
  }
}
