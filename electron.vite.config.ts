/** How shell, preload and page are built; the engine is not bundled but compiled file by file into `dist/`. */
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

/** The page for an old browser, as the end-to-end tests need where only an old Electron can be had. */
const usualTarget = 'chrome130';
const pageTarget = process.env['BANGER_PAGE_TARGET'] ?? usualTarget;
const polyfillFile = join(import.meta.dirname, 'test/e2e/electron/old-electron/page-polyfills.js');
const pageFolder = process.env['BANGER_PAGE_FOLDER'] ?? 'out/renderer';

/** What that browser lacks is put before the page, and its styles are written in its words. */
const oldBrowser = pageTarget !== usualTarget;
const polyfills: Plugin = {
  name: 'banger-old-browser',
  transform: (code, id) =>
    id.endsWith('/src/renderer/index.ts')
      ? { code: `import '${polyfillFile.replaceAll('\\', '/')}';${code}`, map: null }
      : null,
};

/** Bundled whole as CommonJS: a sandboxed preload can load nothing, and main stays free of start-up lookups. */
const bundled = (entry: string, folder: string) => ({
  build: {
    outDir: folder,
    target: 'node16',
    externalizeDeps: false,
    sourcemap: true,
    minify: false,
    rolldownOptions: {
      input: entry,
      external: ['electron'],
      output: { format: 'cjs' as const, entryFileNames: 'index.cjs' },
    },
  },
});

export default defineConfig({
  main: bundled('src/main/index.ts', 'out/main'),
  preload: bundled('src/preload/index.ts', 'out/preload'),
  renderer: {
    root: 'src/renderer',
    plugins: [
      ...(oldBrowser ? [polyfills] : []),
      svelte({ configFile: join(import.meta.dirname, 'svelte.config.js') }),
    ],
    build: {
      outDir: pageFolder,
      emptyOutDir: true,
      target: pageTarget,
      // Minifying is what translates nesting and colours.
      cssMinify: oldBrowser ? ('lightningcss' as const) : false,
      sourcemap: true,
      rolldownOptions: { input: 'src/renderer/index.html' },
    },
  },
});
