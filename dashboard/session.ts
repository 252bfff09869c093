import { ask, order } from './ask.ts';
import { part, setText } from './dom.ts';

/** What `GET /session` answers. */
interface SessionState {
  /** A token is configured: who has it may have the server do something. */
  readonly token: boolean;
  readonly signedIn: boolean;
}

export interface SessionPorts {
  /** Somebody has signed in or out. */
  changed(): void;
}

/** Who looks at this page: anybody, who only reads; or who has the token, and may reload the server. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #open = part('sign-in-open', HTMLButtonElement);
  readonly #out = part('sign-out', HTMLButtonElement);
  readonly #reload = part('reload', HTMLButtonElement);
  readonly #dialog = part('sign-in', HTMLDialogElement);
  readonly #token = part('token', HTMLInputElement);
  readonly #problem = part('sign-in-problem', HTMLElement);
  readonly #notice = part('notice', HTMLElement);

  constructor(ports: SessionPorts) {
    this.#ports = ports;
    this.#open.addEventListener('click', () => this.#dialog.showModal());
    this.#out.addEventListener('click', () => void this.#signOut());
    part('sign-in-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    part('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#signIn();
    });
    this.#followReload();
  }

  /** Asks who we are; the buttons are there for whom they serve. */
  async look(): Promise<void> {
    const answer = await ask<Partial<SessionState>>('session');
    if (answer.kind !== 'told') return;
    const { token = false, signedIn = false } = answer.value;
    this.#open.hidden = !token || signedIn;
    this.#out.hidden = !token || !signedIn;
    this.#reload.hidden = !token || !signedIn;
  }

  /** The server tells nothing without the token. */
  demand(): void {
    this.#tell('This server wants its token before it tells anything.', 'watch');
    void this.look();
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  async #signIn(): Promise<void> {
    const answer = await order('session', this.#token.value.trim());
    if (answer.kind !== 'told') {
      setText(this.#problem, answer.kind === 'silent' ? 'The server does not answer.' : answer.reason);
      return;
    }
    this.#token.value = '';
    setText(this.#problem, '');
    this.#dialog.close();
    this.#notice.hidden = true;
    await this.#change();
  }

  async #signOut(): Promise<void> {
    await order('session/end');
    await this.#change();
  }

  async #change(): Promise<void> {
    await this.look();
    this.#ports.changed();
  }

  #followReload(): void {
    const confirm = part('confirm', HTMLDialogElement);
    this.#reload.addEventListener('click', () => {
      confirm.returnValue = 'cancel';
      confirm.showModal();
    });
    confirm.addEventListener('close', () => {
      if (confirm.returnValue === 'reload') void this.#reloadServer();
    });
  }

  async #reloadServer(): Promise<void> {
    this.#reload.disabled = true;
    this.#tell('Reloading …', 'calm');
    const answer = await order('reload');
    this.#reload.disabled = false;
    if (answer.kind === 'told') return this.#tell(`Done: ${answer.value.trim()}.`, 'well');
    const reason = answer.kind === 'silent' ? 'the server gave no answer; look into its log' : answer.reason;
    this.#tell(`The reload failed: ${reason}`, 'bad');
  }

  #tell(text: string, level: 'calm' | 'well' | 'watch' | 'bad'): void {
    this.#notice.hidden = false;
    this.#notice.dataset['level'] = level;
    setText(this.#notice, text);
  }
}
