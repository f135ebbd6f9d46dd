/**
 * The steps of the story, each as a person does it and sees it end. What a step
 * returns is the number of presses it took, where that matters: taking a consent
 * back must be no harder than giving it.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { barriers, until } from './stage.mjs';
import { like, say } from './words.mjs';

export const gate = '[data-accord="gate-demo"]';
export const panel = '[data-accord="panel-demo"]';
export const card = '[data-accord="card-demo"]';
export const tick = `${gate} [data-consent=agree]`;
const withdrawing = `${panel} .accord-button-danger`;

/** What the demo's page tells of the service. */
export async function activity(demo) {
  return (await fetch(`${demo.service}/demo/activity`)).text();
}

const acts = async (demo, act) => (await activity(demo)).split(`class="state ${act}"`).length - 1;

/** How far the Product is in the account, as amoCRM knows it. */
export async function installed(demo) {
  const { accounts } = await demo.control('GET', '/state');
  return Object.values(accounts[0].installs)[0];
}

/** The settings window of the Product. */
export async function openSettings(demo, page) {
  await page.goto(`${demo.account}/settings/widgets`);
  await page.locator('button.js-widget-open').click();
  await page.waitForSelector('.widget-settings');
}

/** The Policy in force in the person's language, nothing ticked, and what amoCRM knows offered. */
export async function readTheForm(demo, page, { lang }) {
  await page.waitForSelector(tick);
  const policy = await (await fetch(`${demo.service}/widget/v1/policy?product=demo&lang=${lang}`)).json();
  const shown = await page.locator(gate).textContent();
  assert.equal(policy.lang, lang);
  for (const section of policy.sections) {
    assert.ok(shown.includes(section.title), `the form leaves out section ${section.no}`);
  }
  assert.equal(await page.locator(tick).isChecked(), false, 'the box is ticked');
  assert.equal(await page.locator(`${gate} [data-consent=advertising]`).isChecked(), false, 'advertising is on');
  assert.equal(await page.locator(`${gate} [data-field=name]`).inputValue(), 'Anna Example');
  assert.equal(await page.locator(`${gate} [data-field=email]`).inputValue(), 'anna@example.com');
  assert.deepEqual(await barriers(page, '.modal'), []);
  return policy;
}

/** Install without the tick goes no further than a note that says what is missing. */
export async function installWithoutConsent(demo, page, { lang }) {
  const before = await acts(demo, 'given');
  await page.locator('button.js-widget-install').click();
  const note = page.locator(`${gate} [role=alert]`);
  await note.getByText(say(lang, 'consent.boxMissing')).waitFor();
  assert.equal((await installed(demo))?.active ?? false, false, 'installed without a consent');
  assert.equal(await acts(demo, 'given'), before, 'a consent without a tick');
}

/** Ticks and installs; ends when amoCRM and the service both have it. `seen` is called between. */
export async function agreeAndInstall(demo, page, { mode, generation = 1 }, seen) {
  let presses = 0;
  const press = async (locator) => {
    await locator.click();
    presses += 1;
  };
  await press(page.locator(tick));
  assert.equal(await page.locator(`${gate} [role=alert]:visible`).count(), 0, 'a note asks for what is done');
  await seen?.();
  await press(page.locator('button.js-widget-install'));
  if (mode === 'two_step') {
    await press(page.locator('button.js-widget-save:not([disabled])'));
  }
  await until('the consent is in the ledger', async () => (await acts(demo, 'given')) === generation);
  // Only now: while the install hook is on its way, amoCRM has the widget as installed for a moment.
  await until('amoCRM saved the settings', async () => (await installed(demo)).status === 'installed');
  await until('the account is active', async () => (await acts(demo, 'active')) === 1);
  return presses;
}

/** A card says in one calm line that all is well. */
export async function seeCalmCard(demo, page, { lang }) {
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.locator(card).getByText(like(lang, 'card.fine')).waitFor();
  assert.deepEqual(await barriers(page, card), []);
}

/** A card says that the consent was withdrawn, and nothing else. */
export async function seeWithdrawnCard(demo, page, { lang }) {
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.locator(card).getByText(say(lang, 'standing.consentWithdrawn.title')).waitFor();
  assert.equal(await page.locator(card).getByText(say(lang, 'card.panel'), { exact: true }).count(), 0);
}

export async function openPanel(demo, page) {
  await page.goto(`${demo.account}/settings/widgets/demo`);
  await page.waitForSelector(`${panel} .accord-headline`);
}

