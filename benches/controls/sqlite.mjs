// The rows of the controls in SQLite, every commit synced. Grouped: what comes within one turn of the
// event loop shares a commit.
import Database from "better-sqlite3";

// Two processes that begin at once may both want to be the one that turns the file to WAL, and nobody
// is waited for there.
function turnToWal(db) {
  for (;;) {
    try {
      return db.pragma("journal_mode = WAL");
    } catch (e) {
      if (e.code !== "SQLITE_BUSY") throw e;
    }
  }
}

export function open(path, grouped) {
  const db = new Database(path, { timeout: 10_000 });
  turnToWal(db);
  db.pragma("synchronous = FULL");

  const install = db.prepare("SELECT state, generation FROM install WHERE account = ?");
  const last = db.prepare("SELECT policy_hash, lang FROM consent WHERE account = ? ORDER BY given_at DESC LIMIT 1");
  const use = db.prepare("INSERT INTO used_token VALUES (?, ?) ON CONFLICT DO NOTHING");
  const keep = db.prepare("INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?)");
  const leave = db.prepare("INSERT INTO disconnect VALUES (?, ?) ON CONFLICT DO NOTHING");
  const come = db.prepare("INSERT INTO code VALUES (?, ?, ?) ON CONFLICT DO NOTHING");

  const consent = ([jti, expires, ...row]) => use.run(jti, expires).changes === 1 && keep.run(row).changes === 1;
  const disconnect = (row) => leave.run(row);
  const came = (row) => come.run(row);
  const sharing = shared(db);
  const writes = grouped
    ? { consent: sharing(consent), disconnect: sharing(disconnect), install: sharing(came) }
    : { consent: db.transaction(consent).immediate, disconnect, install: came };
  return { standing: (account) => ({ install: install.get(account), last: last.get(account) }), ...writes };
}

function shared(db) {
  let waiting = [];
  const all = db.transaction((group) => group.map(({ act, row }) => act(row))).immediate;
  const flush = () => {
    const group = waiting;
    waiting = [];
    try {
      const outcomes = all(group);
      group.forEach(({ resolve }, n) => resolve(outcomes[n]));
    } catch (error) {
      group.forEach(({ reject }) => reject(error));
    }
  };
  return (act) => (row) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ act, row, resolve, reject });
    });
}
