/** Entry of the page: connects to the engine and shows the window. */
import '@fontsource-variable/inter/opsz.css';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { AppClient } from './client/app-client.svelte.ts';
import { AppState } from './state/app-state.svelte.ts';

const target = document.getElementById('app');
if (target !== null) mount(App, { target, props: { app: new AppState(new AppClient()) } });
