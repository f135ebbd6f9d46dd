/**
 * The demo's own page: new versions of the Policy are published by its buttons, and what
 * that means is seen in the account; then the Product is switched off in amoCRM without
 * anybody asking the service, and the page shows what the service noticed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { barriers, closeBrowser, openBrowser, person, told, until } from './stage.mjs';
import * as story from './story.mjs';
import { picture } from './tour.mjs';
import { like, say } from './words.mjs';

const { card, gate, panel, tick } = story;
const NOTICE = '[data-accord-notice]';

before(openBrowser);
after(closeBrowser);

const WORDS = {
  en: { notice: 'Publish a clearer text', wider: 'Publish a wider text', later: 'Let 14 days pass', purpose: /statistics of use/ },
  ru: { notice: 'Опубликовать более ясный текст', wider: 'Опубликовать более широкий текст', later: 'Пропустить 14 дней', purpose: /статистика использования/ },
};

/** The demo's page, in a window of its own beside the account's. */
async function openDemo(demo, scene) {
  const { context, page } = await person(demo, 'Anna Example', { ...scene, bypassCSP: true });
  await page.goto(`${demo.service}/demo?lang=${scene.lang}`);
  return { page, close: () => context.close() };
}

/** It reads well: nothing in the way, nothing too wide. */
async function looksRight(page) {
  assert.deepEqual(await barriers(page), []);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
}

/** Presses a button; the version and the way to the comparison stand below it. */
async function publish(page, lang, what, number) {
  await page.getByRole('button', { name: WORDS[lang][what], exact: true }).click();
  await page.waitForURL(`**/demo?lang=${lang}#new-version`);
  const row = page.locator('#new-version .rows li', { hasText: String(number) }).last();
  const href = await row.getByRole('link').getAttribute('href');
  assert.equal(href, `/policy/demo/${number - 1}..${number}?lang=${lang}`);
  assert.equal(await page.getByRole('button', { name: WORDS[lang][what], exact: true }).isDisabled(), true);
  assert.equal((await fetch(new URL(href, page.url()))).status, 200);
}

async function openCard(demo, page) {
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.locator(`${card} p`).first().waitFor();
}

async function walk(demo, scene) {
  const { lang } = scene;
  await demo.control('PUT', '/switches', { install_mode: scene.mode });
  const anna = await person(demo, 'Anna Example', scene);
  const { page } = anna;
  const desk = await openDemo(demo, scene);
  await looksRight(desk.page);
  await story.openSettings(demo, page);
  await page.waitForSelector(tick);
  await story.agreeAndInstall(demo, page, scene);

  // The sixth step. A clearer text: everybody is told, and nothing stops.
  await publish(desk.page, lang, 'notice', 2);
  await openCard(demo, page);
  await page.locator(`${card} ${NOTICE}`).waitFor();
  await page.locator(card).getByText(like(lang, 'card.fine')).waitFor();

  // A wider one: it is off at once, and when the grace is over the account is locked.
  await publish(desk.page, lang, 'wider', 3);
  await looksRight(desk.page);
  await picture(scene.pictures, '9-publish', desk.page, { scroll: '#new-version' });
  await openCard(demo, page);
  await page.locator(card).getByText(say(lang, 'standing.outdated.title')).waitFor();
  await page.locator(card).getByText(WORDS[lang].purpose).waitFor();
  await desk.page.getByRole('button', { name: WORDS[lang].later, exact: true }).click();
  await desk.page.waitForURL('**/demo?lang=*#new-version');
  await openCard(demo, page);
  await page.locator(card).getByText(say(lang, 'standing.reconsentRequired.title')).waitFor();

  // A new consent opens it again.
  await story.openPanel(demo, page);
  await page.locator(`${panel} [data-consent=agree]`).check();
  await page.getByRole('button', { name: say(lang, 'consent.send'), exact: true }).click();
  await page.locator(panel).getByText(say(lang, 'consent.sent')).waitFor();
  await story.seeCalmCard(demo, page, scene);

  // The seventh step: switched off in amoCRM. Nobody asks; the page shows what was noticed.
  await story.openSettings(demo, page);
  await page.locator('button.js-widget-uninstall').click();
  await page.getByRole('dialog').last().getByRole('button', { name: /^(Disable|Отключить)/ }).last().click();
  await until('the widget is off', async () => (await story.installed(demo)).active === false);
  await desk.page.locator('#activity li', { hasText: 'uninstalled' }).first().waitFor();
  assert.equal(await desk.page.locator('#activity .state.given').count(), 2, 'the ledger lost a consent');
  await looksRight(desk.page);
  await picture(scene.pictures, '10-uninstalled', desk.page, { full: true });

  // Coming back begins anew.
  await story.openSettings(demo, page);
  await page.waitForSelector(tick);
  assert.equal(await page.locator(tick).isChecked(), false);
  await page.locator(gate).waitFor();
  await desk.close();
  await anna.leave();
}

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy', pictures: '' },
  { lang: 'ru', theme: 'dark', mode: 'two_step', width: 390, height: 844, pictures: 'phone-' },
]) {
  test(`the demo's sixth and seventh step in ${scene.lang}, ${scene.theme}, ${scene.width ?? 1280} wide`, () =>
    told((demo) => walk(demo, scene)));
}

test('without a grace the page says that the product is locked at once', () =>
  told(
    async (demo) => {
      const { page, close } = await openDemo(demo, { lang: 'en', theme: 'dark' });
      await page.getByText('the product is locked until somebody agrees').waitFor();
      await publish(page, 'en', 'wider', 2);
      assert.equal(await page.getByRole('button', { name: /pass$/ }).count(), 0);
      await looksRight(page);
      await close();
    },
    { ACCORD_RECONSENT_GRACE: 'P0D' },
  ));
