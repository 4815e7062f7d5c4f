/** The desktop app around the engine: composes window, ports, menus, tray and what the system offers. */
import { join } from 'node:path';
import {
  app,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  protocol,
  safeStorage,
  session,
  shell,
} from 'electron';
import { callCommand } from '../shared/call-command.ts';
import { shellCommands, type ShellCommands } from '../shared/shell-commands.ts';
import { createPageHandler } from '../web/page-handler.ts';
import { appMenuTemplate } from './app-menu.ts';
import { appPaths } from './app-paths.ts';
import { appScheme } from './app-scheme.ts';
import { EngineLink } from './engine-link.ts';
import { EngineSupervisor, type EngineCondition } from './engine-supervisor.ts';
import { createFileDialogs } from './file-dialogs.ts';
import { guardSession } from './guard-session.ts';
import { HubToken } from './hub-token.ts';
import { KnownPlaces } from './known-places.ts';
import type { LogFile } from './log-file.ts';
import { MainWindow } from './main-window.ts';
import type { SecondStart } from './opened-paths.ts';
import { PagePorts } from './page-ports.ts';
import { shellHandlers } from './shell-handlers.ts';
import { StartAtLogin } from './start-at-login.ts';
import { appName, texts } from './texts.ts';
import { AppTray } from './tray.ts';
import { forkUtility } from './utility-child.ts';
import { WindowStateFile } from './window-state.ts';
import { WorkFollower } from './work-follower.ts';

/** How long the engine may take to park its song when the app is quit. */
const QUIT_PATIENCE_MS = 5000;

export class DesktopShell {
  readonly #log: LogFile;
  readonly #stateFile: WindowStateFile;
  readonly #window: MainWindow;
  readonly #supervisor: EngineSupervisor;
  readonly #engine: EngineLink;
  readonly #page: PagePorts;
  readonly #knownPlaces: KnownPlaces;
  readonly #startAtLogin: StartAtLogin;
  readonly #hubToken: HubToken;
  readonly #tray: AppTray;
  readonly #follower: WorkFollower;
  #quitting: 'not' | 'closing' | 'closed' = 'not';

