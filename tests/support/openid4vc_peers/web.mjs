// A small HTTP server on a free port of loopback: handlers by method and path, JSON and forms.
import { createServer } from 'node:http';
import { Oauth2ResourceUnauthorizedError, Oauth2ServerErrorResponseError } from '@openid4vc/oauth2';

export const json = (value, more = {}) => ({ status: 200, type: 'application/json', body: JSON.stringify(value), ...more });

export class Refused extends Error {
  constructor(error, { status = 400, headers = {} } = {}) {
    super(error);
    this.answer = json({ error }, { status, headers });
  }
}

// `routes`: {'GET /path': (request) => answer}; a last `*` in the path takes the rest, as `request.rest`.
export async function listen(routes) {
  const server = createServer(async (incoming, outgoing) => {
    const answer = await answerTo(routes, await read(incoming));
    outgoing.writeHead(answer.status, { ...(answer.type ? { 'content-type': answer.type } : {}), ...answer.headers });
    outgoing.end(answer.body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}

async function read(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(incoming.url, `http://${incoming.headers.host}`);
  const type = (incoming.headers['content-type'] ?? '').split(';')[0];
  return {
    method: incoming.method,
    url: url.toString(),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: new Headers(incoming.headers),
    type,
    text,
    form: type === 'application/x-www-form-urlencoded' ? Object.fromEntries(new URLSearchParams(text)) : undefined,
  };
}

async function answerTo(routes, request) {
  try {
    const found = Object.entries(routes).find(([name]) => matches(name, request));
    if (!found) return json({ error: 'not_found' }, { status: 404 });
    request.rest = request.path.slice(found[0].split(' ')[1].replace('*', '').length);
    return await found[1](request);
  } catch (error) {
    return errorAnswer(error);
  }
}

function matches(name, request) {
  const [method, path] = name.split(' ');
  if (method !== request.method) return false;
  return path.endsWith('*') ? request.path.startsWith(path.slice(0, -1)) : request.path === path;
}

function errorAnswer(error) {
  if (error instanceof Refused) return error.answer;
  if (error instanceof Oauth2ServerErrorResponseError) {
    return json(error.errorResponse, { status: error.status ?? 400 });
  }
  if (error instanceof Oauth2ResourceUnauthorizedError) {
    return { status: 401, headers: { 'WWW-Authenticate': error.toHeaderValue() }, body: '' };
  }
  process.stderr.write(`${error.stack}\n`);
  return json({ error: 'server_error' }, { status: 500 });
}
