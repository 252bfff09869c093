/**
 * One vassal for each file: an emperor brings what runs to what is there, and does nothing else. It owns no address but that of its
 * statistics, reads none of the files, and touches no request.
 */
import type { Log } from '../log/log.ts';
import type { ThrottlePlan } from '../plan/emperor.ts';
import type { After } from '../util/timer.ts';
import type { VassalFile } from './monitor.ts';
import type { Changes } from './settle.ts';
import { Throttle } from './throttle.ts';
import { Vassal, type VassalPorts } from './vassal.ts';

export interface EmperorPorts extends Pick<VassalPorts, 'launch' | 'toleranceMs' | 'heartbeatMs' | 'now'> {
  readonly throttle: ThrottlePlan;
  readonly after: After;
  readonly log: Log;
}

export class Emperor {
  readonly #ports: EmperorPorts;
  readonly #vassals = new Map<string, Vassal>();
  #isStopping = false;
  #whenAllGone: () => void = () => undefined;

  constructor(ports: EmperorPorts) {
    this.#ports = ports;
  }

  /** In the order of their coming. */
  get vassals(): readonly Vassal[] {
    return [...this.#vassals.values()];
  }

  /** What has become of the files. */
  follow({ appeared, changed, handedOver, removed }: Changes): void {
    if (this.#isStopping) return;
    for (const path of removed) this.#vassals.get(path)?.stop('gracefully', 'its file is gone');
    for (const file of appeared) this.#add(file);
    for (const file of changed) this.#vassals.get(file.path)?.update(file, 'changed');
    for (const file of handedOver) this.#vassals.get(file.path)?.update(file, 'handed-over');
  }

  reloadAll(): void {
    if (!this.#isStopping) for (const vassal of this.vassals) vassal.reload();
  }

  /** Settled when no vassal is left. Asked a second time, `now` overtakes `gracefully`. */
  stop(how: 'gracefully' | 'now', because: string): Promise<void> {
    this.#isStopping = true;
    const gone = new Promise<void>((resolve) => {
      const before = this.#whenAllGone;
      this.#whenAllGone = () => {
        before();
        resolve();
      };
    });
    for (const vassal of this.vassals) vassal.stop(how, because);
    if (this.#vassals.size === 0) this.#whenAllGone();
    return gone;
  }

  #add(file: VassalFile): void {
    const known = this.#vassals.get(file.path);
    // It is still on its way out.
    if (known !== undefined) return known.update(file, 'appeared');
    const { throttle, ...ports } = this.#ports;
    const vassal = new Vassal(file, { ...ports, throttle: new Throttle(throttle), gone: () => this.#forget(file.path) });
    this.#vassals.set(file.path, vassal);
    vassal.begin();
  }

  #forget(path: string): void {
    this.#vassals.delete(path);
    if (this.#isStopping && this.#vassals.size === 0) this.#whenAllGone();
  }
}
