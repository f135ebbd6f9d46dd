/**
 * Tries every widget of a folder as its publisher would: check, pack, Install, card, settings
 * window, own page. Each gets an emulated account of its own, so that none can disturb
 * another. Called by `scripts/try-widgets`.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';

import { chromium } from 'playwright-core';

import { FLAGS } from './stage.mjs';
import { check, pack } from './try/archive.mjs';
import { openAccount } from './try/account.mjs';
import { install, seeCard, seeOwnPage, seeSettings } from './try/visit.mjs';

const [folder, ...options] = process.argv.slice(2);
const DEEPEST = 4;
const ELSEWHERE = ['node_modules', '.git'];

/** Every directory with a manifest in it, and every archive. */
async function widgets(directory, depth = 0) {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === 'manifest.json')) {
    return [directory];
  }
  const archives = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.zip'));
  const below = depth < DEEPEST ? entries.filter((entry) => entry.isDirectory() && !ELSEWHERE.includes(entry.name)) : [];
  const found = await Promise.all(below.map((entry) => widgets(join(directory, entry.name), depth + 1)));
  return archives.map((entry) => join(directory, entry.name)).concat(found.flat()).sort();
}

async function attempt(widget, browser, scratch) {
  const name = relative(folder, widget) || basename(widget);
  const row = { widget: name, errors: '–', packs: '–', installs: '–', settings: '–', card: '–', page: '–', console: [], notes: [] };
  const checked = await check(widget, options);
  row.errors = checked.errors;
  row.notes.push(...checked.notes);
  const archive = join(scratch, 'widget.zip');
  row.packs = await pack(widget, archive, options);
  if (row.packs === 'no') {
    return row;
  }
  let account = null;
  try {
    account = await openAccount(browser, archive);
    row.settings = await seeSettings(account);
    row.installs = await install(account);
    if (row.installs === 'yes') {
      row.card = await seeCard(account);
      row.page = await seeOwnPage(account);
    }
  } catch (failure) {
    // A manifest that the platform does not take is refused at the upload.
    row.notes.push(`the try ended early: ${String(failure.message).split('\n')[0]}`);
  }
  if (account) {
    const { said, forbidden } = await account.close();
    row.console = said;
    row.notes.push(...forbidden);
  }
  return row;
}

/** Rows under each other, each column as wide as its widest entry. */
function table(rows) {
  const titles = ['widget', 'errors', 'packs', 'installs', 'settings', 'card', 'page', 'console'];
  const cells = rows.map((row) => titles.map((title) => String(title === 'console' ? row.console.length : row[title])));
  const widths = titles.map((title, index) => Math.max(title.length, ...cells.map((row) => row[index].length)));
  const line = (row) => row.map((cell, index) => cell.padEnd(widths[index])).join('  ').trimEnd();
  return [titles, widths.map((width) => '-'.repeat(width)), ...cells].map(line).join('\n');
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
const scratch = await mkdtemp(join(tmpdir(), 'accord-try-'));
const rows = [];
try {
  for (const widget of await widgets(folder)) {
    process.stderr.write(`${basename(dirname(widget))}/${basename(widget)}\n`);
    rows.push(await attempt(widget, browser, scratch));
  }
} finally {
  await browser.close();
  await rm(scratch, { recursive: true, force: true });
}

console.log(table(rows));
for (const row of rows.filter(({ notes, console: said }) => notes.length + said.length > 0)) {
  console.log(`\n${row.widget}`);
  row.notes.forEach((note) => console.log(`  ${note}`));
  row.console.forEach((said) => console.log(`  console: ${said}`));
}
