/** Svelte settings: runes everywhere, TypeScript left to the build. */
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default { preprocess: vitePreprocess(), compilerOptions: { runes: undefined } };
