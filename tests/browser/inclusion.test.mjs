/**
 * The consent part in widgets that were written without it: one command puts it in, then the
 * widget asks for consent, installs, works, and what the consent part has to say stays on
 * the page however the widget draws.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { publish } from './editions.mjs';
import { barriers, closeBrowser, openBrowser, person, told, until } from './stage.mjs';
import * as story from './story.mjs';
import { like, say } from './words.mjs';

const { card, gate, panel } = story;
const NOTICE = `${card} [data-accord-notice]`;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

before(openBrowser);
after(closeBrowser);

/** A copy of a widget, with the consent part put in, as the Product of the demo. */
async function included(demo, name, folder) {
  await cp(here(`widgets/${name}`), folder, { recursive: true });
  for (const logo of (await readdir(here('../../widget/images'))).filter((file) => file.startsWith('logo'))) {
    await cp(here(`../../widget/images/${logo}`), join(folder, 'images', logo), { recursive: true });
  }
  const words = ['widget', 'add-consent', folder, '--backend', demo.service, '--product', 'demo'];
  const shown = await demo.accord(...words, '--dry-run');
  assert.match(shown, /\+.*accord\.pop\(\)\.wrap\(/);
  await demo.accord(...words);
  assert.match(await demo.accord(...words), /nothing to change/);
  await demo.accord('widget', 'check', folder, '--private');

  const world = await until('the world is saved', async () => {
    const saved = JSON.parse(await readFile(join(demo.folder, 'amocrm.json'), 'utf8'));
    return Object.keys(saved.integrations).length > 0 && saved;
  });
  const [integration] = Object.values(world.integrations);
  await demo.control('POST', '/integrations', { ...integration, archive: null, folder });
}

/** Tells a story about a widget that got the consent part. */
const toldOf = (name, tell, env) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'accord-included-'));
  try {
    await told(async (demo) => {
      await included(demo, name, folder);
      await tell(demo);
    }, env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const openCard = (demo, page) => page.goto(`${demo.account}/leads/detail/1001`);
const calm = (page, { lang }) => page.locator(card).getByText(like(lang, 'card.fine'));

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy' },
  { lang: 'ru', theme: 'dark', mode: 'legacy', double: true },
]) {
  test(
    `a widget that draws by render_template keeps card line and notice, ${scene.lang}`,
    toldOf('calculator', async (demo) => {
      await demo.control('PUT', '/switches', { install_mode: scene.mode, double_render: Boolean(scene.double) });
      const anna = await person(demo, 'Anna Example', scene);
      const { page } = anna;
      const result = page.locator('#calculation-result');

      await story.openSettings(demo, page);
      await story.readTheForm(demo, page, scene);
      await page.locator('input[name=rate]').fill('3');
      await story.installWithoutConsent(demo, page, scene);
      await story.agreeAndInstall(demo, page, scene);

      await openCard(demo, page);
      await result.getByText('21').waitFor();
      await calm(page, scene).waitFor();
      assert.equal(await page.locator(card).count(), 1);
      const looks = await page.locator('.km-form').evaluate((form) => getComputedStyle(form).backgroundColor);
      assert.equal(looks, 'rgb(250, 240, 230)', 'its own style sheet');
      const small = await page.locator(`${card} .accord-calm`).evaluate((line) => getComputedStyle(line).margin);
      assert.equal(small, '0px', 'and ours beside it');

      await page.locator('.km-again').click();
      await page.locator('.km-again').getByText(/2$/).waitFor();
      await calm(page, scene).waitFor();

      assert.equal((await publish(demo, 2)).level, 'notice');
      await openCard(demo, page);
      await page.locator(NOTICE).waitFor();
      await page.locator('.km-again').click();
      await page.locator('.km-again').getByText(/2$/).waitFor();
      await page.locator(NOTICE).waitFor();
      await result.getByText('21').waitFor();
      assert.deepEqual(await barriers(page, card), []);
      await page.locator(NOTICE).getByRole('button', { name: say(scene.lang, 'notice.known') }).click();
      await page.locator(card).getByText(like(scene.lang, 'notice.done')).waitFor();
      await result.getByText('21').waitFor();

      await story.withdraw(demo, page, scene);
      await until('it is uninstalled', async () => /uninstalled/.test(await story.activity(demo)));
      await openCard(demo, page);
      await page.waitForSelector('.card-widgets__elements', { state: 'attached' });
      assert.equal(await result.count(), 0, 'it works without a consent');
      await anna.leave();
    }),
  );
}

test(
  'until somebody agrees again, the widget draws nothing of its own',
  toldOf('calculator', async (demo) => {
    const scene = { lang: 'en', theme: 'light', mode: 'legacy' };
    await demo.control('PUT', '/switches', { install_mode: scene.mode });
    const anna = await person(demo, 'Anna Example', scene);
    const { page } = anna;
    await story.openSettings(demo, page);
    await story.readTheForm(demo, page, scene);
    await page.locator('input[name=rate]').fill('3');
    await story.agreeAndInstall(demo, page, scene);
    await openCard(demo, page);
    await page.locator('#calculation-result').waitFor();
    await publish(demo, 2);
    await publish(demo, 3);
    await openCard(demo, page);
    await page.locator(card).getByText(say(scene.lang, 'standing.reconsentRequired.title')).waitFor();
    assert.equal(await page.locator('#calculation-result').count(), 0);
    await anna.leave();
  }, { ACCORD_RECONSENT_GRACE: 'P0D' }),
);

test(
  'a class with a custom field and a page of its own keeps both',
  toldOf('notes', async (demo) => {
    const scene = { lang: 'en', theme: 'light', mode: 'two_step' };
    await demo.control('PUT', '/switches', { install_mode: scene.mode });
    const anna = await person(demo, 'Anna Example', scene);
    const { page } = anna;
    await story.openSettings(demo, page);
    await story.readTheForm(demo, page, scene);
    await story.installWithoutConsent(demo, page, scene);
    await story.agreeAndInstall(demo, page, scene);
    const { settings } = await story.installed(demo);
    assert.deepEqual(JSON.parse(settings.data), { notes: 1 }, 'the field is the widget\'s');

    await openCard(demo, page);
    await page.locator('.nt-card').waitFor();
    await calm(page, scene).waitFor();

    await story.openPanel(demo, page);
    await page.locator('.nt-page').waitFor();
    await page.locator(`${panel} .accord-headline`).waitFor();
    assert.equal(await page.locator(panel).count(), 1);
    assert.equal(await page.locator(gate).count(), 0);
    await anna.leave();
  }),
);
