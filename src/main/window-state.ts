/** Where the window was, remembered in a file of the app's own and mended when the screens changed. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Log } from './log-file.ts';

const boundsSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
});
export type Bounds = z.infer<typeof boundsSchema>;

const windowStateSchema = z.object({
  /** Null before the window was ever moved. */
  bounds: boundsSchema.nullable().default(null),
  isMaximized: z.boolean().default(false),
  isFullScreen: z.boolean().default(false),
  /** The theme of the last run, so that the window does not flash before the settings are read. */
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  /** Whether the app stays in the tray when its window closes. */
  staysInTray: z.boolean().default(false),
});
export type WindowState = z.output<typeof windowStateSchema>;

export const minimumSize = { width: 720, height: 480 };
const usualSize = { width: 1280, height: 820 };

/** How much of the window's upper edge must lie on a screen for a person to take hold of it. */
const GRIP_PIXELS = 80;

export class WindowStateFile {
  readonly #file: string;
  readonly #log: Log;
  #state: WindowState;

  constructor(file: string, log: Log) {
    this.#file = file;
    this.#log = log;
    this.#state = this.#read();
  }

  get state(): WindowState {
    return this.#state;
  }

  change(change: Partial<WindowState>): void {
    const state = { ...this.#state, ...change };
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(`${this.#file}.tmp`, JSON.stringify(state, null, 2));
      renameSync(`${this.#file}.tmp`, this.#file);
    } catch (thrown) {
      // A position that is not remembered is no reason to bother a person.
      this.#log.error('The window’s place could not be remembered', thrown);
    }
  }

  #read(): WindowState {
    try {
      return windowStateSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.#log.error('The window’s remembered place is not readable and is set anew', thrown);
      }
      return windowStateSchema.parse({});
    }
  }
}

/**
 * Bounds that lie on one of the screens as they are now. What is remembered is kept when a person can take hold of
 * it there; else the window is put into the middle of the first screen, no larger than that.
 *
 * @param workAreas of the screens, the main one first
 */
export function mendBounds(remembered: Bounds | null, workAreas: readonly Bounds[]): Bounds | null {
  const [main] = workAreas;
  if (main === undefined) return remembered;
  if (remembered !== null) {
    for (const area of workAreas) {
      const fitted = { ...remembered, ...fit(remembered, area) };
      if (canBeHeld(fitted, area)) return fitted;
    }
  }
  const { width, height } = fit(remembered ?? usualSize, main);
  return {
    x: main.x + Math.round((main.width - width) / 2),
    y: main.y + Math.round((main.height - height) / 2),
    width,
    height,
  };
}

type Size = Pick<Bounds, 'width' | 'height'>;

/** Large enough to be used, but no larger than the screen. */
function fit(size: Size, area: Bounds): Size {
  return {
    width: Math.min(Math.max(size.width, minimumSize.width), area.width),
    height: Math.min(Math.max(size.height, minimumSize.height), area.height),
  };
}

function canBeHeld(bounds: Bounds, area: Bounds): boolean {
  const visibleWidth = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const isUpperEdgeIn = bounds.y >= area.y - 1 && bounds.y < area.y + area.height - GRIP_PIXELS / 2;
  return visibleWidth >= GRIP_PIXELS && isUpperEdgeIn;
}
