// The editor of decision tables. Loaded only by its own page, which takes the source and says what is wrong without it.
import { tables } from "./designer/table";

for (const room of document.querySelectorAll<HTMLElement>("[data-tables]")) {
  tables(room).catch((error: unknown) => console.error(error));
}
