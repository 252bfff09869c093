/** The environment of somebody at a terminal: none of what tells programs to have colours or not, as a build's CI does. */
export function terminalEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const unwanted = new Set(['CI', 'FORCE_COLOR', 'NO_COLOR', 'COLORTERM']);
  const kept = Object.entries(process.env).filter(([name]) => !unwanted.has(name));
  return { ...Object.fromEntries(kept), TERM: 'xterm-256color', ...changes };
}
