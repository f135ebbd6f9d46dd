/** Pictures for the documents, taken only when `scripts/tour` asks for them. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../docs/tour/', import.meta.url));

/** Takes a picture of the page as a person sees it now. */
export async function picture(wanted, name, page, { scroll, full = false } = {}) {
  if (!wanted || !process.env.TOUR) {
    return;
  }
  if (scroll) {
    await page.locator(scroll).first().scrollIntoViewIfNeeded();
  }
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: full });
}
