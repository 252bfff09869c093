import type { Template } from './template.ts';
import type { PasswordEntry } from './password.ts';

/** What a rule does. Texts are latin-1, a character for each byte, as the variables of a request are. */
export type Action =
  /** No further rule is looked at. */
  | { readonly kind: 'end' }
  /** Goes on behind a label. */
  | { readonly kind: 'goto'; readonly label: string }
  | { readonly kind: 'log'; readonly text: Template }
  /** The request has no line in the log. */
  | { readonly kind: 'unlogged' }
  | { readonly kind: 'set'; readonly variable: string; readonly value: Template }
  /** SCRIPT_NAME is taken off PATH_INFO. */
  | { readonly kind: 'fix-path' }
  | { readonly kind: 'rewrite'; readonly url: Template; readonly isLast: boolean }
  /** A whole header line, `Name: value`. */
  | { readonly kind: 'add-header'; readonly line: Template }
  | { readonly kind: 'remove-header'; readonly name: Template }
  | ExpiresAction
  | { readonly kind: 'redirect'; readonly status: 301 | 302; readonly location: Template }
  /** An answer of this status with its reason as its body. */
  | { readonly kind: 'return'; readonly status: number }
  /** An answer without a body; without a status, no answer at all. */
  | { readonly kind: 'break'; readonly status: string }
  /** A file; where there is none, the next rule or 404. */
  | { readonly kind: 'file'; readonly path: Template; readonly isOptional: boolean }
  | { readonly kind: 'authenticate'; readonly realm: string; readonly users: Users; readonly isLast: boolean };

/** The header Expires: so many seconds after a file was changed, or after a moment in seconds since 1970. */
export interface ExpiresAction {
  readonly kind: 'expires';
  readonly file: Template | undefined;
  readonly moment: Template;
  readonly seconds: Template;
}

/** Who may enter: one user, or those of a file in the form of htpasswd. */
export type Users = { readonly file: string } | { readonly entry: PasswordEntry };
