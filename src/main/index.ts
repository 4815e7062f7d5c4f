/** Entry of the desktop app: one running app for each person, everything else in the shell. */
import { join } from 'node:path';
import { app, protocol } from 'electron';
import { appPaths } from './app-paths.ts';
import { appScheme } from './app-scheme.ts';
import { DesktopShell } from './desktop-shell.ts';
import { guardAllContents } from './guard-contents.ts';
import { LogFile } from './log-file.ts';
import { readStart, secondStartSchema } from './opened-paths.ts';
import { appName } from './texts.ts';

app.setName(appName);
app.setPath('userData', join(app.getPath('appData'), appName));
app.setAppUserModelId('io.github.banger-scorer');
const log = new LogFile(join(app.getPath('userData'), 'logs', 'main.log'));
process.on('uncaughtException', (thrown) => {
  log.error('Something unforeseen happened in the shell', thrown);
});
process.on('unhandledRejection', (thrown) => {
  log.error('Something unforeseen happened in the shell', thrown);
});

const given = readStart(process.argv.slice(1), process.cwd(), appPaths.root);
if (app.requestSingleInstanceLock(given)) run();
else app.quit();

function run(): void {
  log.info(`${appName} ${app.getVersion()} starts on Electron ${process.versions.electron}`);
  // Also for windows that nobody means to open; it would overrule whoever can have no sandbox, such as root.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  protocol.registerSchemesAsPrivileged([appScheme]);
  guardAllContents(app, log);

  let shell: DesktopShell | null = null;
  const early = { ...given, paths: [...given.paths] };
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (shell === null) early.paths.push(path);
    else shell.open([path]);
  });
  app.on('second-instance', (_event, _arguments, _folder, data) => {
    const start = secondStartSchema.safeParse(data);
    if (!start.success) log.error('A second start did not say what it was started with', start.error);
    shell?.startAgain(start.success ? start.data : { paths: [], isHidden: false });
  });
  app
    .whenReady()
    .then(() => {
      shell = new DesktopShell(log);
      // macOS starts login items without arguments.
      const isHidden = early.isHidden || app.getLoginItemSettings().wasOpenedAtLogin;
      shell.start({ ...early, isHidden });
    })
    .catch((thrown: unknown) => {
      log.error('The app could not start', thrown);
      app.exit(1);
    });
}
