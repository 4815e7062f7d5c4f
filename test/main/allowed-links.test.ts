import { expect, test } from 'vitest';
import { requireAllowedLink } from '../../src/main/allowed-links.ts';

test.each([
  'https://huggingface.co/m-a-p/MERT-v1-330M',
  'https://creativecommons.org/licenses/by-nc/4.0/',
  'https://www.apache.org/licenses/LICENSE-2.0',
  'https://ffmpeg.org/download.html',
  'https://github.com/',
])('%s is the product’s own', (address) => {
  expect(requireAllowedLink(address)).toBe(address);
});

test.each([
  'http://huggingface.co/',
  'https://huggingface.co.example.org/',
  'https://example.org/?https://huggingface.co/',
  'https://huggingface.co@example.org/',
  'https://me:secret@huggingface.co/',
  'https://huggingface.co:8443/',
  'https://login.huggingface.co/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'huggingface.co',
  '',
])('%s is not', (address) => {
  expect(() => requireAllowedLink(address)).toThrow(expect.objectContaining({ code: 'usage' }));
});
