/** The page: asks the server every second how it is, and shows that. */
import type { StatsDocument } from '../src/core/stats/document.ts';
import { type History, momentOf } from '../src/core/stats/moment.ts';
import type { Recent } from '../src/core/stats/recent.ts';
import { ask } from './ask.ts';
import { judge } from './health.ts';
import { LastMinute } from './lately.ts';
import { Changes } from './panels/changes.ts';
import { Charts } from './panels/charts.ts';
import { Feeds } from './panels/feed.ts';
import { Figures } from './panels/figures.ts';
import { Head } from './panels/head.ts';
import type { Panel, View } from './panels/panel.ts';
import { Applications, Doors } from './panels/places.ts';
import { Running } from './panels/running.ts';
import { Verdict } from './panels/verdict.ts';
import { Workers } from './panels/workers.ts';
import { repeat } from './repeat.ts';
import { Session } from './session.ts';
import { followTheme } from './theme.ts';
import { Timeline } from './timeline.ts';

const LOOK_MS = 1000;
const LOOK_AT_RECENT_MS = 3000;
/** After so long without a look there is a hole in the charts. */
const HOLE_SECONDS = 10;

const timeline = new Timeline();
const lastMinute = new LastMinute();
const verdict = new Verdict();
const charts = new Charts();
const feeds = new Feeds();
const changes = new Changes();
const panels: readonly Panel[] = [
  new Head(),
  verdict,
  new Figures(),
  charts,
  new Workers(),
  new Running(),
  changes,
  new Applications(),
  new Doors(),
];
const session = new Session({ changed: () => void lookAtRecent() });
let lastAnswer: number | undefined;
/** How far the server's clock is ahead of ours, in seconds. */
let ahead = 0;

followTheme(() => charts.repaint());
void session.look();
void repeat(LOOK_MS, look);
void repeat(LOOK_AT_RECENT_MS, lookAtRecent);

async function look(): Promise<void> {
  if (lastAnswer === undefined || secondsNow() - lastAnswer > HOLE_SECONDS) await fillHole();
  const answer = await ask<StatsDocument>('stats.json');
  if (answer.kind === 'refused') return session.demand();
  if (answer.kind === 'silent') return verdict.showGone(lastAnswer, secondsNow());
  // What was reloaded or started anew meanwhile may ask for a token now, or for none.
  if (verdict.isGone) void session.look();
  show(answer.value);
}

function show(document: StatsDocument): void {
  const now = secondsNow();
  lastAnswer = now;
  timeline.push(momentOf(document, now));
  lastMinute.push(document, now);
  const lately = {
    requests: timeline.rate('requests'),
    errors: timeline.rate('errors'),
    failed: lastMinute.errors,
    harakiris: lastMinute.harakiris,
    deaths: lastMinute.deaths,
  };
  const view: View = { document, timeline, health: judge(document, lately, now + ahead), now: now + ahead };
  for (const panel of panels) panel.show(view);
}

async function fillHole(): Promise<void> {
  const answer = await ask<History>('history');
  if (answer.kind !== 'told') return;
  const now = secondsNow();
  ahead = answer.value.now - now;
  timeline.fill(answer.value, now);
}

async function lookAtRecent(): Promise<void> {
  const answer = await ask<Recent>('recent');
  if (answer.kind === 'refused') return feeds.deny(answer.reason);
  if (answer.kind === 'silent') return;
  feeds.show(answer.value);
  changes.showEvents(answer.value);
}

function secondsNow(): number {
  return Date.now() / 1000;
}
