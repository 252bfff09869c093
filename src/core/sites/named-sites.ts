import { NamedApplicationError } from '../errors/named-application.ts';
import type { Log } from '../log/log.ts';
import { planNamedSite } from '../plan/dynamic.ts';
import type { NamedApplication } from '../plan/named-application.ts';
import type { Plan } from '../plan/plan.ts';
import type { SitePlan } from '../plan/sites.ts';
import { TouchWatch } from '../util/touch.ts';
import type { Site } from './site.ts';
import type { SiteGateway } from './site-gateway.ts';

export interface NamedSitesPorts {
  /** The plan of the server. */
  readonly plan: () => Plan;
  readonly make: (plan: SitePlan) => Site;
  /** Ends a site that is not needed any more. */
  readonly dismiss: (site: Site) => void;
  readonly gateway: () => SiteGateway | undefined;
  readonly log: Log;
}

interface Named {
  readonly application: NamedApplication;
  readonly site: Site;
  /** Looks at the file of UWSGI_TOUCH_RELOAD. */
  readonly touch: TouchWatch | undefined;
}

/** The applications that requests have named. Each comes up with its first request, which waits for it; others do not. */
export class NamedSites {
  readonly #ports: NamedSitesPorts;
  readonly #named = new Map<string, Named>();
  /** The log's `app` of the next one; those of the configuration come first. */
  #number = 0;

  constructor(ports: NamedSitesPorts) {
    this.#ports = ports;
  }

  get all(): readonly Site[] {
    return Array.from(this.#named.values(), ({ site }) => site);
  }

  /** A request that waits in the gateway names this application. */
  want(application: NamedApplication): void {
    const known = this.#named.get(application.site);
    if (known === undefined) this.#tryToAdd(application);
    // The gateway was started again, and has to be told again.
    else if (known.site.sleep.isAsleep) this.#ports.gateway()?.watch(application.site);
  }

  /** The configuration was read anew, and so is the code of those that are awake. One that fails keeps what it has. @param before the plan until now */
  async reload(before: Plan): Promise<void> {
    if (this.#ports.plan().dynamic === undefined) return this.clear();
    await Promise.all(Array.from(this.#named.values(), (named) => this.#renew(named, before)));
  }

  clear(): void {
    for (const named of this.#named.values()) this.#drop(named);
  }

  #tryToAdd(application: NamedApplication): void {
    try {
      this.#add(application);
    } catch (error) {
      this.#refuse(application, error as Error);
    }
  }

  #add(application: NamedApplication): void {
    const plan = this.#planOf(application, this.#number);
    this.#makeRoom();
    this.#number += 1;
    const site = this.#ports.make(plan);
    const { touchReload } = plan;
    const touch =
      touchReload === undefined ? undefined : new TouchWatch([touchReload], () => void this.#touched(application.site, touchReload));
    this.#named.set(application.site, { application, site, touch });
    site.follow();
    // The gateway knocks at once, since somebody waits.
    site.sleep.fallAsleep().catch((error: unknown) => this.#refuse(application, error as Error));
  }

  #planOf(application: NamedApplication, number: number): SitePlan {
    const { dynamic, sites } = this.#ports.plan();
    if (dynamic === undefined) throw NamedApplicationError.notAllowed();
    return planNamedSite(application, dynamic, sites.length + number);
  }

  /** One that sleeps can be forgotten: the next request names it again. */
  #makeRoom(): void {
    const most = this.#ports.plan().dynamic?.most ?? 0;
    if (this.#named.size < most) return;
    const asleep = [...this.#named.values()].find(({ site }) => site.sleep.isAsleep);
    if (asleep === undefined) throw NamedApplicationError.tooMany(most);
    this.#drop(asleep);
  }

  #drop({ application, site, touch }: Named): void {
    touch?.stop();
    this.#named.delete(application.site);
    this.#ports.gateway()?.forget(application.site);
    this.#ports.dismiss(site);
  }

  #refuse({ site }: NamedApplication, { message }: Error): void {
    const gateway = this.#ports.gateway();
    // In this order: a request that comes in between is told of anew.
    gateway?.forget(site);
    gateway?.refuse({ site, status: 500, reason: message });
  }

  async #touched(name: string, path: string): Promise<void> {
    const named = this.#named.get(name);
    if (named === undefined) return;
    this.#ports.log.event(`${path}, which was touched: reloading ${name}`);
    await this.#renew(named, this.#ports.plan());
  }

  async #renew({ application, site }: Named, before: Plan): Promise<void> {
    try {
      const change = await site.prepare(this.#planOf(application, this.#number), before, 'together');
      await change.commit();
      if (!site.sleep.isAsleep) this.#ports.log.event(`${application.site}: reloaded: ${site.pool.wanted} new workers serve`);
    } catch (error) {
      this.#ports.log.event(`${application.site}: the reload failed, the old workers go on serving: ${(error as Error).message}`);
    }
  }
}
