/**
 * The main job, walked as people walk it: an administrator installs the Product, reads the
 * Policy, consents, uses it, looks at the control panel, withdraws, and watches it leave;
 * an employee sees what is not theirs to do. In two languages, two themes, both ways that
 * amoCRM's settings window is known to work, with the widget as an archive and as a folder.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { barriers, closeBrowser, Demo, openBrowser, person, until } from './stage.mjs';
import { picture } from './tour.mjs';

const WORDS = {
  en: { titles: /Privacy Policy/, agree: /I have read the policy/, admin: /administrator/i, withdrawn: /withdrawn/i },
  ru: { titles: /Политика/, agree: /Политик/i, admin: /администратор/i, withdrawn: /отозван/i },
};
const gate = '[data-accord="gate-demo"]';
const panel = '[data-accord="panel-demo"]';
const card = '[data-accord="card-demo"]';

/** The widget's own words. */
function say(lang, key) {
  const file = fileURLToPath(new URL(`../../widget/i18n/${lang}.json`, import.meta.url));
  return key.split('.').reduce((words, part) => words[part], JSON.parse(readFileSync(file, 'utf8')).accord);
}

before(openBrowser);
after(closeBrowser);

/** The settings window of the Product, with the consent form in it. */
async function openSettings(demo, page) {
  await page.goto(`${demo.account}/settings/widgets`);
  await page.getByRole('button', { name: /^(Open|Открыть)/ }).first().click();
  await page.waitForSelector(`${gate} [data-consent=agree]`);
}

/** How far the Product is in the account, as amoCRM knows it. */
async function installed(demo) {
  const { accounts } = await demo.control('GET', '/state');
  return Object.values(accounts[0].installs)[0];
}

async function activity(demo) {
  return (await fetch(`${demo.service}/demo/activity`)).text();
}

