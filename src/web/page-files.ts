/** The files of the built page: listed once, and nothing else is ever opened, whatever an address asks for. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const mimeTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

export interface PageFile {
  contents: Uint8Array;
  mimeType: string;
  /** Whether its name changes with what it holds, so that it may be kept for good. */
  isImmutable: boolean;
}

export class PageFiles {
  readonly #folder: string;
  #listing: Promise<Map<string, string>> | null = null;

  /** @param folder of the built page */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The file at a path of the page, null where the page has none. The path is only ever compared with the listing.
   *
   * @param path such as `/assets/index-DfGh12_-.js`, as it stands in the address
   */
  async read(path: string): Promise<PageFile | null> {
    const listing = await this.#list();
    const file = listing.get(decoded(path) ?? '');
    if (file === undefined) return null;
    return {
      contents: await readFile(file),
      mimeType: mimeTypes[extname(file).toLowerCase()] ?? 'application/octet-stream',
      isImmutable: /^\/assets\/.*-[\w-]{8}\.\w+$/.test(path),
    };
  }

  /** Absolute paths of the regular files, by their path in an address. Links are left out. */
  #list(): Promise<Map<string, string>> {
    this.#listing ??= listFiles(this.#folder, '').catch((thrown: unknown) => {
      // The page may be built later.
      this.#listing = null;
      throw thrown;
    });
    return this.#listing;
  }
}

async function listFiles(folder: string, prefix: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = `${prefix}/${entry.name}`;
    const file = join(folder, entry.name);
    if (entry.isFile()) files.set(path, file);
    if (entry.isDirectory()) {
      for (const inner of await listFiles(file, path)) files.set(...inner);
    }
  }
  return files;
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
