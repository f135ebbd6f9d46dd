/**
 * The main job, walked as people walk it: an administrator installs the Product, reads the
 * Policy, consents, uses it, looks at the control panel, withdraws, and watches it leave;
 * an employee sees what is not theirs to do. In two languages, two themes, both ways that
 * amoCRM's settings window is known to work, with the widget as an archive and as a folder,
 * on a wide screen and on a phone.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { barriers, closeBrowser, openBrowser, person, told, until } from './stage.mjs';
import * as story from './story.mjs';
import { picture } from './tour.mjs';

before(openBrowser);
after(closeBrowser);

async function walk(demo, scene) {
  const shot = (name, page, options) => picture(scene.pictures, name, page, options);
  await demo.control('PUT', '/switches', { install_mode: scene.mode, double_render: true });
  const anna = await person(demo, 'Anna Example', scene);
  const boris = await person(demo, 'Boris Example', scene);
  const { page } = anna;

  await story.openSettings(demo, page);
  const policy = await story.readTheForm(demo, page, scene);
  await shot('1-policy', page);
  await story.installWithoutConsent(demo, page, scene);
  await page.locator('[data-field=phone]').fill('+996 700 123 456');
  const agreeing = await story.agreeAndInstall(demo, page, scene, () =>
    shot('2-agreed', page, { scroll: '[data-consent=agree]' }),
  );

  await story.seeCalmCard(demo, page, scene);
  await shot('3-card', page);
  await story.readThePanel(demo, page, { ...scene, policy });
  await shot('4-panel', page, { full: true });
  await story.correctAndDownload(page, scene);

  await story.seeCalmCard(demo, boris.page, scene);
  await story.tryToWithdrawAsEmployee(demo, boris.page, scene);

  const withdrawing = await story.withdraw(demo, page, scene, (scroll) => shot('5-withdraw', page, { scroll }));
  assert.ok(withdrawing <= agreeing, `withdrawing took ${withdrawing} presses, agreeing ${agreeing}`);
  await story.seeItLeave(demo, page);

  // Coming back takes a consent of its own.
  await story.openSettings(demo, page);
  await story.readTheForm(demo, page, scene);
  await story.installWithoutConsent(demo, page, scene);
  await story.agreeAndInstall(demo, page, { ...scene, generation: 2 });
  await story.seeCalmCard(demo, boris.page, scene);

  await anna.leave();
  await boris.leave();
}

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy', pictures: '' },
  { lang: 'ru', theme: 'dark', mode: 'two_step', width: 390, height: 844, pictures: 'phone-' },
  { lang: 'en', theme: 'dark', mode: 'two_step' },
  { lang: 'ru', theme: 'light', mode: 'legacy' },
]) {
  test(`the whole story in ${scene.lang}, ${scene.theme}, ${scene.mode}, ${scene.width ?? 1280} wide`, () =>
    told((demo) => walk(demo, scene)));
}

test('the story with the widget as a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'accord-widget-'));
  try {
    await told(async (demo) => {
      await cp(fileURLToPath(new URL('../../widget', import.meta.url)), folder, { recursive: true });
      const config = join(folder, 'config.js');
      await writeFile(config, (await readFile(config, 'utf8')).replace('http://localhost:8080', demo.service));
      const world = await until('the world is saved', async () => {
        const saved = JSON.parse(await readFile(join(demo.folder, 'amocrm.json'), 'utf8'));
        return Object.keys(saved.integrations).length > 0 && saved;
      });
      const [integration] = Object.values(world.integrations);
      await demo.control('POST', '/integrations', { ...integration, archive: null, folder });
      await walk(demo, { lang: 'en', theme: 'light', mode: 'legacy' });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('where amoCRM refuses to switch the widget off, it says so everywhere and tells how', () =>
  told(async (demo) => {
    const scene = { lang: 'en', theme: 'light', mode: 'legacy' };
    await demo.control('POST', '/faults', {
      path_prefix: '/api/v4/widgets',
      method: 'DELETE',
      kind: 'status',
      status: 403,
      times: 100,
    });
    const anna = await person(demo, 'Anna Example', scene);
    const boris = await person(demo, 'Boris Example', scene);
    await story.openSettings(demo, anna.page);
    await story.readTheForm(demo, anna.page, scene);
    await story.agreeAndInstall(demo, anna.page, scene);
    await story.withdraw(demo, anna.page, scene);
    await until('the service is done', async () => /uninstalled/.test(await story.activity(demo)));
    await story.seeWithdrawnCard(demo, boris.page, scene);
    await story.switchOffByHand(demo, anna.page, scene);
    await anna.leave();
    await boris.leave();
  }));

test('the pages of the service have no barriers, light and dark, narrow and wide', () =>
  told(async (demo) => {
    for (const [theme, width, lang] of [
      ['light', 1280, 'en'],
      ['dark', 390, 'ru'],
    ]) {
      const { context, page } = await person(demo, 'Anna Example', { lang, theme, width, bypassCSP: true });
      for (const path of ['/', '/demo', '/policy/demo', '/docs', '/docs/errors/policy-changed', '/nowhere']) {
        await page.goto(`${demo.service}${path}`);
        assert.deepEqual(await barriers(page), [], `${path} ${theme} ${width}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px too wide at ${width}`);
      }
      await context.close();
    }
  }));
