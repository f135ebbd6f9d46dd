/**
 * Several people of one account: two administrators and an employee who presses the button
 * that grants access, consents and withdraws for himself alone. What he takes back leaves
 * what the others agreed to, and what his access does not allow is said to him.
 */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { barriers, closeBrowser, openBrowser, person, told, until } from './stage.mjs';
import * as story from './story.mjs';
import { say } from './words.mjs';

before(openBrowser);
after(closeBrowser);

/** Pictures for whoever looks at them: `PICTURES=folder`. */
async function shot(name, page) {
  if (process.env.PICTURES) {
    await mkdir(process.env.PICTURES, { recursive: true });
    await page.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true });
  }
}

/** A second administrator joins the account. */
async function hireClara(demo) {
  const { accounts } = await demo.control('GET', '/state');
  const clara = { name: 'Clara Example', email: 'clara@example.com', lang: 'en', is_admin: true, is_active: true };
  await demo.control('POST', `/accounts/${accounts[0].id}/users`, clara);
}

/** The button of the Product, and amoCRM's page behind it; returns the service's last page. */
async function pressTheButton(demo, page, name) {
  await page.goto(`${demo.service}/amocrm/demo/authorize`);
  const who = page.locator('select[name=who]');
  await who.selectOption(await who.locator('option', { hasText: name }).getAttribute('value'));
  await page.getByRole('button', { name: /^(Allow|Разрешить)/ }).click();
  await page.waitForURL(`${demo.service}/amocrm/demo/install**`);
  return page.locator('main').innerText();
}

/** Consents with a token of the person's own, as a widget of their browser would. */
async function consent(demo, page, lang) {
  const policy = await (await fetch(`${demo.service}/widget/v1/policy?product=demo&lang=${lang}`)).json();
  const body = {
    policy_hash: policy.hash,
    lang,
    contact: { name: 'Boris Example', email: 'boris@example.com' },
    declares: { read: true, own_data: true },
  };
  const answer = await call(demo, page, 'POST', '/consents', body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
}

async function call(demo, page, method, path, body) {
  const token = await page.evaluate(async (client) => {
    const address = `/ajax/v2/integrations/${client}/disposable_token`;
    const answer = await fetch(address, { headers: { 'X-Requested-With': 'XMLHttpRequest' } });
    return (await answer.json()).token;
  }, '01d01160-d7a0-4087-b4af-6a1bb83fcd1d');
  const answer = await fetch(`${demo.service}/widget/v1${path}`, {
    method,
    headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

/** What the confirmation says, before anything is pressed. */
async function openTheWithdrawal(demo, page, { lang }, reach) {
  await story.openPanel(demo, page);
  await page.getByRole('button', { name: say(lang, 'withdrawal.open'), exact: true }).click();
  const [question, effect] = reach === 'own' ? ['ownQuestion', 'ownEffect1'] : ['question', 'effect1'];
  const confirmation = page.locator(`${story.panel} [role=group]`, { hasText: say(lang, `withdrawal.${question}`) });
  await confirmation.getByText(say(lang, `withdrawal.${effect}`)).waitFor();
  assert.deepEqual(await barriers(page, story.panel), []);
}

for (const scene of [
  { lang: 'en', theme: 'light', mode: 'legacy' },
  { lang: 'ru', theme: 'dark', mode: 'legacy', width: 390, height: 844 },
]) {
  test(`two administrators and an employee, in ${scene.lang}, ${scene.width ?? 1280} wide`, () =>
    told(async (demo) => {
      const { lang } = scene;
      await hireClara(demo);
      const anna = await person(demo, 'Anna Example', scene);
      const boris = await person(demo, 'Boris Example', scene);
      const clara = await person(demo, 'Clara Example', scene);
      await story.openSettings(demo, anna.page);
      await story.readTheForm(demo, anna.page, scene);
      await story.agreeAndInstall(demo, anna.page, scene);

      // The employee's access stands beside the administrator's.
      const connected = await pressTheButton(demo, boris.page, 'Boris Example');
      assert.match(connected, lang === 'ru' ? /Подключено/ : /Connected/);
      assert.doesNotMatch(connected, /employee|сотрудник/);

      // He consents for himself, and takes back that alone.
      await boris.page.goto(`${demo.account}/leads`);
      await consent(demo, boris.page, lang);
      await openTheWithdrawal(demo, boris.page, scene, 'own');
      await shot(`own-${lang}-1-before`, boris.page);
      await boris.page.getByRole('button', { name: say(lang, 'withdrawal.confirm'), exact: true }).click();
      await boris.page.locator(`${story.panel} [data-accord-withdrawn]`).waitFor();
      await shot(`own-${lang}-2-after`, boris.page);
      assert.deepEqual(await barriers(boris.page, story.panel), []);
      assert.equal((await story.installed(demo)).active, true, 'he ended it for everybody');
      await story.seeCalmCard(demo, anna.page, scene);

      // Without an administrator's access he is told what is missing, and the panel asks for one.
      const { accounts } = await demo.control('GET', '/state');
      const { id, users } = accounts[0];
      const [client] = Object.keys(accounts[0].installs);
      const revoke = (name) => {
        const { id: user } = users.find((one) => one.name === name);
        return demo.control('POST', '/revoke', { account_id: id, client_id: client, user_id: user });
      };
      await revoke('Anna Example');
      // Whoever asks amoCRM first notices that Anna's access is gone.
      await clara.page.goto(`${demo.account}/leads`);
      const asked = await call(demo, clara.page, 'GET', '/withdrawals');
      assert.equal(asked.status, 503, JSON.stringify(asked.body));
      assert.match(await pressTheButton(demo, boris.page, 'Boris Example'), /employee|сотрудник/);
      await shot(`own-${lang}-3-employee`, boris.page);
      await story.openPanel(demo, clara.page);
      const hint = clara.page.locator('[data-accord-hint=reauthorize-as-administrator]');
      await hint.getByText(say(lang, 'hints.administratorTitle')).waitFor();
      await shot(`own-${lang}-4-hint`, clara.page);
      assert.deepEqual(await barriers(clara.page, story.panel), []);
      assert.doesNotMatch(await pressTheButton(demo, clara.page, 'Clara Example'), /employee|сотрудник/);

      // An administrator who has not consented ends it for everybody, and is told so before.
      await openTheWithdrawal(demo, clara.page, scene, 'account');
      assert.equal(await clara.page.locator('[data-accord-hint]').count(), 0, 'the hint stays');
      await shot(`own-${lang}-5-account`, clara.page);
      await clara.page.getByRole('button', { name: say(lang, 'withdrawal.confirm'), exact: true }).click();
      await until('the widget is off', async () => (await story.installed(demo)).active === false);
      for (const one of [anna, boris, clara]) {
        await one.leave();
      }
    }));
}
