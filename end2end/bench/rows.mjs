// The rows of the bench with their goals: processor milliseconds of app and database together per request, eight at once, at
// 10,000 (`small`) and at 300,000 contacts (`large`), issue Speed. A goal holds where the bare handler's list costs REFERENCE.
import { json, send } from './client.mjs';

/** Processor milliseconds of the bare handler's list where the goals were set. */
export const REFERENCE = 1.0;

/** Most statements per request; begin, settings and commit, which go with others, are not counted. */
export const STATEMENTS = { list: 5, page: 10, write: 7 };

/** The records that reads and writes are about. */
export async function prepare({ port, token, writer }) {
  const get = async (path, headers) => (await json(port, 'GET', path, { headers })).data;
  const met = (await get('/api/v1/interactions?limit=200', token)).map(i => i.contactId ?? i.fields?.contactId).filter(Boolean);
  const often = id => met.filter(m => m === id).length;
  const byOften = [...new Set(met)].sort((a, b) => often(a) - often(b));
  return {
    contact: (await get('/api/v1/contacts?limit=1', token))[0].id,
    typical: byOften[0],
    busiest: byOften.at(-1),
    open: (await get('/api/v1/stages', writer)).filter(s => s.outcome === 'open').map(s => s.id),
    deals: (await get('/api/v1/deals?status=open&limit=200', writer)).map(d => d.id),
    people: (await get('/api/v1/contacts?limit=200', writer)).map(c => c.id),
    turn: 0,
  };
}

const program = path => (ctx, about) => send(ctx.port, 'GET', typeof path === 'string' ? path : path(about), { headers: ctx.token });
const browser = path => (ctx, about) => send(ctx.port, 'GET', typeof path === 'string' ? path : path(about), { headers: ctx.page });

/** Reads in the seeded workspace, as a program with its token or as a browser that is signed in. */
export const READS = [
  { name: 'contact list, 50 rows', make: program('/api/v1/contacts?limit=50'), small: 1.4, large: 1.8, p99: 12, statements: 'list' },
  { name: 'contact list by session', make: browser('/api/v1/contacts?limit=50') },
  { name: 'one contact', make: program(about => `/api/v1/contacts/${about.contact}`), small: 0.8, large: 0.9 },
  { name: 'board', make: program('/api/v1/board'), small: 5, large: 14, p99: 35 },
  { name: 'Today', make: program('/api/v1/today') },
  { name: 'deals list, 50 rows', make: program('/api/v1/deals?limit=50'), small: 1.8, large: 2.2, statements: 'list' },
  { name: 'forecast', make: program('/api/v1/forecast'), small: 4, large: 8 },
  { name: 'dashboard', make: program('/api/v1/dashboard') },
  { name: 'analytics', make: program('/api/v1/analytics') },
  { name: 'feed', make: program('/api/v1/events?limit=50') },
  { name: 'search, list', make: program('/api/v1/contacts?limit=50&q=zhang') },
  { name: 'search, palette', make: program('/api/v1/search?q=zhang&limit=5') },
  { name: 'page of people', make: browser('/people'), small: 4.5, large: 5, statements: 'page' },
  { name: 'page of the board', make: browser('/deals'), small: 8, large: 18, statements: 'page' },
  { name: 'page of Today', make: browser('/'), small: 6, large: 7, p99: 50, statements: 'page' },
  { name: 'page of a contact', make: browser(about => `/people/${about.typical}`), small: 6, large: 6, statements: 'page' },
  { name: 'page of the busiest contact', make: browser(about => `/people/${about.busiest}`) },
  { name: 'page of the dashboard', make: browser('/dashboard'), small: 20, large: 150 },
  { name: 'page of analytics', make: browser('/analytics'), small: 20, large: 200 },
  { name: 'page of the feed', make: browser('/feed'), small: 4, large: 5, statements: 'page' },
  { name: 'page of a share link', make: ctx => send(ctx.port, 'GET', ctx.share), small: 8, large: 60 },
];

const post = (ctx, path, body, fresh) => send(ctx.port, 'POST', path, { body, headers: ctx.writer, fresh });

/** Writes in a workspace of their own, beside the seeded one. */
export const WRITES = [
  { name: 'create a contact', make: (ctx, about, fresh) => post(ctx, '/api/v1/contacts', { firstName: 'Bench', lastName: String(about.turn++) }, fresh), small: 1.6, large: 1.6, statements: 'write', rate: 1200 },
  { name: 'move a deal', make: (ctx, about, fresh) => post(ctx, `/api/v1/deals/${about.deals[about.turn++ % about.deals.length]}/move`, { stageId: about.open[about.turn % about.open.length] }, fresh), small: 2.0, large: 2.0, statements: 'write' },
  { name: 'log a call', make: (ctx, about, fresh) => post(ctx, '/api/v1/interactions', { type: 'call', contactId: about.people[about.turn % about.people.length], subject: String(about.turn++) }, fresh), small: 2.2, large: 2.2, statements: 'write' },
];