  /** To be made when the app is ready. */
  constructor(log: LogFile) {
    this.#log = log;
    const userData = app.getPath('userData');
    const createPorts = () => new MessageChannelMain();
    this.#hubToken = new HubToken({
      file: join(userData, 'hub-token'),
      cipher: safeStorage,
      platform: process.platform,
      log,
    });
    this.#stateFile = new WindowStateFile(join(userData, 'window-state.json'), log);
    nativeTheme.themeSource = this.#stateFile.state.theme;
    this.#supervisor = new EngineSupervisor({
      forkEngine: () => forkUtility(appPaths.engineProcess, `${appName} engine`, log),
      forkInference: () => forkUtility(appPaths.inferenceProcess, `${appName} inference`, log),
      createPorts,
      trashFile: (path) => shell.trashItem(path),
      onChange: (condition) => {
        this.#onEngineChange(condition);
      },
      log,
    });
    const connectEngine: EngineSupervisor['connect'] = (port) => {
      this.#supervisor.connect(port);
    };
    this.#engine = new EngineLink({
      createPorts,
      connectEngine,
      onEvent: (event) => {
        this.#follower.hear(event);
      },
    });
    this.#knownPlaces = new KnownPlaces(this.#engine);
    this.#startAtLogin = new StartAtLogin({ app, platform: process.platform, command: ownCommand() });
    this.#window = new MainWindow({
      stateFile: this.#stateFile,
      log,
      onPageGone: () => {
        this.#page.disconnect();
      },
      askToReopen: () => askToReopen(),
      onGivenUp: () => {
        app.quit();
      },
    });
    const handlers = shellHandlers({
      platform: process.platform,
      version: app.getVersion(),
      dialogs: createFileDialogs(() => this.#window.current),
      engine: this.#engine,
      knownPlaces: this.#knownPlaces,
      hubToken: this.#hubToken,
      startAtLogin: this.#startAtLogin,
      showInFolder: (path) => {
        shell.showItemInFolder(path);
      },
      openExternal: (address) => shell.openExternal(address),
      currentContents: () => this.#window.current?.webContents ?? null,
      dragIcon: () => nativeImage.createFromPath(appPaths.picture('drag.png')),
      onStartAtLoginChange: () => {
        this.#stateFile.change({ staysInTray: this.#startAtLogin.isOn });
      },
      restartEngine: () => {
        this.#supervisor.start();
      },
    });
    this.#page = new PagePorts({
      ipc: ipcMain,
      createPorts,
      connectEngine,
      engineCondition: () => this.#supervisor.condition,
      answer: (name, request, signal) =>
        callCommand(shellCommands, handlers, name as keyof ShellCommands, request, { signal }),
      log,
    });
    this.#tray = new AppTray({
      show: () => {
        this.#window.show();
      },
      pause: () => void this.#call('pause-jobs'),
      resume: () => void this.#call('resume-jobs'),
      quit: () => {
        app.quit();
      },
      log,
    });
    this.#follower = new WorkFollower({
      engine: this.#engine,
      window: this.#window,
      tray: this.#tray,
      stateFile: this.#stateFile,
      log,
    });
    this.#serveOwnScheme();
    guardSession(session.defaultSession, log);
    this.#setMenus();
    this.#followApp();
  }

  /** Starts the engine, and shows the window unless the app was started hidden. */
  start(given: SecondStart): void {
    this.#supervisor.start();
    void this.#hubToken.load().then(() => this.#handOverToken());
    if (!given.isHidden) this.#window.show();
    this.open(given.paths);
  }

  /** Another start of the app hands over what it was started with. */
  startAgain(given: SecondStart): void {
    if (!given.isHidden) this.#window.show();
    this.open(given.paths);
  }

  /** Brings files and folders to the page. */
  open(paths: string[]): void {
    if (paths.length === 0) return;
    this.#knownPlaces.add(paths);
    this.#page.emitSurely({ name: 'paths-opened', payload: { paths } });
    this.#window.show();
  }

  #serveOwnScheme(): void {
    // Only a build for tests takes its page from elsewhere.
    const pageFolder = (app.isPackaged ? undefined : process.env['BANGER_PAGE_FOLDER']) ?? appPaths.page;
    const handle = createPageHandler({
      pageFolder,
      openMedia: (songId, signal) => this.#engine.call('open-media', { songId }, { signal }),
    });
    protocol.handle(appScheme.scheme, (request) => handle(request));
  }

  #setMenus(): void {
    const template = appMenuTemplate({
      platform: process.platform,
      isPackaged: app.isPackaged,
      choose: (action) => {
        // A menu of macOS is there without a window.
        this.#window.show();
        this.#page.emit({ name: 'menu-chosen', payload: { action } });
      },
      showLog: () => {
        shell.showItemInFolder(this.#log.file);
      },
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  #followApp(): void {
    app.on('activate', () => {
      this.#window.show();
    });
    app.on('window-all-closed', () => {
      // Whoever starts the app at login wants it to go on in the tray; on macOS every app stays.
      const stays = process.platform === 'darwin' || this.#stateFile.state.staysInTray;
      if (!stays) app.quit();
    });
    app.on('before-quit', (event) => {
      if (this.#quitting === 'closed') return;
      event.preventDefault();
      if (this.#quitting === 'not') void this.#quit();
    });
  }

  /** Ends everything in order; the app then quits for good. */
  async #quit(): Promise<void> {
    this.#quitting = 'closing';
    this.#window.current?.hide();
    this.#page.disconnect();
    this.#engine.disconnect();
    await this.#supervisor.close(QUIT_PATIENCE_MS);
    this.#tray.close();
    this.#quitting = 'closed';
    this.#log.info('The app ends');
    app.quit();
  }

  #onEngineChange(condition: EngineCondition): void {
    if (condition.state === 'running') {
      this.#engine.connect();
      void this.#handOverToken();
      void this.#follower.begin();
    } else {
      this.#engine.disconnect();
      this.#follower.end();
    }
    this.#page.engineChanged(condition);
  }

  /** To the engine, where one runs. */
  async #handOverToken(): Promise<void> {
    const { token } = this.#hubToken;
    if (token === null || this.#supervisor.condition.state !== 'running') return;
    try {
      await this.#engine.call('use-hub-token', { token });
    } catch (thrown) {
      // The next engine gets it when it runs.
      this.#log.error('The token could not be handed to the engine', thrown);
    }
  }

  async #call(name: 'pause-jobs' | 'resume-jobs'): Promise<void> {
    try {
      await this.#engine.call(name, {});
    } catch (thrown) {
      this.#log.error(`The tray’s ${name} failed`, thrown);
    }
  }
}

/** What starts this app again: an AppImage by its own file, a program in development with the app's folder. */
function ownCommand(): [string, ...string[]] {
  const program = process.env['APPIMAGE'] ?? process.execPath;
  return process.defaultApp ? [program, appPaths.root] : [program];
}

async function askToReopen(): Promise<boolean> {
  const { message, detail, again, quit } = texts.windowKeepsEnding;
  const { response } = await dialog.showMessageBox({
    type: 'error',
    message,
    detail,
    buttons: [again, quit],
    defaultId: 0,
    cancelId: 1,
  });
  return response === 0;
}
