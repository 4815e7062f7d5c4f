/** MP4’s list of tags (`moov/udta/meta/ilst`): finds it, changes our freeform items, keeps all others. */
import { sha256Of } from './byte-source.ts';
import { type Atom, atomsIn, makeAtom } from './mp4-atoms.ts';
import type { OwnTagName, OwnTags, TagChanges, TagElement } from './tag-format.ts';
import { ownTagName, unsafeTags, writtenTags } from './tag-format.ts';

/** Freeform tags carry the name of who defined their meaning; all programs use iTunes’s. */
const meaning = 'com.apple.iTunes';

/** Our tags, and everything else in a whole `moov` atom but lengths, padding and the places of the audio. */
export function inspectMoov(moov: Buffer): { own: OwnTags; others: TagElement[] } {
  const own: OwnTags = {};
  const others: TagElement[] = [];
  const visit = (parentPath: string, atoms: readonly Atom[]): void => {
    for (const atom of atoms) {
      const path = `${parentPath}/${atom.type}`;
      const item = path === `${listPath}/----` ? ownItem(moov, atom) : null;
      if (item !== null) own[item.name] ??= item.value;
      else if (containers.has(path)) visit(path, childrenOf(moov, atom));
      else if (!uncounted.has(atom.type)) {
        others.push({ name: path, sha256: sha256Of(contentOf(moov, atom)) });
      }
    }
  };
  visit('', atomsIn(moov));
  return { own, others };
}

/** A whole `moov` atom with the changes made; as long as before where padding in it has room. */
export function editMoov(moov: Buffer, changes: TagChanges): Buffer {
  return rebuild(moov, onlyAtom(moov), ['udta', 'meta', 'ilst'], changes);
}

const listPath = '/moov/udta/meta/ilst';
const containers = new Set([
  ...['/moov', '/moov/udta', '/moov/udta/meta', listPath, '/moov/trak', '/moov/trak/mdia'],
  ...['/moov/trak/mdia/minf', '/moov/trak/mdia/minf/stbl'],
]);
/** Padding, and the places of the audio in the file, which move with it. */
const uncounted = new Set(['free', 'skip', 'stco', 'co64']);

/** What a tag list needs to be recognised, where a file has none. */
const handler = Buffer.concat([Buffer.alloc(8), Buffer.from('mdirappl', 'latin1'), Buffer.alloc(9)]);

function onlyAtom(bytes: Buffer): Atom {
  const [atom, ...more] = atomsIn(bytes);
  if (atom === undefined || more.length > 0) throw unsafeTags('its atoms are damaged');
  return atom;
}

/** An atom anew, with the atom at the end of a path below it changed; missing ones are made. */
function rebuild(bytes: Buffer, atom: Atom, path: readonly string[], changes: TagChanges): Buffer {
  const [next, ...further] = path;
  const head = bytes.subarray(atom.at + atom.headerBytes, contentStart(bytes, atom));
  const children = childrenOf(bytes, atom);
  if (next === undefined) return makeAtom(atom.type, head, ...editedItems(bytes, children, changes));

  const place = children.findIndex(({ type }) => type === next);
  if (children.filter(({ type }) => type === next).length > 1)
    throw unsafeTags('it has more than one list of tags');
  const target = children[place];
  const made =
    target === undefined ? newPart(next, further, changes) : rebuild(bytes, target, further, changes);
  const parts = children.map((child) => bytes.subarray(child.at, child.at + child.length));
  if (target === undefined) parts.push(made);
  else parts[place] = made;
  if (next === 'ilst' && target !== undefined)
    takeFromPadding(parts, children, place, made.length - target.length);
  const last = children.at(-1);
  const childrenEnd = last === undefined ? contentStart(bytes, atom) : last.at + last.length;
  const tail = bytes.subarray(childrenEnd, atom.at + atom.length);
  return makeAtom(atom.type, head, ...parts, tail);
}

/** Lets padding beside the list shrink or grow by what the list grew or shrank. */
function takeFromPadding(parts: Buffer[], atoms: readonly Atom[], listPlace: number, growth: number): void {
  const place = atoms.findIndex(({ type }, index) => type === 'free' && index > listPlace);
  const padding = atoms[place];
  if (padding === undefined || growth === 0) return;
  const length = padding.length - growth;
  if (length === 0) parts.splice(place, 1);
  else if (length >= 8) parts[place] = makeAtom('free', Buffer.alloc(length - 8));
}

function newPart(type: string, path: readonly string[], changes: TagChanges): Buffer {
  const [next, ...further] = path;
  if (next === undefined) return makeAtom(type, ...writtenTags(changes).map(freeformItem));
  const inner = newPart(next, further, changes);
  return type === 'meta'
    ? makeAtom(type, Buffer.alloc(4), makeAtom('hdlr', handler), inner)
    : makeAtom(type, inner);
}

function editedItems(bytes: Buffer, items: readonly Atom[], changes: TagChanges): Buffer[] {
  const kept = items.filter((item) => {
    const own = ownItem(bytes, item);
    return own === null || changes[own.name] === undefined;
  });
  return [
    ...kept.map(({ at, length }) => bytes.subarray(at, at + length)),
    ...writtenTags(changes).map(freeformItem),
  ];
}

function freeformItem([name, value]: [OwnTagName, string]): Buffer {
  const version = Buffer.alloc(4);
  const typeOfText = Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]);
  return makeAtom(
    '----',
    makeAtom('mean', version, Buffer.from(meaning, 'latin1')),
    makeAtom('name', version, Buffer.from(name, 'latin1')),
    makeAtom('data', typeOfText, Buffer.from(value, 'latin1')),
  );
}

function ownItem(bytes: Buffer, item: Atom): { name: OwnTagName; value: string } | null {
  if (item.type !== '----') return null;
  const parts = new Map(childrenOf(bytes, item).map((part) => [part.type, contentOf(bytes, part)]));
  const name = ownTagName(parts.get('name')?.toString('latin1', 4) ?? '');
  const isItunes = parts.get('mean')?.toString('latin1', 4) === meaning;
  return name === null || !isItunes ? null : { name, value: parts.get('data')?.toString('utf8', 8) ?? '' };
}

function childrenOf(bytes: Buffer, atom: Atom): Atom[] {
  return atomsIn(bytes, contentStart(bytes, atom), atom.at + atom.length);
}

function contentOf(bytes: Buffer, atom: Atom): Buffer {
  return bytes.subarray(atom.at + atom.headerBytes, atom.at + atom.length);
}

/** Where the children of an atom begin: `meta` has a version in front of them, but not in QuickTime’s form. */
function contentStart(bytes: Buffer, { type, at, headerBytes, length }: Atom): number {
  const start = at + headerBytes;
  const hasVersion =
    type === 'meta' &&
    length >= headerBytes + 12 &&
    bytes.toString('latin1', start + 4, start + 8) !== 'hdlr';
  return hasVersion ? start + 4 : start;
}
