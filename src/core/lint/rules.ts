import { reportedRules } from './reported.ts';
import type { Rule, RuleText } from './rule.ts';
import { applicationRules } from './rules/application.ts';
import { deploymentRules } from './rules/deployment.ts';
import { emperorRules } from './rules/emperor.ts';
import { fileRules } from './rules/files.ts';
import { monitoringRules } from './rules/monitoring.ts';
import { processRules } from './rules/processes.ts';
import { readingRules } from './rules/reading.ts';
import { routingRules } from './rules/routing.ts';
import { socketRules } from './rules/sockets.ts';
import { valueRules } from './rules/values.ts';
import { virtualenvRules } from './rules/virtualenvs.ts';

export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** Every rule that lint checks, under the headings of docs/lint.md. */
export const ruleGroups: readonly RuleGroup[] = [
  { title: 'Files as a whole', rules: readingRules },
  { title: 'Values', rules: valueRules },
  { title: 'Application', rules: applicationRules },
  { title: 'Sockets', rules: socketRules },
  { title: 'Logs and statistics', rules: monitoringRules },
  { title: 'Processes', rules: processRules },
  { title: 'Emperor', rules: emperorRules },
  { title: 'Rules for requests and responses', rules: routingRules },
  { title: 'Files and folders', rules: fileRules },
  { title: 'Virtual environments', rules: virtualenvRules },
  { title: 'Deployment', rules: deploymentRules },
];

export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);

/** What lint finds in the comments that are written for it. */
export const unknownRule: RuleText = {
  id: 'unknown-rule',
  severity: 'warning',
  title: 'A comment that silences a rule which is not there',
  why: 'The rule that is meant goes on speaking. Errors that keep the server from starting cannot be silenced.',
  remedy: 'Write the name as the finding shows it in brackets.',
};

/** Everything that can be silenced. */
export const ruleTexts: readonly RuleText[] = [...reportedRules, ...rules, unknownRule];
