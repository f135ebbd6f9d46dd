/**
 * The Policy changes while people use the Product: a version that asks for nothing more is
 * told of until it is known, one that asks for more stops the Product until it is agreed to;
 * what was agreed to and taken back is proved from the receipts by the stand-alone command.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { publish } from './editions.mjs';
import { barriers, closeBrowser, openBrowser, person, told, until } from './stage.mjs';
import * as story from './story.mjs';
import { picture } from './tour.mjs';
import { like, say } from './words.mjs';

const { card, gate, panel, tick } = story;
const NOTICE = '[data-accord-notice]';
const AGREE = `${panel} [data-consent=agree]`;
const filled = (lang, key, values) =>
  say(lang, key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

before(openBrowser);
after(closeBrowser);

/** Remembers what the service tells a page about the account. */
function listen(page) {
  const heard = [];
  page.on('response', async (response) => {
    if (response.url().includes('/widget/v1/standing') && response.ok()) {
      heard.push(await response.json().catch(() => null));
    }
  });
  return heard;
}

async function openCard(demo, page) {
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.locator(`${card} p`).first().waitFor();
}

async function install(demo, page, scene) {
  await demo.control('PUT', '/switches', { install_mode: scene.mode });
  await story.openSettings(demo, page);
  await story.readTheForm(demo, page, scene);
  await story.agreeAndInstall(demo, page, scene);
}

