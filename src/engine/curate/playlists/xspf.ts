/** XSPF: a playlist in XML, whose addresses say any path without doubt. */
import type { ExportEntry } from '../../../shared/export-entry.ts';
import type { PlaylistPlace } from './playlist-location.ts';
import { locationAsAddress } from './playlist-location.ts';

/** The playlist as an XSPF 1 document. */
export function formatXspf(entries: readonly ExportEntry[], place: PlaylistPlace): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!-- Written by Banger Scorer -->',
    '<playlist version="1" xmlns="http://xspf.org/ns/0/">',
    '  <trackList>',
    ...entries.map((entry) => formatTrack(entry, place)),
    '  </trackList>',
    '</playlist>',
    '',
  ].join('\n');
}

function formatTrack(entry: ExportEntry, place: PlaylistPlace): string {
  const { title, artist, album, durationSeconds } = entry;
  // The order of these elements is free, but each may occur once.
  const lines = [
    element('location', locationAsAddress(entry.path, place)),
    element('title', title),
    artist !== null && element('creator', artist),
    album !== null && element('album', album),
    durationSeconds !== null && element('duration', String(Math.round(durationSeconds * 1000))),
    element('trackNum', String(entry.rank)),
  ];
  return ['    <track>', ...lines.filter((line) => line !== false), '    </track>'].join('\n');
}

function element(name: string, text: string): string {
  return `      <${name}>${escapeXml(text)}</${name}>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text as XML may hold it: characters that it forbids even as references are replaced. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>]/g, (character) => entities[character] ?? character);
}
