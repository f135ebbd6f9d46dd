// A Fastify service that does the least of what each of our doors does: it verifies who calls, and
// reads or writes one or two rows. One process a core, or one that shares commits (STORE=grouped).
import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import Fastify from "fastify";
import { caller, isSigned } from "./proof.mjs";

const { STORE, PORT, DATABASE, HOSTS } = process.env;

const shown = {
  type: "object",
  properties: {
    account_id: { type: "integer" },
    install: { type: "string" },
    generation: { type: "integer" },
    entitled: { type: "boolean" },
    policy_hash: { type: "string", nullable: true },
    lang: { type: "string", nullable: true },
  },
};

const consent = {
  type: "object",
  required: ["policy_hash", "lang", "contact", "declares"],
  properties: {
    policy_hash: { type: "string" },
    lang: { type: "string" },
    contact: {
      type: "object",
      required: ["name", "email"],
      properties: { name: { type: "string" }, email: { type: "string" } },
    },
    declares: {
      type: "object",
      required: ["read", "own_data"],
      properties: { read: { const: true }, own_data: { const: true } },
    },
  },
};

async function serve() {
  const { open } = await import(STORE === "pg" ? "./pg.mjs" : "./sqlite.mjs");
  const store = open(DATABASE, STORE === "grouped");
  const app = Fastify({ logger: false });

  app.decorateRequest("claims", null);
  const widget = {
    preValidation: async (request, reply) => {
      request.claims = caller(request.headers["x-auth-token"]);
      if (!request.claims) return reply.code(401).send({ code: "token-invalid" });
    },
  };

  app.get("/healthz", () => "ok");

  app.get("/widget/v1/standing", { ...widget, schema: { response: { 200: shown } } }, async (request) => {
    const account = request.claims.account_id;
    const { install, last } = await store.standing(account);
    return {
      account_id: account,
      install: install?.state ?? "pending",
      generation: install?.generation ?? 0,
      entitled: install?.state === "active" && last !== undefined,
      policy_hash: last?.policy_hash ?? null,
      lang: last?.lang ?? null,
    };
  });

  app.post("/widget/v1/consents", { ...widget, schema: { body: consent } }, async (request, reply) => {
    const { jti, exp, account_id, user_id } = request.claims;
    const { policy_hash, lang, contact } = request.body;
    const kept = await store.consent([jti, exp, account_id, user_id, policy_hash, lang, JSON.stringify(contact), Date.now()]);
    if (!kept) return reply.code(409).send({ code: "token-replayed" });
    return reply.code(201).send({ account_id, entitled: true, policy_hash, lang });
  });

  app.get("/amocrm/demo/disconnect", async (request, reply) => {
    const { client_uuid, account_id, signature } = request.query;
    if (!isSigned(client_uuid, account_id, signature)) return reply.code(403).send({ code: "signature-wrong" });
    await store.disconnect([Number(account_id), Date.now()]);
    return "ok";
  });

  app.get("/amocrm/demo/install", async (request, reply) => {
    const { code, referer } = request.query;
    if (!code || !referer?.endsWith(HOSTS)) return reply.code(400).send({ code: "foreign-host" });
    await store.install([code, referer, Date.now()]);
    return "ok";
  });

  await app.listen({ port: Number(PORT), host: "127.0.0.1" });
}

if (cluster.isPrimary && STORE !== "grouped") {
  for (let n = 0; n < availableParallelism(); n += 1) cluster.fork();
  cluster.on("exit", () => process.exit(1));
} else {
  await serve();
}
