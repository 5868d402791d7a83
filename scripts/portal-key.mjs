// Logs in as the demonstration's reviewer, asks for a key on its page, and prints it: what an officer does by hand.
import { Client } from "../e2e/bad/client.mjs";

const client = await new Client(process.env.ZT_URL).logIn(process.argv[2] ?? "reviewer");
const made = await client.fill("/api/keys", { title: "门户客户端测试", days: "1" });
const key = /zt-[A-Za-z0-9_-]{43}/.exec(made.text)?.[0];
if (key === undefined) {
  console.error(`no key: ${made.status}\n${made.text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").slice(0, 600)}`);
  process.exit(1);
}
console.log(key);
