/** What `accord widget check` and `accord widget pack` say of a widget. */
import { execFile } from 'node:child_process';

/** Runs the command; the answer is what it printed, also where the task failed. */
function accord(...words) {
  return new Promise((resolve, reject) => {
    execFile(process.env.ACCORD_BIN, ['widget', ...words], { maxBuffer: 64 * 1024 * 1024 }, (failure, out, err) =>
      failure && failure.code !== 1 ? reject(failure) : resolve({ good: !failure, out, err }),
    );
  });
}

/** The number of errors, and each rule with how often and where first. */
export async function check(widget, options) {
  const { out, err } = await accord('check', widget, '--json', ...options);
  if (!out) {
    return { errors: 'unreadable', notes: [err.trim()] };
  }
  const errors = JSON.parse(out).findings.filter(({ severity }) => severity === 'error');
  const rules = Map.groupBy ? Map.groupBy(errors, ({ rule }) => rule) : grouped(errors);
  const notes = Array.from(rules, ([rule, [first, ...more]]) => {
    const others = more.length ? ` and ${more.length} more` : '';
    return `${first.file}:${first.line}: ${rule}: ${first.message}${others}`;
  });
  return { errors: errors.length, notes };
}

function grouped(errors) {
  const groups = new Map();
  errors.forEach((error) => groups.set(error.rule, [...(groups.get(error.rule) ?? []), error]));
  return groups;
}

/** `yes`, or `forced` where it takes `--force`, or `no`. */
export async function pack(widget, archive, options) {
  if ((await accord('pack', widget, '--out', archive, ...options)).good) {
    return 'yes';
  }
  return (await accord('pack', widget, '--out', archive, '--force', ...options)).good ? 'forced' : 'no';
}
