/**
 * The versions the Publisher of the story brings out after the starter: what an editor
 * changes in the texts and their facts, published by the real command beside the demo.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const starter = (name) => readFile(fileURLToPath(new URL(`../../assets/policy/${name}`, import.meta.url)), 'utf8');

/** Puts words at the end of a clause. */
const longer = (no, words) => (text) =>
  text.replace(new RegExp(`^${no.replaceAll('.', '\\.')}\\. .*$`, 'm'), (line) => `${line} ${words}`);

/** Puts a clause after another. */
const another = (after, clause) => (text) =>
  text.replace(new RegExp(`^${after.replaceAll('.', '\\.')}\\. .*$`, 'm'), (line) => `${line}\n\n${clause}`);

/** The second version says something better and asks for nothing more. */
const CLEARER = {
  en: longer('2.2', 'It answers politely and in plain words.'),
  ru: longer('2.2', 'Он отвечает вежливо и простыми словами.'),
};

/** The third wants the data for one more purpose. */
const WIDER = {
  en: another('5.2.8', '5.2.9. Statistics: to count how often each page of a Product is opened in an account.'),
  ru: another('5.2.8', '5.2.9. Статистика: считать, как часто в аккаунте открывают каждую страницу Продукта.'),
};
const PURPOSE = `
[[purpose]]
code = "5.2.9"
title = { en = "statistics of use", ru = "статистика использования" }
basis = "consent"
categories = ["account_id"]
recipients = []
optional = false
retention = { event = "uninstall", period = "P30D" }
`;

/** The fourth corrects a word of the third while people read that. */
const CORRECTED = {
  en: longer('5.2.9', 'Nobody is counted by name.'),
  ru: longer('5.2.9', 'По именам никого не считают.'),
};

const EDITIONS = {
  2: { edits: [CLEARER], facts: '' },
  3: { edits: [CLEARER, WIDER], facts: PURPOSE },
  4: { edits: [CLEARER, WIDER, CORRECTED], facts: PURPOSE },
};

/** Publishes one of them; the answer tells its number and its level. */
export async function publish(demo, number) {
  const { edits, facts } = EDITIONS[number];
  const files = [];
  for (const lang of ['en', 'ru']) {
    const text = edits.reduce((words, edit) => edit[lang](words), await starter(`starter.${lang}.md`));
    files.push(join(demo.folder, `edition-${number}.${lang}.md`));
    await writeFile(files.at(-1), text);
  }
  const factsFile = join(demo.folder, `edition-${number}.toml`);
  await writeFile(factsFile, (await starter('facts.toml')) + facts);
  return JSON.parse(
    await demo.accord('policy', 'publish', '--product', 'demo', '--facts', factsFile, '--json', ...files),
  );
}