async function noBarriers(page, within) {
  assert.deepEqual(await barriers(page, within), []);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${within} is ${overflow} px too wide`);
}

/** A notice says what changed, with a way to the comparison, and takes nothing away. */
async function seeNotice(page, place, { lang }) {
  const notice = page.locator(`${place} ${NOTICE}`);
  await notice.getByText(filled(lang, 'notice.title', { number: 2 })).waitFor();
  await notice.getByText(say(lang, 'changes.meaning')).waitFor();
  await notice.getByText(filled(lang, 'changes.clauses', { count: 1 })).waitFor();
  const href = await notice.getByText(say(lang, 'changes.page')).getAttribute('href');
  assert.match(href, /\/policy\/demo\/1\.\.2\?lang=/);
  assert.equal((await fetch(href)).status, 200);
  await noBarriers(page, place);
  return notice;
}

/** Whoever has to agree again is told so on a card, with what changed. */
async function seeStopped(demo, page, { lang }, todo) {
  await openCard(demo, page);
  const block = page.locator(card);
  await block.getByText(say(lang, 'standing.reconsentRequired.title')).waitFor();
  await block.getByText(lang === 'ru' ? /статистика использования/ : /statistics of use/).waitFor();
  await block.getByText(say(lang, todo)).waitFor();
  await noBarriers(page, card);
}

/** The form in the settings window asks again, with what changed above the text. */
async function seeSettingsAsk(demo, page, { lang }, to) {
  await story.openSettings(demo, page);
  await page.waitForSelector(tick);
  await page.locator(gate).getByText(say(lang, 'consent.titleAgain'), { exact: true }).waitFor();
  await page.locator(gate).getByText(filled(lang, 'changes.since', { from: 1, to })).waitFor();
  assert.equal(await page.locator(tick).isChecked(), false, 'the box is ticked');
  assert.equal(await page.locator(`${gate} [data-field=email]`).inputValue(), 'anna@example.com');
  await noBarriers(page, '.modal');
}

/** The comparison on the control panel: which clause, in what way, and its words. */
async function compare(page, no, change, words) {
  const clause = page.locator(`${panel} [data-change=${change}]`, { hasText: no });
  await clause.locator('ins', { hasText: words }).waitFor();
}

/** The same on a page of its own, for anybody: it says what changed without colours, and fits a phone. */
async function seeComparisonPage(demo, scene) {
  const { lang } = scene;
  const { context, page } = await person(demo, 'Anna Example', { ...scene, bypassCSP: true });
  await page.goto(`${demo.service}/policy/demo/1..3?lang=${lang}`);
  await page.getByText(lang === 'ru' ? /статистика использования/ : /statistics of use/).waitFor();
  await page.locator('ins', { hasText: lang === 'ru' ? 'Статистика' : 'Statistics' }).waitFor();
  await noBarriers(page);
  await picture(scene.pictures, '8-comparison', page, { full: true });
  await context.close();
}

/** Agrees on the panel to a text that is replaced at the last moment. */
async function agreeAgain(demo, page, { lang }) {
  await page.locator(`${panel} [data-consent=advertising]`).check();
  await page.locator(`${panel} .accord-form [data-field=position]`).first().fill('Head of sales');
  await page.locator(AGREE).check();
  assert.equal((await publish(demo, 4)).level, 'notice');
  const send = page.getByRole('button', { name: say(lang, 'consent.send'), exact: true });
  await send.click();

  await page.locator(panel).getByText(say(lang, 'errors.policyChanged')).waitFor();
  await page.locator(panel).getByText(filled(lang, 'changes.read', { from: 3, to: 4 })).waitFor();
  assert.ok((await page.locator(panel).innerText()).includes(filled(lang, 'policy.number', { number: 4 })));
  assert.equal(await page.locator(AGREE).isChecked(), false, 'the tick was for the old text');
  const typed = page.locator(`${panel} .accord-form [data-field=position]`).first();
  assert.equal(await typed.inputValue(), 'Head of sales', 'what was typed is lost');
  await noBarriers(page, panel);

  await page.locator(AGREE).check();
  await send.click();
  await page.locator(panel).getByText(say(lang, 'consent.sent')).waitFor();
  assert.equal(await page.locator(NOTICE).count(), 0);
}

/** Each receipt is proved with nothing but its file and the published keys, and can be read. */
async function verifyReceipts(demo, page, acts) {
  const keys = join(demo.folder, 'keys.json');
  await writeFile(keys, await (await fetch(`${demo.service}/.well-known/accord-keys.json`)).text());
  const files = page.locator(`${panel} [data-receipt=json]`);
  await files.nth(acts.length - 1).waitFor();
  assert.equal(await files.count(), acts.length);
  const found = [];
  for (let index = 0; index < acts.length; index += 1) {
    const file = join(demo.folder, `receipt-${index}.json`);
    const bytes = await story.saved(page, files.nth(index));
    await writeFile(file, bytes);
    await demo.accord('receipt', 'verify', file, '--keys', keys);
    const receipt = JSON.parse(bytes);
    found.push(`${receipt.act} ${receipt.policy.number}`);
    const read = await story.saved(page, page.locator(`${panel} [data-receipt=html]`).nth(index));
    assert.ok(read.toString().includes(receipt.id), 'the page is for another receipt');
    await writeFile(file, bytes.toString().replace(receipt.policy.hash, receipt.policy.hash.replace(/.$/, 'x')));
    await assert.rejects(demo.accord('receipt', 'verify', file, '--keys', keys), 'a forged receipt passes');
  }
  assert.deepEqual(found.sort(), [...acts].sort());
}

async function walk(demo, scene) {
  const shot = (name, page, options) => picture(scene.pictures, name, page, options);
  const anna = await person(demo, 'Anna Example', scene);
  const boris = await person(demo, 'Boris Example', scene);
  const { page } = anna;
  const heard = listen(page);
  await install(demo, page, scene);

  // A notice: the next call shows it, everywhere, until the person knows.
  assert.equal((await publish(demo, 2)).level, 'notice');
  heard.length = 0;
  await openCard(demo, page);
  await seeNotice(page, card, scene);
  await page.locator(card).getByText(filled(scene.lang, 'card.fine', { number: 1 })).waitFor();
  await shot('6-notice', page);
  await story.openSettings(demo, page);
  await seeNotice(page, gate, scene);
  await story.openPanel(demo, page);
  await seeNotice(page, panel, scene);
  await compare(page, '2.2', 'changed', scene.lang === 'ru' ? 'вежливо' : 'politely');
  await page.locator(`${panel} .accord-facts + details summary`).click();
  await page.locator(`${panel} .accord-facts + details`).getByText(/^5\.2\.3 \S+/).waitFor();

  await openCard(demo, page);
  const known = (await seeNotice(page, card, scene)).getByRole('button', { name: say(scene.lang, 'notice.known') });
  await known.focus();
  await page.keyboard.press('Enter');
  await page.locator(`${card} [data-accord-known="2"]:focus`).waitFor();
  assert.equal(await page.locator(NOTICE).count(), 0);
  await openCard(demo, page);
  await page.locator(card).getByText(filled(scene.lang, 'card.fine', { number: 1 })).waitFor();
  await story.openPanel(demo, page);
  assert.equal(await page.locator(NOTICE).count(), 0, 'known here, not there');
  assert.ok(heard.length >= 5);
  assert.ok(heard.every((each) => each.entitled), 'a notice took the entitlement');
  await openCard(demo, boris.page);
  await (await seeNotice(boris.page, card, scene)).getByRole('button').click();
  await boris.page.locator(`${card} [data-accord-known="2"]`).waitFor();

  // A wider version without grace: stopped for everybody, compared, agreed to again.
  assert.equal((await publish(demo, 3)).level, 'reconsent');
  await seeComparisonPage(demo, scene);
  await seeStopped(demo, page, scene, 'card.decide');
  assert.equal(heard.at(-1).entitled, false);
  assert.equal(heard.at(-1).consent.state, 'outdated');
  await seeStopped(demo, boris.page, scene, 'card.askAdministrator');
  await seeSettingsAsk(demo, page, scene, 3);
  await story.openPanel(demo, page);
  await compare(page, '5.2.9', 'added', scene.lang === 'ru' ? 'Статистика' : 'Statistics');
  await noBarriers(page, panel);
  await shot('7-compare', page, { full: true });
  await agreeAgain(demo, page, scene);

  await story.seeCalmCard(demo, page, scene);
  await story.seeCalmCard(demo, boris.page, scene);
  assert.equal(heard.at(-1).entitled, true);
  await story.openPanel(demo, page);
  await verifyReceipts(demo, page, ['given 1', 'given 4']);
  await story.withdraw(demo, page, scene);
  await verifyReceipts(demo, page, ['given 1', 'given 4', 'withdrawn 4']);
  await anna.leave();
  await boris.leave();
}

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy', pictures: '' },
  { lang: 'ru', theme: 'dark', mode: 'two_step', width: 390, height: 844, pictures: 'phone-' },
]) {
  test(`the versions in ${scene.lang}, ${scene.theme}, ${scene.width ?? 1280} wide`, () =>
    told((demo) => walk(demo, scene), { ACCORD_RECONSENT_GRACE: 'P0D' }));
}

test('within the grace the product goes on, saving takes a consent, disabling takes none', () =>
  told(async (demo) => {
    const scene = { lang: 'en', theme: 'light', mode: 'legacy' };
    const anna = await person(demo, 'Anna Example', scene);
    const { page } = anna;
    const heard = listen(page);
    await install(demo, page, scene);
    const wider = await publish(demo, 3);
    assert.equal(wider.level, 'reconsent');
    await openCard(demo, page);
    await page.locator(card).getByText(say('en', 'standing.outdated.title')).waitFor();
    await page.locator(card).getByText(/statistics of use/).waitFor();
    assert.equal(heard.at(-1).entitled, true);
    await noBarriers(page, card);

    await seeSettingsAsk(demo, page, scene, wider.number);
    await page.locator('button.js-widget-uninstall').click();
    await page.getByRole('dialog').last().getByRole('button', { name: /^Disable/ }).last().click();
    await until('the widget is off', async () => (await story.installed(demo)).active === false);
    await anna.leave();
  }));
