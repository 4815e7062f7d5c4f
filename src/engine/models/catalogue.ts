/** The models that the product knows by name: where each comes from, what it needs and under which licence. */
import { BangerError } from '../../shared/errors.ts';
import type { ModelLicence } from '../../shared/model-commands.ts';

/** Where a model's files lie on the Hugging Face Hub. */
export interface HubSource {
  /** `owner/name`. */
  repository: string;
  /** Files that must all be there. */
  requiredFiles: readonly string[];
  /** Files of which one is enough, the best first. */
  weightsFiles: readonly string[];
}

export interface EncoderEntry {
  kind: 'encoder';
  id: string;
  title: string;
  /** Null for an encoder that ships with the product. */
  source: HubSource | null;
  licence: ModelLicence;
  /** Rough size of the download, for a first impression; a pull plan has the exact one. */
  approximateBytes: number;
  /** Length of its embeddings, null when built in. */
  hiddenSize: number | null;
  /** Floating-point operations for 30 s of audio, by `countEncoderOperations`; null when built in. */
  windowOperations: number | null;
}

export interface HeadEntry {
  kind: 'head';
  id: string;
  title: string;
  source: HubSource | null;
  licence: ModelLicence;
  approximateBytes: number;
  /** The encoder whose embeddings this head was trained on. */
  encoderId: string;
}

export type CatalogueEntry = EncoderEntry | HeadEntry;

/** The id of the draft encoder, and of the head that comes with it. */
export const draftId = 'draft';

const mertLicence: ModelLicence = {
  name: 'CC-BY-NC-4.0',
  url: 'https://creativecommons.org/licenses/by-nc/4.0/',
  note: 'MERT’s weights are licensed by their authors for non-commercial use only; by downloading them you accept that licence.',
  needsAcceptance: true,
};

const ownLicence: ModelLicence = {
  name: 'Apache-2.0',
  url: 'https://www.apache.org/licenses/LICENSE-2.0',
  note: 'Part of Banger Scorer.',
  needsAcceptance: false,
};

/** Weights of an encoder in the Hugging Face form, the form that is mapped most easily first. */
export const encoderWeightsFiles = ['model.safetensors', 'pytorch_model.bin'] as const;

const mertFiles = {
  requiredFiles: ['config.json', 'preprocessor_config.json'],
  weightsFiles: encoderWeightsFiles,
} as const;

/** Every model with a name of its own. An encoder and a head may share a name (`draft`), two of a kind never do. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    kind: 'encoder',
    id: 'mert-v1-330m',
    title: 'MERT v1 330M, the encoder of the reference scores',
    source: { repository: 'm-a-p/MERT-v1-330M', ...mertFiles },
    licence: mertLicence,
    approximateBytes: 1.3e9,
    hiddenSize: 1024,
    windowOperations: 2.117e12,
  },
  {
    kind: 'encoder',
    id: 'mert-v1-95m',
    title: 'MERT v1 95M, smaller and faster, needs a head of its own',
    source: { repository: 'm-a-p/MERT-v1-95M', ...mertFiles },
    licence: mertLicence,
    approximateBytes: 0.4e9,
    hiddenSize: 768,
    windowOperations: 0.8124e12,
  },
  {
    kind: 'encoder',
    id: draftId,
    title: 'Draft, built in: a rough first order without any download',
    source: null,
    licence: ownLicence,
    approximateBytes: 0,
    hiddenSize: null,
    windowOperations: null,
  },
  {
    kind: 'head',
    id: 'banger',
    title: 'Banger Scorer, the head of the reference scores',
    source: { repository: 'treadon/banger-scorer', requiredFiles: [], weightsFiles: ['scorer_model.pt'] },
    licence: {
      name: 'Apache-2.0',
      url: 'https://huggingface.co/treadon/banger-scorer',
      note: 'The head itself is free to use; the MERT encoder that it needs has a licence of its own.',
      needsAcceptance: false,
    },
    approximateBytes: 2.8e6,
    encoderId: 'mert-v1-330m',
  },
  {
    kind: 'head',
    id: draftId,
    title: 'Draft, built in: documented linear weights over the draft features',
    source: null,
    licence: ownLicence,
    approximateBytes: 0,
    encoderId: draftId,
  },
];

/** The catalogue's entry of this kind and id, undefined when there is none. */
export function findCatalogueEntry<Kind extends CatalogueEntry['kind']>(
  kind: Kind,
  id: string,
): Extract<CatalogueEntry, { kind: Kind }> | undefined {
  return catalogue.find(
    (entry): entry is Extract<CatalogueEntry, { kind: Kind }> => entry.kind === kind && entry.id === id,
  );
}

/** An entry that can be downloaded. */
export type DownloadableEntry = CatalogueEntry & { source: HubSource };

/**
 * The entry that can be downloaded under this id.
 *
 * @throws BangerError `usage` for a built-in model, `model-missing` for an unknown id
 */
export function requireDownloadable(id: string): DownloadableEntry {
  const isDownloadable = (entry: CatalogueEntry): entry is DownloadableEntry => entry.source !== null;
  const entry = catalogue.filter(isDownloadable).find((candidate) => candidate.id === id);
  if (entry !== undefined) return entry;
  if (catalogue.some((candidate) => candidate.id === id)) {
    throw new BangerError('usage', `The model “${id}” is built in and needs no download.`);
  }
  const known = catalogue.filter(isDownloadable).map((candidate) => candidate.id);
  throw new BangerError('model-missing', `There is no model “${id}” to download.`, {
    nextStep: `Choose one of ${known.join(', ')}, or take your own from disk with “banger models import”.`,
  });
}
