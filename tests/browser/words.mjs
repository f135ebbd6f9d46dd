/** The widget's own words, so that the tests read what people read. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** `say('en', 'data.json')`: a text of the widget as its i18n file has it. */
export function say(lang, key) {
  const file = fileURLToPath(new URL(`../../widget/i18n/${lang}.json`, import.meta.url));
  return key.split('.').reduce((words, part) => words[part], JSON.parse(readFileSync(file, 'utf8')).accord);
}

/** A text with its places to fill, as a pattern: `{number}` stands for anything that was filled in. */
export function like(lang, key) {
  const parts = say(lang, key).split(/\{\w+\}/);
  return new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('([^{}\\n]+?)'));
}
