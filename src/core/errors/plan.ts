import { TsuwsgiError } from './error.ts';
import { APPLICATION_FAILED } from './exit-status.ts';

/** Options that are each right but do not make a server together. */
export class PlanError extends TsuwsgiError {
  readonly code = 'TSU_PLAN';
  override readonly exitStatus: number;

  private constructor(message: string, suggestions: readonly string[], exitStatus = 1) {
    super(message, { suggestions });
    this.exitStatus = exitStatus;
  }

  static noSocket(): PlanError {
    return new PlanError('no address to listen on', ['add --http :9090 for browsers, or --socket 127.0.0.1:3031 for nginx (uwsgi_pass)']);
  }

  static tokenWithoutHttp(): PlanError {
    return new PlanError('stats-token guards what stats-http serves, and there is no stats-http', [
      'add "stats-http = true", or take stats-token away and keep stats on a Unix socket',
    ]);
  }

  static cheaperThanNothing(cheaper: number, processes: number): PlanError {
    return new PlanError(`cheaper = ${cheaper} must be lower than processes = ${processes}`, [
      `write "processes = ${cheaper + 1}" or more: that many there may be under load`,
    ]);
  }

  static unknownAlgorithm(name: string): PlanError {
    return new PlanError(`there is no cheaper-algo "${name}"`, ['write spare, backlog, busyness or manual']);
  }

  static lifetimesCross(min: number, max: number): PlanError {
    return new PlanError(`min-worker-lifetime = ${min} must be lower than max-worker-lifetime = ${max}`, [
      `write "min-worker-lifetime = ${Math.max(0, max - 1)}" or less (it is 10 when not given)`,
    ]);
  }

  static asUserAsRoot(option: string): PlanError {
    return new PlanError(`${option} and master-as-root do not go together: the master, which runs it, stays root`, [
      'use hook-pre-app or hook-post-fork, which run as the user of uid, or leave master-as-root out',
    ]);
  }

  static sameMountpoint(mountpoint: string): PlanError {
    const where = mountpoint === '' ? 'without a mountpoint' : `at ${mountpoint}`;
    return new PlanError(`two applications ${where}`, ['give each of them a mountpoint of its own: mount = /path=application.py']);
  }

  static warmupForNobody(text: string): PlanError {
    return new PlanError(`warmup = ${text}: no application is mounted there, and no-default-app answers 404`, [
      'write a path below a mountpoint, or take this warmup away',
    ]);
  }

  static noLogger(option: string, name: string): PlanError {
    return new PlanError(`there is no ${option} with the name "${name}"`, [`write "${option} = ${name} file:/var/log/${name}.log"`]);
  }

  static sameName(option: string, name: string): PlanError {
    return new PlanError(`${option} declares "${name}" twice`, ['give each of them a name of its own']);
  }

  static noCache(cache: string | undefined, key: string): PlanError {
    return new PlanError(`there is no cache ${cache === undefined ? '' : `"${cache}" `}for ${key}`, [
      `declare it: cache2 = name=${cache ?? 'default'},items=1000`,
    ]);
  }

  static tooManyMetrics(most: number): PlanError {
    return new PlanError(`there is room for ${most} metrics`, [
      'keep what is counted for many things in a cache: cache2 and uwsgi.cache_inc()',
    ]);
  }

  static emperorWithApplication(): PlanError {
    return new PlanError('an emperor serves no application and listens on no address itself', [
      'give the application a config file of its own among those of the vassals',
      'leave "emperor" out to serve it alone',
    ]);
  }

  static tyrantAsUser(): PlanError {
    return new PlanError('emperor-tyrant does not go with uid and gid: only root can run each vassal as the owner of its file', [
      'leave uid and gid out: no vassal runs as root',
      'leave emperor-tyrant out: all vassals run as the user of uid',
    ]);
  }

  static tyrantWithoutRoot(): PlanError {
    return new PlanError('emperor-tyrant: only root can run each vassal as the owner of its file', [
      'start the emperor as root',
      'leave emperor-tyrant out: all vassals run as the user of the emperor',
    ]);
  }

  static unknownMonitor(text: string, scheme: string): PlanError {
    return new PlanError(`emperor = ${text}: there is no monitor "${scheme}"`, [
      'write the path of a directory of config files, or a pattern such as /srv/*/app.ini',
    ]);
  }

  static noApplication(): PlanError {
    return new PlanError('no application to serve', ['add --wsgi-file server.py or --module package.module'], APPLICATION_FAILED);
  }
}
