/** What a person set in the window, kept in the library: read field by field, changed by merging. */
import { z } from 'zod';
import { appSettingsSchema, type AppSettings } from '../shared/app-settings.ts';
import type { Library } from './library/library.ts';
import type { Setting } from './library/tables/settings-table.ts';

/** As stored: also fields that only another version of the product knows, which are kept. */
const storedSchema = z.record(z.string(), z.unknown());
const stored: Setting<typeof storedSchema> = { name: 'app', schema: storedSchema };

export class SettingsStore {
  readonly #library: Library;
  #changeCount = 0;

  constructor(library: Library) {
    this.#library = library;
  }

  /** All settings; a field that was never set, or that this version cannot read, has its default. */
  read(): AppSettings {
    const fields = this.#library.settings.get(stored) ?? {};
    const readable = Object.entries(appSettingsSchema.shape).filter(
      ([name, schema]) => Object.hasOwn(fields, name) && schema.safeParse(fields[name]).success,
    );
    return appSettingsSchema.parse(Object.fromEntries(readable.map(([name]) => [name, fields[name]])));
  }

  /** How often this store was changed. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** Changes what is named, whatever another process changed meanwhile. @returns all settings */
  change(changes: { [Name in keyof AppSettings]?: AppSettings[Name] | undefined }): AppSettings {
    this.#changeCount += 1;
    return this.#library.transaction(() => {
      const given = Object.entries(changes).filter(([, value]) => value !== undefined);
      const fields = this.#library.settings.get(stored) ?? {};
      this.#library.settings.set(stored, { ...fields, ...Object.fromEntries(given) });
      return this.read();
    });
  }
}
