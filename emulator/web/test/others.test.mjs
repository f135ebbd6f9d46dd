/**
 * Widgets as others write them: the calls of Kommo's tutorial and of what its
 * generator makes, modules that are not emulated, and a widget so broken that
 * nothing can be done with it, beside which the others go on.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { openSettings, openStage, until, visit } from './stage.mjs';

let stage;
let admin;

before(async () => {
  stage = await openStage(['tutorial', 'generator', 'absent']);
  admin = await stage.signIn(/Asel/);
});

after(() => stage.close());

const close = (page) => page.locator('.modal-body__close').first().click();
const press = async (page, code) => {
  await page.locator(`button#${code}`).click();
  await page.locator('.js-widget-uninstall').waitFor();
};

async function mode(page, install_mode) {
  await stage.control('PUT', 'switches', { install_mode, callback_order: 'init_first' });
  await page.reload();
}

async function disable(page, code) {
  await openSettings(page, code);
  await page.locator('.js-widget-uninstall').click();
  await page.locator('.js-modal-confirm').click();
  await page.locator('.widget-settings').waitFor({ state: 'detached' });
}

const state = async (code) => {
  const { accounts, integrations } = await stage.control('GET', 'state');
  const { client_id: id } = Object.values(integrations).find((each) => each.code === code);
  return Object.values(accounts)[0].installs[id];
};

for (const way of ['legacy', 'two_step']) {
  describe(`what Kommo's tutorial does, ${way}`, () => {
    it('installs, saves and draws', async () => {
      const { page, problems } = admin;
      await mode(page, way);
      await openSettings(page, 'tutorial');
      await press(page, 'tutorial');
      if (way === 'legacy') {
        // While onSave of the Install ran, it was not installed yet.
        assert.equal(await page.evaluate(() => document.body.dataset.tutorialSave), 'Y N install install');
        await until('the settings', async () => (await state('tutorial')).status === 'installed');
        await close(page);
        await openSettings(page, 'tutorial');
      }
      await page.getByText('user true, users 2, types 1, tasks 0, fields 0, birthday true').waitFor();
      assert.equal(await page.locator('.tutorial-field').inputValue(), '2');
      assert.equal(await page.locator('#tutorial-form input[type=checkbox]').count(), 2);
      assert.equal(await page.locator('input[name="params[included]"]').inputValue(), 'from a template');
      await page.locator('.tutorial-field').selectOption('1');
      await page.locator('#tutorial_custom').evaluate((node) => window.$(node).trigger('change'));
      await page.locator('#save_tutorial').click();
      await page.locator('.widget-settings').waitFor({ state: 'detached' });
      assert.deepEqual(JSON.parse((await state('tutorial')).settings.custom), { field: '1' });
      const before = way === 'legacy' ? 'Y Y installed installed' : 'Y Y not_configured not_configured';
      assert.equal(await page.evaluate(() => document.body.dataset.tutorialSave), before);

      await visit(page, '/leads/detail/1001');
      await page.getByText('Today true 2 Asia/Bishkek').waitFor();
      assert.equal(await page.evaluate(() => window.AMOCRM.getV3WidgetsArea()), 'leads.card');
      assert.equal(await page.evaluate(() => window.APP.widgets.system.area), 'lcard');
      await page.evaluate(() => window.APP.widgets.list.tutorial.say());
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await disable(page, 'tutorial');
      assert.deepEqual(problems, []);
    });
  });
}

describe("what Kommo's generator makes", () => {
  it('installs, saves by itself and draws in every place', async () => {
    const { page, problems } = admin;
    await mode(page, 'two_step');
    await openSettings(page, 'generator');
    await press(page, 'generator');
    await page.getByText('Congratulations!').first().waitFor();
    await until('the save', async () => (await state('generator')).status === 'installed');
    await page.locator('.generated-settings').first().waitFor();
    assert.equal(await page.locator('.widget-settings').count(), 1, 'its window stays open');
    await close(page);
    assert.equal(await page.evaluate(() => window.APP.widgets.system.area), 'widgetsSettings');

    await visit(page, '/leads/detail/1001');
    await page.locator('.generated-card').waitFor();
    await visit(page, '/settings/widgets/generator');
    await page.locator('.generated-page').waitFor();
    assert.equal(await page.evaluate(() => window.AMOCRM.getV3WidgetsArea()), 'widget.advanced_settings');
    assert.equal(await page.evaluate(() => window.APP.widgets.system.area), 'advanced_settings');
    await disable(page, 'generator');
    assert.deepEqual(problems, []);
  });
});

describe('modules that are not emulated', () => {
  it('load, and say by name that they are missing when they are used', async () => {
    const { page } = admin;
    await mode(page, 'legacy');
    await stage.control('DELETE', 'findings');
    await openSettings(page, 'absent');
    await press(page, 'absent');
    await close(page);
    assert.deepEqual(await stage.findings(), []);

    await visit(page, '/leads/detail/1001');
    await page.getByText('The emulator does not have this module of amoCRM: chartjs').waitFor();
    await page.getByText('before the chart').waitFor();
    assert.equal(await page.evaluate(() => document.body.dataset.absentFormat), 'function');
    await until('the finding', async () => {
      const found = await stage.control('GET', 'findings');
      return found.some(({ rule, widget, detail }) => rule === 'module-not-emulated' && widget === 'absent' && detail.includes('chartjs'));
    });
    await disable(page, 'absent');
  });
});

describe('a script in the pages', () => {
  it('calls the API as the person signed in', async () => {
    const asked = ({ page }, method, url) =>
      page.evaluate((request) => new Promise((resolve) => window.$.ajax(request).done((_, __, xhr) => resolve(xhr.status)).fail((xhr) => resolve(xhr.status))), { method, url });
    assert.equal(await asked(admin, 'GET', '/api/v4/account'), 200);
    assert.equal(await asked(admin, 'GET', '/api/v4/widgets/tutorial'), 200);
    assert.equal(await asked(admin, 'DELETE', '/api/v4/widgets/tutorial'), 204);
    const employee = await stage.signIn(/Emil/);
    assert.equal(await asked(employee, 'GET', '/api/v4/account'), 200);
    assert.equal(await asked(employee, 'GET', '/api/v4/users'), 403);
    await employee.close();
  });
});

describe('a broken widget', () => {
  it('shows its fault in its tile and leaves every other page alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'broken-widget-'));
    const { page } = admin;
    await cp(fileURLToPath(new URL('../../tests/absent-widget', import.meta.url)), folder, { recursive: true });
    await stage.add('broken', folder);
    try {
      for (const manifest of ['{"widget": {}, "locations": {}}', '[]', '{ // no', '{"widget": {}, "settings": {"a": null}}']) {
        await writeFile(join(folder, 'manifest.json'), manifest);
        await page.goto(new URL('/settings/widgets', page.url()).href);
        await page.locator('.integration[data-code="broken"]').getByText('manifest.json').waitFor();
        await page.locator('.js-widget-open[data-code="tutorial"]').waitFor();
        await visit(page, '/leads/detail/1001');
        await page.locator('#card_title').waitFor();
      }
      // Its texts may be anything at all.
      await writeFile(join(folder, 'manifest.json'), '{"widget": {"name": "a.b", "locale": ["en"], "support": null}, "locations": ["everywhere"]}');
      await writeFile(join(folder, 'i18n/en.json'), '["a"]');
      await page.goto(new URL('/settings/widgets', page.url()).href);
      await page.locator('.js-widget-open[data-code="broken"]').waitFor();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
