/** An emulated account with one widget, and its administrator at a browser. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

import { until } from '../stage.mjs';

const CODE = 'tried';
const PATIENCE_MS = 8000;

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Faults of a widget that the account's pages catch, so that the console does not hear of them. */
const CAUGHT = ['uncaught-error', 'load-failed'];

/** Starts an account and signs in; `close` gives what went wrong and what is forbidden, each once. */
export async function openAccount(browser, archive) {
  const port = await freePort();
  const api = `http://127.0.0.1:${port}/_emulator`;
  const program = spawn(process.env.AMOCRM_EMULATOR, ['--port', String(port)], { stdio: 'ignore' });
  const control = async (method, path, body, type = 'application/json') => {
    const answer = await fetch(`${api}${path}`, { method, headers: { 'Content-Type': type }, body });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return text ? JSON.parse(text) : null;
  };

  const said = new Set();
  let context = null;
  async function close() {
    await context?.close();
    const found = await control('GET', '/findings').catch(() => []);
    program.kill('SIGINT');
    const told = found.map(({ rule, detail }) => `${rule}: ${detail}`);
    const isCaught = (fault) => CAUGHT.some((rule) => fault.startsWith(rule));
    told.filter(isCaught).forEach((fault) => said.add(fault));
    return { said: [...said], forbidden: [...new Set(told.filter((fault) => !isCaught(fault)))] };
  }

  try {
    await until('the emulator answers', () => control('GET', '/switches'));
    // Hooks go nowhere: the widget's own server is not here.
    const uris = { redirect_uri: 'http://127.0.0.1:9/install', disconnect_uri: 'http://127.0.0.1:9/gone' };
    const card = await control('POST', '/integrations', JSON.stringify({ code: CODE, name: 'Tried', ...uris }));
    await control('PUT', `/integrations/${card.client_id}/archive`, await readFile(archive), 'application/zip');

    context = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => said.add(String(error.message).split('\n')[0]));
    page.on('console', (message) => message.type() === 'error' && said.add(message.text().split('\n')[0]));
    // Whatever the widget asks of other machines is not answered here, and is no fault of it.
    await context.route((url) => !/(^|\.)localhost$|^127\.0\.0\.1$/.test(url.hostname), (route) => {
      said.add(`asks ${new URL(route.request().url()).hostname}, which is not reached from here`);
      return route.abort();
    });
    const home = `http://demo.localhost:${port}`;
    await page.goto(`${home}/`);
    await page.getByRole('button', { name: 'Asel Admin' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();

    /** `install`, `not_configured` or `installed`. */
    const status = async () => {
      const { accounts } = await control('GET', '/state');
      const [install] = Object.values(accounts[0].installs);
      return install?.active ? install.status : 'install';
    };
    const facts = await page.evaluate(() => JSON.parse(document.getElementById('facts').textContent));
    const [widget] = facts.widgets;
    const manifest = widget.fault ? {} : JSON.parse(widget.manifest);
    return { code: CODE, home, page, manifest, fault: widget.fault, status, close };
  } catch (failure) {
    await close();
    throw failure;
  }
}
