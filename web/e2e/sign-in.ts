/** Ways into the console. */
import { expect, type Page } from '@playwright/test';
import type { Server } from './server';

/** Signs in with the name and password. */
export async function signIn(
  page: Page,
  server: Server,
  as: { user: string; password: string } = server,
): Promise<void> {
  await page.goto(server.origin);
  await page.getByLabel(/^(User|Utilisateur)$/).fill(as.user);
  await page.getByLabel(/^(Password|Mot de passe)$/).fill(as.password);
  await page.getByRole('button', { name: /^(Sign in|Se connecter)$/ }).click();
  await expect(page.locator('#content')).toBeVisible();
}

/** Chooses the look and the language before a page is opened. */
export async function wear(page: Page, theme: 'dark' | 'light', language: 'en' | 'fr' = 'en'): Promise<void> {
  await page.addInitScript(
    ([chosen, spoken]) => {
      // A report in its frame has no storage.
      if (window !== window.top) return;
      localStorage.setItem('vigie.theme', chosen as string);
      localStorage.setItem('vigie.language', spoken as string);
    },
    [theme, language],
  );
}