async function walk(demo, { lang, theme, mode, pictures = false }) {
  const words = WORDS[lang];
  const shot = (name, page, options) => picture(pictures, name, page, options);
  await demo.control('PUT', '/switches', { install_mode: mode, double_render: true });
  const anna = await person(demo, 'Anna Example', { lang, theme });
  const { page } = anna;

  // Install is held back until the person agrees.
  await openSettings(demo, page);
  assert.match(await page.locator(gate).innerText(), words.titles);
  assert.equal(await page.locator(`${gate} [data-consent=agree]`).isChecked(), false, 'the box is ticked');
  assert.equal(await page.locator(`${gate} [data-consent=advertising]`).isChecked(), false, 'advertising is on');
  assert.equal(await page.locator('[data-field=name]').first().inputValue(), 'Anna Example');
  assert.equal(await page.locator('[data-field=email]').first().inputValue(), 'anna@example.com');
  assert.deepEqual(await barriers(page, '.modal'), []);
  await shot('1-policy', page);
  const before_ = (await activity(demo)).split('given').length;
  if (mode === 'legacy') {
    await page.locator('button.js-widget-install').first().click();
    await page.locator(`${gate} [role=alert]:visible`).first().waitFor();
    assert.equal((await activity(demo)).split('given').length, before_, 'a consent without a tick');
  }

  // They agree, and install.
  await page.locator('[data-field=phone]').first().fill('+996 700 123 456');
  let steps = 0;
  const press = async (locator) => {
    await locator.first().click();
    steps += 1;
  };
  await press(page.locator(`${gate} [data-consent=agree]`));
  await shot('2-agreed', page, { scroll: `${gate} [data-consent=agree]` });
  await press(page.locator('button.js-widget-install'));
  if (mode === 'two_step') {
    await press(page.locator('button.js-widget-save:not([disabled])'));
  }
  await until('the account is entitled', async () => /given/.test(await activity(demo)) && /active/.test(await activity(demo)));
  await until('amoCRM saved the settings', async () => (await installed(demo)).status === 'installed');

  // The card is calm.
  await page.goto(`${demo.account}/leads/detail/1001`);
  await page.waitForSelector(card);
  await until('the card is calm', async () => !(await page.locator(card).getByRole('alert').count()));
  await shot('3-card', page);

  // The control panel.
  await page.goto(`${demo.account}/settings/widgets/demo`);
  await page.waitForSelector(`${panel} .accord-button-danger`);
  assert.match(await page.locator(panel).innerText(), words.titles);
  assert.deepEqual(await barriers(page, panel), []);
  await shot('4-panel', page, { full: true });
  await page.locator(`${panel} [data-field=phone]`).fill('+996 700 654 321');
  await page.locator(`${panel} .accord-card:has([data-field=phone]) .accord-button-main`).click();
  await page.locator(`${panel} .accord-card:has([data-field=phone]) .accord-note-good`).waitFor();
  for (const format of ['json', 'html', 'zip']) {
    const button = page.getByRole('button', { name: say(lang, `data.${format}`), exact: true });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    const content = await readFile(await download.path());
    assert.ok(content.length > 100, `${format} is empty`);
    if (format === 'json') {
      assert.equal(JSON.parse(content).person.contact.phone, '+996700654321');
    }
  }

  // An employee who did not consent may not withdraw.
  const boris = await person(demo, 'Boris Example', { lang, theme });
  await boris.page.goto(`${demo.account}/settings/widgets/demo`);
  await boris.page.waitForSelector(`${panel} .accord-button-danger`);
  await boris.page.locator(`${panel} .accord-button-danger`).first().click();
  await boris.page.locator(`${panel} .accord-button-danger`).last().click();
  await until('the employee is told', async () => words.admin.test(await boris.page.locator(panel).innerText()));
  assert.match(await activity(demo), /active/);

  // The administrator withdraws, in no more steps than it took to agree.
  await page.locator(`${panel} .accord-button-danger`).first().click();
  await shot('5-withdraw', page, { scroll: `${panel} .accord-button-danger` });
  await page.locator(`${panel} .accord-button-danger`).last().click();
  assert.ok(steps >= 2, `withdrawing takes two steps and agreeing took ${steps}`);
  await page.waitForSelector(`${panel} [data-accord-withdrawn]`);
  assert.match(await page.locator(`${panel} [data-accord-withdrawn]`).first().getAttribute('data-accord-withdrawn'), /^W-\d{4}-\d{6}$/);
  await until('the Product left', async () => /uninstalled/.test(await activity(demo)));
  assert.equal((await installed(demo)).active, false, 'the Product is still switched on at amoCRM');

  // Everywhere else the widget says so and does nothing.
  await boris.page.goto(`${demo.account}/leads/detail/1001`);
  await until('the card says so', async () => words.withdrawn.test(await boris.page.locator('body').innerText()) || !(await boris.page.locator(card).count()));
  await page.goto(`${demo.account}/settings/widgets`);
  await page.getByRole('button', { name: /^(Open|Открыть)/ }).first().click();
  await page.waitForSelector('button.js-widget-install:not([disabled])');

  assert.deepEqual([...anna.faults, ...boris.faults], []);
  await Promise.all([anna.context.close(), boris.context.close()]);
}

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy', pictures: true },
  { lang: 'ru', theme: 'dark', mode: 'two_step' },
  { lang: 'en', theme: 'dark', mode: 'two_step' },
  { lang: 'ru', theme: 'light', mode: 'legacy' },
]) {
  test(`the whole story in ${scene.lang}, ${scene.theme}, ${scene.mode}`, async () => {
    const demo = await Demo.start();
    try {
      await walk(demo, scene);
      // axe, which the test itself brings into the page, is noticed too.
      const findings = (await demo.control('GET', '/findings')).filter((f) => !/axe/.test(f.detail));
      assert.deepEqual(findings, [], 'forbidden behaviour');
    } finally {
      await demo.stop();
    }
  });
}

test('the story with the widget as a folder', async () => {
  const demo = await Demo.start();
  const folder = await mkdtemp(join(tmpdir(), 'accord-widget-'));
  try {
    await cp(fileURLToPath(new URL('../../widget', import.meta.url)), folder, { recursive: true });
    const config = join(folder, 'config.js');
    await writeFile(config, (await readFile(config, 'utf8')).replace('http://localhost:8080', demo.service));
    const world = await until('the world is saved', async () => {
      const saved = JSON.parse(await readFile(join(demo.folder, 'amocrm.json'), 'utf8'));
      return Object.keys(saved.integrations).length > 0 && saved;
    });
    const [card_] = Object.values(world.integrations);
    await demo.control('POST', '/integrations', { ...card_, archive: null, folder });
    await walk(demo, { lang: 'en', theme: 'light', mode: 'legacy' });
  } finally {
    await demo.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

test('the pages of the service have no barriers, light and dark, narrow and wide', async () => {
  const demo = await Demo.start();
  try {
    for (const [theme, width, lang] of [['light', 1280, 'en'], ['dark', 390, 'ru']]) {
      const { context, page } = await person(demo, 'Anna Example', { lang, theme, width, bypassCSP: true });
      for (const path of ['/', '/demo', '/policy/demo', '/docs', '/docs/errors/policy-changed', '/nowhere']) {
        await page.goto(`${demo.service}${path}`);
        assert.deepEqual(await barriers(page), [], `${path} ${theme} ${width}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px too wide at ${width}`);
      }
      await context.close();
    }
  } finally {
    await demo.stop();
  }
});
