// Passkeys: the browser asks its owner, the form carries the answer. Without a script or without such keys the form stays
// hidden, and the other ways to sign in are there.
import { pick } from "./words";

type Json = Record<string, unknown>;
type Described = { id: string };

function bytes(text: string): ArrayBuffer {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const array = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at += 1) array[at] = plain.charCodeAt(at);
  return array.buffer;
}

function text(buffer: ArrayBuffer | null): string | undefined {
  if (!buffer) return undefined;
  let plain = "";
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const described = (list: unknown): PublicKeyCredentialDescriptor[] =>
  ((list as Described[] | undefined) ?? []).map((one) => ({ ...one, id: bytes(one.id) }) as unknown as PublicKeyCredentialDescriptor);

async function create(options: Json): Promise<Json> {
  const user = options.user as Json & { id: string };
  const credential = (await navigator.credentials.create({
    publicKey: {
      ...(options as unknown as PublicKeyCredentialCreationOptions),
      challenge: bytes(options.challenge as string),
      user: { ...(user as unknown as PublicKeyCredentialUserEntity), id: bytes(user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAttestationResponse;
  return answer(credential, {
    attestationObject: text(response.attestationObject),
    clientDataJSON: text(response.clientDataJSON),
  });
}

async function get(options: Json): Promise<Json> {
  const credential = (await navigator.credentials.get({
    publicKey: {
      ...(options as unknown as PublicKeyCredentialRequestOptions),
      challenge: bytes(options.challenge as string),
      allowCredentials: described(options.allowCredentials),
    },
  })) as PublicKeyCredential;
  const response = credential.response as AuthenticatorAssertionResponse;
  return answer(credential, {
    authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON),
    signature: text(response.signature),
    userHandle: text(response.userHandle),
  });
}

function answer(credential: PublicKeyCredential, response: Json): Json {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, extensions: {} };
}

async function ceremony(form: HTMLFormElement): Promise<void> {
  const value = (name: string) => form.elements.namedItem(name) as HTMLInputElement;
  const begun = await fetch(form.dataset.begin ?? "", {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({ csrf: value("csrf").value }),
  });
  const said = (await begun.json()) as Json;
  if (!begun.ok) throw new Error(typeof said.detail === "string" ? said.detail : String(begun.status));
  const options = said.publicKey as Json;
  const given = form.dataset.passkey === "add" ? await create(options) : await get(options);
  value("token").value = said.token as string;
  value("answer").value = JSON.stringify(given);
  form.dataset.answered = "1";
  form.requestSubmit();
}

/** The browser's own words are for developers. */
function reason(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "InvalidStateError") return pick("这台设备上已经有本账号的通行密钥了", "This device already holds a passkey of this account");
  if (name !== "") return pick("没有完成验证，请再试一次，或换一种方式登录", "It was not completed; try again or sign in another way");
  return error instanceof Error ? error.message : String(error);
}

export function watchPasskeys(): void {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      if (form.dataset.answered) return;
      event.preventDefault();
      const told = form.querySelector<HTMLElement>("[data-said]");
      if (told) told.textContent = "";
      ceremony(form).catch((error: unknown) => {
        if (told) told.textContent = reason(error);
      });
    });
  }
}
