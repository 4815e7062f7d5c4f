/** The page's training mode as tests reach it. */
import { expect, type Locator, type Page } from '@playwright/test';
import { strings } from '../../../src/renderer/strings/en.ts';

const words = strings.training;

/** Opens training by its key. @returns the mode */
export async function openTraining(page: Page): Promise<Locator> {
  const training = page.getByRole('region', { name: words.title });
  await page.keyboard.press('t');
  await expect(training).toBeVisible();
  return training;
}

/** Opens the recipe and fills in a head so small that it is trained in a moment. */
export async function fillSmallRecipe(
  training: Locator,
  {
    epochs = 12,
    patience = 20,
    batchSize = 4,
  }: { epochs?: number; patience?: number; batchSize?: number } = {},
): Promise<void> {
  const widths = training.getByLabel(words.recipeFields.widths.label);
  if (!(await widths.isVisible())) await training.getByText(words.recipe, { exact: true }).click();
  await widths.fill('16, 8');
  await training.getByLabel(words.recipeFields.dropout.label).fill('0.1');
  await training.getByLabel(words.recipeFields.epochs.label).fill(String(epochs));
  await training.getByLabel(words.recipeFields.batchSize.label).fill(String(batchSize));
  await training.getByLabel(words.recipeFields.patience.label).fill(String(patience));
}
