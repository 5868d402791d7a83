// The designer of processes. Loaded only by its own pages; each of them says the same in tables and text without it.
import { compare } from "./designer/compare";
import { edit } from "./designer/edit";

for (const room of document.querySelectorAll<HTMLElement>("[data-designer]")) {
  const work = room.dataset.designer === "compare" ? compare(room) : edit(room);
  work.catch((error: unknown) => console.error(error));
}
