import tokens from '../tokens.css?inline';
import client from '../views/client/client.css?inline';
import events from '../views/event-list/event-list.css?inline';
import fatal from '../views/fatal/fatal.css?inline';
import faults from '../views/faults/faults.css?inline';
import help from '../views/help/help.css?inline';
import inspector from '../views/inspector/inspector.css?inline';
import legend from '../views/legend/legend.css?inline';
import logs from '../views/logs/logs.css?inline';
import messages from '../views/message-list/message-list.css?inline';
import ring from '../views/ring/ring.css?inline';
import rules from '../views/rules/rules.css?inline';
import scenario from '../views/scenario/scenario.css?inline';
import { sheetOf } from '../views/sheet.js';
import transport from '../views/transport/transport.css?inline';
import violations from '../views/violations/violations.css?inline';
import playground from './playground.css?inline';

const SHEETS = [
  tokens,
  playground,
  ring,
  legend,
  scenario,
  violations,
  logs,
  transport,
  faults,
  client,
  inspector,
  messages,
  events,
  rules,
  fatal,
  help,
];

/** The one style sheet of all playgrounds of a page. */
export const styles = (): CSSStyleSheet => sheetOf(SHEETS.join('\n'));
