/**
 * The account's pages, walked through by an administrator and an employee.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { axe, calls, openSettings, openStage, until, visit } from './stage.mjs';

let stage;
let admin;

before(async () => {
  stage = await openStage();
});

after(() => stage.close());

beforeEach(async () => {
  await stage.control('PUT', 'switches', {
    install_mode: 'legacy',
    callback_order: 'init_first',
    double_render: false,
    advanced_settings_once: false,
    privacy_checkbox: false,
  });
  stage.server.hooks.length = 0;
  admin = await stage.signIn(/Asel/);
});

afterEach(() => admin.close());

async function install(page, note) {
  await openSettings(page, 'fixture');
  await page.locator('input[name="note"]').fill(note);
  await page.locator('button#fixture').click();
  await page.locator('.js-widget-uninstall').waitFor();
}

async function disable(page) {
  await page.locator('.js-widget-uninstall').click();
  await page.locator('.js-modal-confirm').click();
  await page.locator('.widget-settings').waitFor({ state: 'detached' });
}

describe('the settings window, fields before Install', () => {
  it('holds Install back while a required field is empty, then installs, saves and disables', async () => {
    const { page, problems } = admin;
    await openSettings(page, 'fixture');
    assert.deepEqual(await calls(page), ['render', 'init', 'bind_actions', 'settings']);

    await page.locator('button#fixture').click();
    await page.getByText('Fill in this field').waitFor();
    assert.deepEqual(await calls(page), []);
    assert.deepEqual(stage.server.hooks, []);

    await page.locator('input[name="note"]').fill(`${stage.server.url}/token`);
    await page.locator('button#fixture').click();
    await page.locator('.js-widget-uninstall').waitFor();
    assert.deepEqual(await calls(page), ['onSave:Y', 'onInstall']);
    assert.deepEqual(stage.server.hooks, ['/hook']);
    assert.equal(await page.locator('#save_fixture').isDisabled(), true);

    await page.locator('input[name="note"]').fill('changed');
    await page.locator('#save_fixture').click();
    await page.locator('.widget-settings').waitFor({ state: 'detached' });
    assert.deepEqual(await calls(page), ['onSave:Y', 'destroy']);

    await openSettings(page, 'fixture');
    assert.equal(await page.locator('input[name="note"]').inputValue(), 'changed');
    assert.equal(await page.locator('#fixture_custom').inputValue(), '{"seen":true}');
    await calls(page);
    await disable(page);
    assert.deepEqual(await calls(page), ['onSave:N', 'destroy']);
    assert.deepEqual(stage.server.hooks, ['/hook', '/gone']);
    assert.deepEqual(problems, []);
  });

  it('stays not configured when onSave says false, and can still be disabled', async () => {
    const { page } = admin;
    await install(page, 'refuse');
    await page.getByText('Not configured').first().waitFor();
    assert.equal(await page.locator('#save_fixture').isEnabled(), true);

    await disable(page);
    await until('the refusal to be noted', async () => (await stage.findings()).includes('disable-refused'));
  });

  it('waits for the platform\'s own checkbox when there is one', async () => {
    await stage.control('PUT', 'switches', { privacy_checkbox: true });
    const { page } = admin;
    await page.reload();
    await openSettings(page, 'fixture');
    assert.equal(await page.locator('button#fixture').isDisabled(), true);

    await page.locator('label.widget-settings__checkbox-privacy-policy').click();
    assert.equal(await page.locator('button#fixture').isEnabled(), true);
  });
});

describe('the settings window, fields after Install', () => {
  it('installs first and is configured by the first Save', async () => {
    await stage.control('PUT', 'switches', { install_mode: 'two_step' });
    const { page } = admin;
    await page.reload();
    await openSettings(page, 'fixture');
    assert.equal(await page.locator('input[name="note"]').count(), 0);
    await calls(page);

    await page.locator('button#fixture').click();
    await page.locator('input[name="note"]').waitFor();
    assert.deepEqual(await calls(page), ['onInstall', 'settings']);
    await page.getByText('Not configured').first().waitFor();

    await page.locator('input[name="note"]').fill('second step');
    await page.locator('#save_fixture').click();
    await page.locator('.widget-settings').waitFor({ state: 'detached' });
    assert.deepEqual(await calls(page), ['onSave:Y', 'destroy']);
    await page.locator('.integration[data-code="fixture"] [data-status="installed"]').waitFor();

    await openSettings(page, 'fixture');
    await disable(page);
  });
});

describe('an installed widget', () => {
  it('finds the vendor\'s libraries, texts, templates and tokens on its page in Settings', async () => {
    const { page, problems } = admin;
    await install(page, `${stage.server.url}/token`);
    await page.locator('.modal-body__close').click();
    await page.getByRole('link', { name: 'Fixture page' }).click();
    await page.getByText('token received').waitFor();

    const facts = JSON.parse(await page.locator('#fixture-facts').textContent());
    assert.deepEqual(facts, {
      inConstructor: '1.0.0/found/demo',
      versions: '2.1.3 1.9.1 1.1.2 2.24.0',
      area: 'advanced_settings advanced-settings:fixture',
      administrator: true,
      status: 'installed',
      note: `${stage.server.url}/token`,
      control: true,
      included: true,
      inline: 'yes!',
      text: '<p class="fixture-card">{{ greeting }}, {{ name }}</p>',
      twig: 'function',
      window: 'function',
    });
    assert.deepEqual(problems, []);
  });

  it('is entered and left as the person walks, and draws in the card', async () => {
    const { page } = admin;
    await visit(page, '/leads/detail/1001');
    await page.getByText('Hello, Asel Admin').waitFor();
    assert.deepEqual(await calls(page), ['render', 'init', 'bind_actions']);

    await visit(page, '/leads');
    assert.deepEqual(await calls(page), ['destroy']);
  });

  it('sees render twice and advancedSettings once when the switches say so', async () => {
    await stage.control('PUT', 'switches', { double_render: true, advanced_settings_once: true, callback_order: 'bind_first' });
    const { page } = admin;
    await page.reload();
    await visit(page, '/settings/widgets/fixture');
    assert.deepEqual(await calls(page), ['render', 'render', 'bind_actions', 'init', 'advancedSettings']);

    await visit(page, '/leads');
    await visit(page, '/settings/widgets/fixture');
    assert.deepEqual(await calls(page), ['destroy', 'render', 'render', 'bind_actions', 'init']);
  });

  it('is only looked at by an employee, whose rights it can read', async () => {
    const { page, close } = await stage.signIn(/Emil/);
    await visit(page, '/settings/widgets');
    await page.getByText('Only an administrator').waitFor();
    assert.equal(await page.locator('.js-widget-open').count(), 0);

    await visit(page, '/settings/widgets/fixture');
    await page.getByText('token received').waitFor();
    assert.equal(JSON.parse(await page.locator('#fixture-facts').textContent()).administrator, false);

    const status = await page.evaluate(() =>
      fetch('/ajax/widgets/edit', { method: 'POST', body: new URLSearchParams({ code: 'fixture', widget_active: 'N' }) }).then((answer) => answer.status)
    );
    assert.equal(status, 403);
    await close();
  });
});

describe('the recorder', () => {
  it('reports what a naughty widget does, and nothing of a good one', async () => {
    await stage.control('DELETE', 'findings');
    const { page } = admin;
    await openSettings(page, 'fixture');
    await page.locator('.modal-body__close').click();
    assert.deepEqual(await stage.findings(), []);

    await openSettings(page, 'naughty');
    const expected = ['console', 'forbidden-call', 'leaked-global', 'script-element', 'sync-request', 'too-many-requests', 'untrusted-click'];
    await until('all findings', async () => {
      const found = new Set(await stage.findings());
      return expected.every((rule) => found.has(rule));
    });
  });
});

describe('the pages themselves', () => {
  for (const theme of ['light', 'dark']) {
    it(`have nothing for axe to complain of in ${theme}`, async () => {
      const { page } = admin;
      for (const path of ['/leads', '/leads/detail/1001', '/settings/widgets']) {
        await page.goto(`${new URL(path, page.url()).href}?theme=${theme}&lang=en`);
        await page.locator(`body[data-place="${path}"]`).waitFor();
        assert.deepEqual(await axe(page), [], path);
      }
      await openSettings(page, 'fixture');
      assert.deepEqual(await axe(page), [], 'the settings window');
    });
  }

  it('speak the chosen language and tell it to widgets', async () => {
    const { page } = admin;
    await page.goto(new URL('/leads?lang=ru', page.url()).href);
    await page.getByRole('heading', { name: 'Сделки' }).waitFor();
    assert.equal(await page.evaluate(() => window.APP.lang_id), 'ru');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ru');
  });
});