/** The control panel: the Policy by clauses, what was agreed to and when, and its receipt. */
export async function readThePanel(demo, page, { lang, policy }) {
  await openPanel(demo, page);
  const shown = await page.locator(panel).textContent();
  const clauses = policy.sections.flatMap((section) => section.clauses);
  for (const { no } of clauses) {
    assert.ok(shown.includes(no), `the panel leaves out clause ${no}`);
  }
  const facts = await page.locator(`${panel} .accord-facts`).innerText();
  assert.match(facts, like(lang, 'policy.number'));
  assert.match(facts, /\d{4}.*\b\d{1,2}:\d\d/, 'the time of the consent');
  assert.ok(facts.includes(say(lang, 'panel.byYou')));
  assert.deepEqual(await barriers(page, panel), []);

  const receipt = JSON.parse(await saved(page, page.locator(`${panel} [data-receipt=json]`).first()));
  assert.equal(receipt.act, 'given');
  assert.equal(receipt.policy.hash, policy.hash, 'the receipt is for the text that was shown');
}

/** The bytes of the file that a button gives. */
export async function saved(page, button) {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return readFile(await download.path());
}

/** Corrects the phone number, and finds it in each form of "my data". */
export async function correctAndDownload(page, { lang }) {
  await page.locator(`${panel} [data-field=phone]`).fill('+996 700 654 321');
  await page.getByRole('button', { name: say(lang, 'panel.contactSave') }).click();
  await page.locator(panel).getByText(say(lang, 'panel.contactSaved')).waitFor();

  const download = (format) =>
    saved(page, page.getByRole('button', { name: say(lang, `data.${format}`), exact: true }));
  assert.equal(JSON.parse(await download('json')).person.contact.phone, '+996700654321');
  assert.match((await download('html')).toString(), /\+996700654321/);
  assert.equal((await download('zip')).subarray(0, 4).toString('latin1'), 'PK\x03\x04');
}

/** Presses through the withdrawal; `seen` is called before the last press. */
async function pressThrough(page, { lang }, seen = async () => {}) {
  await page.getByRole('button', { name: say(lang, 'withdrawal.open'), exact: true }).click();
  await page.getByRole('button', { name: say(lang, 'withdrawal.confirm'), exact: true }).waitFor();
  await seen();
  await page.getByRole('button', { name: say(lang, 'withdrawal.confirm'), exact: true }).click();
  return 2;
}

/** An employee who did not consent is told so before anything can be pressed, and nothing changes. */
export async function tryToWithdrawAsEmployee(demo, page, { lang }) {
  await openPanel(demo, page);
  await page.getByRole('button', { name: say(lang, 'withdrawal.open'), exact: true }).click();
  await page.locator(panel).getByText(say(lang, 'errors.administratorRequired')).waitFor();
  assert.equal(await page.getByRole('button', { name: say(lang, 'withdrawal.confirm'), exact: true }).count(), 0);
  assert.equal(await acts(demo, 'withdrawn'), 0, 'an employee withdrew');
  assert.equal(await acts(demo, 'active'), 1);
}

/** Withdraws; the panel names the request and the day by which it will be done. */
export async function withdraw(demo, page, words, seen) {
  await openPanel(demo, page);
  const presses = await pressThrough(page, words, () => seen?.(withdrawing));
  const note = page.locator(`${panel} [data-accord-withdrawn]`);
  await note.waitFor();
  assert.match(await note.getAttribute('data-accord-withdrawn'), /^W-\d{4}-\d{6}$/);
  const [, received, due] = (await note.innerText()).match(like(words.lang, 'withdrawal.doneText'));
  assert.match(received, /\d{4}/);
  assert.match(due, /\d{4}/);
  assert.notEqual(due, received);
  assert.deepEqual(await barriers(page, panel), []);
  return presses;
}

/** The Product left the account, and the demo's page tells how. */
export async function seeItLeave(demo, page) {
  await page.goto(`${demo.service}/demo`);
  await page.locator('#activity li', { hasText: 'uninstalled' }).first().waitFor();
  await page.locator('#activity li', { hasText: /^uninstall\s+done/ }).first().waitFor();
  assert.equal((await installed(demo)).active, false, 'still switched on at amoCRM');
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.waitForSelector('.card-widgets__elements', { state: 'attached' });
  assert.equal(await page.locator(card).count(), 0, 'the widget is still in the card');
}

/** amoCRM would not let us switch the widget off: the panel says how, and the person does it. */
export async function switchOffByHand(demo, page, { lang }) {
  await openPanel(demo, page);
  await page.locator(panel).getByText(say(lang, 'hints.uninstall.title')).waitFor();
  assert.deepEqual(await barriers(page, panel), []);
  await openSettings(demo, page);
  await page.locator('button.js-widget-uninstall').click();
  await page.getByRole('dialog').last().getByRole('button', { name: /^(Disable|Отключить)/ }).last().click();
  await until('the widget is off', async () => (await installed(demo)).active === false);
}
