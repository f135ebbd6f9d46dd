// Who calls: the widget's one-time token (HS256) and the signature of the disconnect hook.
import { createHmac, timingSafeEqual } from "node:crypto";

const { SECRET, CLIENT, AUDIENCE } = process.env;

const isTag = (message, given) => {
  const tag = createHmac("sha256", SECRET).update(message).digest();
  return given.length === tag.length && timingSafeEqual(given, tag);
};

const part = (text) => JSON.parse(Buffer.from(text, "base64url").toString());

/** The claims of a token that is to be believed now, or null. */
export function caller(token) {
  const parts = (token ?? "").split(".");
  if (parts.length !== 3) return null;
  const [head, body, tag] = parts;
  if (!isTag(`${head}.${body}`, Buffer.from(tag, "base64url"))) return null;
  try {
    if (part(head).alg !== "HS256") return null;
    const claims = part(body);
    const now = Date.now() / 1000;
    const holds = claims.aud === AUDIENCE && claims.client_uuid === CLIENT && claims.nbf < now + 60 && now < claims.exp + 60;
    return holds ? claims : null;
  } catch {
    return null;
  }
}

/** Whether the platform signed this account's disconnect. */
export function isSigned(client, account, signature) {
  return client === CLIENT && isTag(`${client}|${account}`, Buffer.from(signature ?? "", "hex"));
}
