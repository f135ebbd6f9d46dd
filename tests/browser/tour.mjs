/** Pictures for the documents, taken only when `scripts/tour` asks for them. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../docs/tour/', import.meta.url));

/**
 * Takes a picture of the page as a person sees it now. `prefix` begins its name; without
 * one (undefined) the scene has no pictures. `full` takes the page to its end, with a
 * window as tall as the page, so that what fills the window's height fills the picture's.
 */
export async function picture(prefix, name, page, { scroll, full = false } = {}) {
  if (prefix === undefined || !process.env.TOUR) {
    return;
  }
  if (scroll) {
    await page.locator(scroll).first().scrollIntoViewIfNeeded();
  }
  const usual = page.viewportSize();
  if (full) {
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ ...usual, height });
  }
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}${prefix}${name}.png` });
  await page.setViewportSize(usual);
}
