/** Answers the commands about models. */
import { referenceWindow } from '../shared/audio.ts';
import type { CallContext, CommandHandlers } from '../shared/contract.ts';
import type { EmitEngineEvent } from '../shared/engine-commands.ts';
import { BangerError } from '../shared/errors.ts';
import type { DownloadPlan, modelCommands, ModelsInUse } from '../shared/model-commands.ts';
import type { Engine } from './engine.ts';
import { estimateEncoding } from './estimate-encoding.ts';
import type { ModelDownloader } from './models/model-downloader.ts';
import { measureFreeCacheBytes, type PullPlan } from './models/model-pull.ts';
import { findReplacement } from './switch-head.ts';
import type { WorkKeeper } from './work-keeper.ts';

export interface ModelHandlersOptions {
  engine: Engine;
  downloader: ModelDownloader;
  keeper: WorkKeeper;
  emit: EmitEngineEvent;
}

export function modelHandlers({
  engine,
  downloader,
  keeper,
  emit,
}: ModelHandlersOptions): CommandHandlers<typeof modelCommands> {
  const tellChange = () => {
    emit({ name: 'models-changed', payload: {} });
  };
  return {
    'list-models': () => engine.models.listModels(),
    'get-models-in-use': () => modelsInUse(engine, keeper),

    'plan-model-download': async ({ ids }, { signal }) => {
      const plans = await Promise.all([...new Set(ids)].map((id) => engine.planPull(id, signal)));
      return { plans: plans.map(downloadPlan), freeBytes: await measureFreeCacheBytes(engine.hubSettings) };
    },
    'estimate-encoding': async ({ encoderId }, { signal }) => ({
      secondsPerSong: await estimateEncoding(engine, encoderId, signal),
    }),
    'start-model-download': async ({ ids }) => {
      await downloader.start(ids);
      return {};
    },
    'pause-model-download': async () => {
      await downloader.pause();
      return {};
    },
    'get-model-download': () => downloader.download,

    'import-model': async ({ path, id, encoderId, copies }, { signal }) => {
      const imported = await engine.models.importModel(path, { id, encoderId, copy: copies, signal });
      tellChange();
      return imported;
    },
    'remove-model': async ({ id, includesSharedCache }) => {
      requireUnused(id, keeper, downloader);
      const { freedBytes } = await engine.removeModel(id, { includeSharedCache: includesSharedCache });
      tellChange();
      return { freedBytes };
    },
    'remove-head': async ({ id }, context) => {
      // An encoder of that name is not removed by mistake.
      await engine.models.resolveHead(id);
      const replacedBy = await replaceHead(id, engine, keeper, context);
      const { freedBytes } = await engine.removeModel(id, { includeSharedCache: false });
      tellChange();
      return { freedBytes, replacedBy };
    },

    'get-hub-access': () => ({
      endpoint: engine.hubSettings.endpoint,
      tokenSource: engine.hubTokenSource,
      isOffline: engine.hubSettings.offline,
    }),
    'use-hub-token': ({ token }) => {
      const trimmed = token?.trim() ?? '';
      engine.useHubToken(trimmed === '' ? null : trimmed);
      return {};
    },
  };
}

function modelsInUse(engine: Engine, keeper: WorkKeeper): ModelsInUse | null {
  const { models } = keeper;
  if (models === null) return null;
  const { name, label, isDraft } = models.encoder.description;
  return {
    encoder: name,
    encoderLabel: label,
    head: models.head.description.name,
    isDraft,
    precision: engine.precisionOf(models.encoder),
    provider: engine.provider,
    loadSeconds: engine.inference.loadSeconds,
    windowLengthSeconds: referenceWindow.lengthSeconds,
  };
}

function downloadPlan(plan: PullPlan): DownloadPlan {
  const { id, page, licence, licenceOnCard, totalBytes, remainingBytes, destination } = plan;
  return { id, page, licence, licenceOnCard, totalBytes, remainingBytes, destination };
}

/** Scores songs with another head where this one is in use. @returns the other pair, null where it is not in use */
async function replaceHead(id: string, engine: Engine, keeper: WorkKeeper, context: CallContext) {
  const { models } = keeper;
  if (models?.head.description.name !== id) return null;
  await requireRemovable(engine, id);
  const other = await findReplacement(engine.models, models.encoder.description.name, id);
  const { encoder, head } = await keeper.handlers['use-models'](other, context);
  return { encoder, head };
}

/** @throws BangerError `usage` for a head that removing would refuse, before anything is switched for it */
async function requireRemovable(engine: Engine, id: string): Promise<void> {
  const listing = (await engine.models.listModels()).find(
    (model) => model.kind === 'head' && model.id === id,
  );
  if (listing?.origin === 'imported') return;
  throw new BangerError('usage', `“${id}” was not trained or imported here and is not removed as a head.`, {
    nextStep: 'Remove it among the models, in the settings.',
  });
}

/** @throws BangerError `usage` for what songs are scored with or what is arriving just now */
function requireUnused(id: string, { models }: WorkKeeper, { download }: ModelDownloader): void {
  const inUse = [models?.encoder.description.name, models?.head.description.name];
  if (inUse.includes(id)) {
    throw new BangerError('usage', `New songs are scored with “${id}”.`, {
      nextStep: 'Use other models first, then remove it.',
    });
  }
  if (download.state === 'running' && download.ids.includes(id)) {
    throw new BangerError('usage', `“${id}” is being downloaded.`, { nextStep: 'Pause the download first.' });
  }
}
