/** ESLint settings: typescript-eslint's strict rules, and the arrows between rooms as errors. */
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/**
 * Which other rooms each room may import. CONTRIBUTING.md says what lives in each; a room that is missing
 * here may be imported by nobody. Patterns are matched from the most specific folder upwards.
 */
const rooms = {
  shared: { pattern: 'src/shared', mayImport: [] },
  plots: { pattern: 'src/plots', mayImport: ['shared'] },
  audio: { pattern: 'src/engine/audio', mayImport: ['shared'] },
  models: { pattern: 'src/engine/models', mayImport: ['shared'] },
  inference: { pattern: 'src/engine/inference', mayImport: ['shared'] },
  library: { pattern: 'src/engine/library', mayImport: ['shared'] },
  metadata: { pattern: 'src/engine/metadata', mayImport: ['shared'] },
  watch: { pattern: 'src/engine/watch', mayImport: ['shared'] },
  scoring: {
    pattern: 'src/engine/scoring',
    mayImport: ['shared', 'audio', 'models', 'inference', 'library', 'metadata'],
  },
  curate: { pattern: 'src/engine/curate', mayImport: ['shared', 'audio', 'metadata', 'library'] },
  learn: {
    pattern: 'src/engine/learn',
    mayImport: ['shared', 'audio', 'models', 'inference', 'library', 'metadata', 'scoring'],
  },
  insight: {
    pattern: 'src/engine/insight',
    mayImport: ['shared', 'audio', 'library', 'metadata'],
  },
  report: { pattern: 'src/engine/report', mayImport: ['shared', 'plots'] },
  engine: {
    pattern: 'src/engine',
    mayImport: [
      'shared',
      'audio',
      'models',
      'inference',
      'library',
      'metadata',
      'watch',
      'scoring',
      'curate',
      'learn',
      'insight',
      'report',
    ],
  },
  web: { pattern: 'src/web', mayImport: ['shared'] },
  server: { pattern: 'src/server', mayImport: ['shared', 'web', 'engine'] },
  main: { pattern: 'src/main', mayImport: ['shared', 'web'] },
  preload: { pattern: 'src/preload', mayImport: ['shared'] },
  renderer: { pattern: 'src/renderer', mayImport: ['shared', 'plots'] },
  cli: { pattern: 'src/cli', mayImport: ['shared', 'engine', 'server'] },
};

export default defineConfig(
  { ignores: ['dist/', 'out/', 'release/', 'test-results/', 'coverage/', 'node_modules/', 'test/fixtures/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    ignores: ['**/*.svelte.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['tsconfig.json', 'tsconfig.renderer.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that defines it.' },
      ],
    },
  },
  {
    files: ['bin/**/*.js', '*.js', 'scripts/**/*.js', 'test/e2e/**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly' } },
  },
  // What fills the gaps of an old Electron in tests.
  { files: ['test/e2e/electron/**/*.{cjs,mjs}'], languageOptions: { globals: globals.node } },
  { files: ['test/e2e/electron/**/*.js'], languageOptions: { globals: globals.browser } },
  // The window's components, with the same rules for their scripts.
  { files: ['**/*.svelte', '**/*.svelte.ts'], extends: [tseslint.configs.strict] },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { parser: tseslint.parser, svelteConfig, extraFileExtensions: ['.svelte'] },
    },
    // svelte-check knows the types and reports what is not defined.
    // State is replaced as a whole ($state.raw); plain maps and sets inside classes are meant not to be followed.
    rules: { 'no-undef': 'off', 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': Object.entries(rooms).map(([type, { pattern }]) => ({ type, pattern })),
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(rooms).map(([type, { mayImport }]) => ({
            from: { element: { type } },
            allow: { to: { element: { types: { anyOf: [type, ...mayImport] } } } },
          })),
        },
      ],
    },
  },
);
