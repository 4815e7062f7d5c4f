/**
 * The page before the page: it takes the token out of its own address, where no server, history or referrer sees it,
 * exchanges it for a session and goes on to the app. It says the same to everybody.
 */
import { createHash } from 'node:crypto';
import { isolatingHeaders } from '../web/security-headers.ts';

/** The header that carries a token; a page of another origin cannot set it. */
export const tokenHeader = 'banger-token';

export const enterPath = '/enter';

const style = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
  main { max-width: 30rem; padding: 2rem; }
  h1 { font-size: 1.25rem; }
`;

const script = `
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  history.replaceState(null, '', location.pathname);
  const enter = async () => {
    try {
      const headers = token === null ? {} : { '${tokenHeader}': token };
      const answer = await fetch('${enterPath}', { method: 'POST', headers });
      if (answer.ok) return location.replace('/');
      if (answer.status === 429) return 'busy';
      return token === null ? 'locked' : 'used';
    } catch {
      return 'gone';
    }
  };
  enter().then((outcome) => {
    const text = document.getElementById(outcome);
    if (text === null) return;
    document.getElementById('entering').hidden = true;
    text.hidden = false;
  });
`;

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Banger Scorer</title>
    <link rel="icon" href="data:," />
    <style>${style}</style>
  </head>
  <body>
    <main>
      <h1>Banger Scorer</h1>
      <p id="entering">One moment…</p>
      <p id="locked" hidden>
        This page opens by the address that <code>banger serve</code> printed. For a new one, press Enter in its
        terminal, or run it again.
      </p>
      <p id="used" hidden>
        This address was used already: each one opens the page once. For a new one, press Enter in the terminal of
        <code>banger serve</code>, or run it again.
      </p>
      <p id="busy" hidden>There were too many tries. Wait a few seconds and open the address again.</p>
      <p id="gone" hidden>The server does not answer any more. Start <code>banger serve</code> again.</p>
      <noscript><p>The page needs JavaScript.</p></noscript>
    </main>
    <script>${script}</script>
  </body>
</html>
`;

/** Answers with the door; `status` is 200 at its own address and 403 in the place of another page. */
export function doorResponse(status: 200 | 403): Response {
  return new Response(page, {
    status,
    headers: {
      ...isolatingHeaders,
      'Cache-Control': 'no-store',
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': [
        `default-src 'none'`,
        `script-src '${hashOf(script)}'`,
        `style-src '${hashOf(style)}'`,
        `connect-src 'self'`,
        'img-src data:',
        `base-uri 'none'`,
        `form-action 'none'`,
        `frame-ancestors 'none'`,
      ].join('; '),
    },
  });
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
