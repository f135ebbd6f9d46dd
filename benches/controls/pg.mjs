// The rows of the controls in PostgreSQL: prepared statements, one to a write.
import pg from "pg";

const INSTALL = { name: "install", text: "SELECT state, generation FROM install WHERE account = $1" };
const LAST = {
  name: "last",
  text: "SELECT policy_hash, lang FROM consent WHERE account = $1 ORDER BY given_at DESC LIMIT 1",
};
const CONSENT = {
  name: "consent",
  text: `WITH used AS (INSERT INTO used_token VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING jti)
         INSERT INTO consent SELECT $3::integer, $4::integer, $5, $6, $7, $8::bigint FROM used`,
};
const LEAVE = { name: "leave", text: "INSERT INTO disconnect VALUES ($1, $2) ON CONFLICT DO NOTHING" };
const COME = { name: "come", text: "INSERT INTO code VALUES ($1, $2, $3) ON CONFLICT DO NOTHING" };

export function open(address) {
  const pool = new pg.Pool({ connectionString: address });
  const run = (query, values) => pool.query({ ...query, values });
  return {
    async standing(account) {
      const [install, last] = await Promise.all([run(INSTALL, [account]), run(LAST, [account])]);
      return { install: install.rows[0], last: last.rows[0] };
    },
    consent: async (row) => (await run(CONSENT, row)).rowCount === 1,
    disconnect: (row) => run(LEAVE, row),
    install: (row) => run(COME, row),
  };
}
