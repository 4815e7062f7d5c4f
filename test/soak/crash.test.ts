/**
 * Kills the engine, the inference process and ffmpeg at random moments while songs arrive in every way, and demands
 * that in the end nothing is lost, nothing is done twice and nothing is left behind.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { openLibrary } from '../../src/engine/library/open-library.ts';
import { parityFolder } from '../support/parity.ts';
import { type BangerHome, type RunningBanger, useBangerHomes } from '../support/run-banger.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { arrive, planArrivals } from './arrive.ts';
import { soak } from './soak-settings.ts';
import { makeSongPool } from './song-pool.ts';

const newHome = useBangerHomes();
const encoder = join(parityFolder, 'encoders', 'tiny-330m-like');
const models = ['--encoder', encoder, '--head', join(encoder, 'head.pt')];
const { files, kills } = soak.crash;

const outcomeSchema = z.object({ path: z.string(), outcome: z.string() });

test(
  `${files} songs survive ${kills} kills (seed ${soak.seed})`,
  async () => {
    const random = new SeededRandom(soak.seed);
    const home = newHome();
    const folder = home.path('songs');
    mkdirSync(folder);
    const watch = ['watch', folder, ...models, '--settle', '0.4', '--format', 'jsonl', '--quiet'];
    const engines = new RestartedEngine(home, watch);
    const plans = planArrivals(await makeSongPool(files), random);

    let hasArrived = false;
    const arriving = (async () => {
      const pending: Promise<void>[] = [];
      for (const plan of plans) {
        pending.push(arrive(folder, plan, random));
        // Bursts, with pauses in between.
        if (random.chance(0.3)) await sleep(random.integer(20, soak.crash.pauseMs));
      }
      await Promise.all(pending);
      hasArrived = true;
    })();
    const killed = { engine: 0, inference: 0, ffmpeg: 0 };
    for (let count = 0; count < kills; count++) {
      await sleep(random.integer(150, 900));
      const victim = random.pick(['engine', 'inference', 'ffmpeg'] as const);
      if (victim !== 'engine' && (await killChild(home, victim))) killed[victim] += 1;
      else {
        await engines.killAndRestart();
        killed.engine += 1;
      }
    }
    await arriving;
    expect(hasArrived).toBe(true);
    await engines.stop();

    // What is left is done in peace; leases of the dead lapse meanwhile.
    const last = await home.run([...watch, '--once']);
    engines.outcomes.push(...parseOutcomes(last.stdout));
    const clean = await newHome().score([folder, ...models, '--no-cache']);

    const library = openLibrary(home.libraryFile, { readOnly: true });
    try {
      expect(library.findDamage()).toEqual([]);
      expect(library.jobs.counts()).toMatchObject({ waiting: 0, running: 0 });
      const [space] = library.embeddings.spaces();
      const head = library.heads.all().find(({ name }) => name === 'head');
      const songIds = new Set<number>();
      for (const { path, score, error } of clean.results) {
        const known = library.files.byPath(path);
        if (score === null) {
          expect(known?.file.failure?.error.code, path).toBe(error?.code);
          continue;
        }
        const songId = known?.song?.id ?? -1;
        songIds.add(songId);
        expect(known?.file.failure, path).toBeNull();
        if (space === undefined || head === undefined) throw new Error('nothing was scored');
        expect(library.scores.get({ ...space.space, songId }, head.id)?.score, path).toBe(score);
      }
      // Neither phantoms of half-written files nor second rows for what was met twice.
      expect(library.stats()).toMatchObject({
        songs: songIds.size,
        embeddings: songIds.size,
        scores: songIds.size,
      });
    } finally {
      library.close();
    }

    const scoredPaths = engines.outcomes
      .filter(({ outcome }) => outcome === 'scored')
      .map(({ path }) => path);
    expect(scoredPaths.length).toBeGreaterThan(0);
    expect(home.processes()).toEqual([]);
    expect(temporaryFiles(home.folder)).toEqual([]);
    process.stderr.write(`crash: ${files} songs, killed ${JSON.stringify(killed)}\n`);
  },
  soak.timeLimitMs,
);

/** A watching command that is started again whenever it was killed. */
class RestartedEngine {
  readonly outcomes: z.infer<typeof outcomeSchema>[] = [];
  readonly #home: BangerHome;
  readonly #arguments: readonly string[];
  #running: RunningBanger;

  constructor(home: BangerHome, commandArguments: readonly string[]) {
    this.#home = home;
    this.#arguments = commandArguments;
    this.#running = home.start(commandArguments);
  }

  async killAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    this.#running = this.#home.start(this.#arguments);
  }

  stop(): Promise<void> {
    return this.#end('SIGINT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#running.interrupt(signal);
    this.outcomes.push(...parseOutcomes((await this.#running.ended).stdout));
  }
}

/** The last line may have been cut by a kill. */
function parseOutcomes(text: string): z.infer<typeof outcomeSchema>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [outcomeSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/** Kills one child of the engine as soon as there is one. @returns false where none came */
async function killChild(home: BangerHome, victim: 'inference' | 'ffmpeg'): Promise<boolean> {
  const pattern = victim === 'inference' ? /inference-process/ : /(?:^|\/)ffmpeg\b/;
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = home.processes().find(({ command }) => pattern.test(command));
    if (found !== undefined) {
      try {
        process.kill(found.processId, 'SIGKILL');
        return true;
      } catch {
        // It ended by itself in between.
      }
    }
    await sleep(10);
  }
  return false;
}

function temporaryFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:part|partial|tmp)$|staging/.test(name),
  );
}
